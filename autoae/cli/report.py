"""`autoae study report`: a study as one page, as text or as facts, and its figures as files."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, plain

if TYPE_CHECKING:
    from autoae.analysis.confirmation import Confirmation
    from autoae.cli.opened import Opened
    from autoae.spec.study import StudySpec
    from autoae.views.report.blocks import Report
    from autoae.views.report.material import Material

_STDOUT = Path("-")


class Format(StrEnum):
    """What `study report` can write."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"


def report(
    study: options.Study,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.HTML,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Where to; `-` is stdout. STUDY.html here for a page, stdout for the others.",
            dir_okay=False,
            allow_dash=True,
            show_default=False,
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            help="Also write every figure as PDF and PNG and every table as CSV and LaTeX, here.",
            metavar="DIR",
            file_okay=False,
            show_default=False,
        ),
    ] = None,
    storage: options.Storage = None,
) -> None:
    """Write a study as a report: the answer with its evidence, on a page that needs no network."""
    from datetime import datetime

    from autoae.cli.opened import opened
    from autoae.views.report.build import build

    with opened(study, storage) as found:
        material = material_of(found, storage)
    made = build(material, datetime.now().astimezone())
    place = output or (Path(f"{study}.html") if form is Format.HTML else _STDOUT)
    linked = None if figures is None else _seen_from(place, figures)
    _deliver(_written(material, made, form, linked), place)
    if figures is not None:
        _write_figures(made, figures)


def page(study: "Opened", storage: str | None) -> str:
    """The report of a study as an HTML page, on which no network is needed.

    Args:
        study: Opened.
        storage: As the user gave it, for the commands on the page.
    """
    from datetime import datetime

    from autoae.views.report.build import build
    from autoae.views.report.html import html

    return html(build(material_of(study, storage), datetime.now().astimezone()))


def material_of(study: "Opened", storage: str | None) -> "Material":
    """Everything that a report of a study is written from.

    Args:
        study: Opened.
        storage: As the user gave it, for the commands on the page.
    """
    from autoae import __version__
    from autoae.analysis.evidence import gather
    from autoae.analysis.opening import opening_facts
    from autoae.cli.followers import following
    from autoae.cli.opened import command
    from autoae.store.runs import run_root
    from autoae.store.storage import shown_url
    from autoae.views.report.material import Material
    from autoae.views.report.runs import Folders

    name = study.spec.name
    again, confirmed = _confirmed(study)
    split = study.test_split()
    opening = opening_facts(split) if split else None
    commands = (
        (f"autoae study create {name}.yaml --run", "train it again, from the study file below"),
        (command(f"study report {name}", storage), "write this report again"),
        (command(f"study show {name}", storage), "the same in short"),
    )
    return Material(
        evidence=gather(
            study.snapshot(),
            study.spec,
            confirmation=confirmed,
            opening=opening,
            following=following(study),
        ),
        folders=Folders(run_root(study.url), name),
        storage=shown_url(study.url),
        commands=commands,
        version=__version__,
        again=again,
        split=split,
    )


def _confirmed(study: "Opened") -> "tuple[StudySpec | None, Confirmation | None]":
    """The study that trained the best trials again, and what it says; nothing if there is none."""
    from autoae.analysis.confirmation import confirmation
    from autoae.cli.followers import follower
    from autoae.store.attributes import CONFIRMATION

    again = follower(study, CONFIRMATION)
    return (None, None) if again is None else (again.spec, confirmation(again.snapshot()))


def _written(material: "Material", made: "Report", form: Format, figures: str | None) -> str:
    """The text of the report."""
    from autoae.views.report.facts import facts
    from autoae.views.report.html import html
    from autoae.views.report.markdown import markdown

    if form is Format.HTML:
        return html(made)
    if form is Format.MARKDOWN:
        return markdown(made, figures)
    return json.dumps(plain(facts(material)), indent=2, ensure_ascii=False) + "\n"


def _deliver(text: str, place: Path) -> None:
    """To stdout, or to a file whose name goes to stdout."""
    if place == _STDOUT:
        typer.echo(text, nl=False)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    typer.echo(str(place))


def _seen_from(place: Path, folder: Path) -> str:
    """The folder of the figures, as a text in that place has to name it."""
    start = Path.cwd() if place == _STDOUT else place.parent
    return Path(os.path.relpath(folder, start)).as_posix()


def _write_figures(made: "Report", folder: Path) -> None:
    from autoae.views.report.static import write_files

    files = write_files(made, folder)
    note(f"wrote {len(files)} files of figures and tables to {folder}")
