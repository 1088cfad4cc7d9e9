"""`autoae study list | show | export`: what a storage knows of studies."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.store.listing import StudyListing


class Format(StrEnum):
    """What `study export` can write."""

    CSV = "csv"
    JSON = "json"
    LATEX = "latex"


def list_studies(storage: options.Storage = None, as_json: options.AsJson = False) -> None:
    """List the studies of the storage."""
    from autoae.store.listing import study_list
    from autoae.store.storage import shown_url, storage_url

    url = storage_url(storage)
    studies = study_list(url)
    if not studies:
        note(f"there is no study in {shown_url(url)}; `autoae study create` makes one")
    if studies or as_json:
        show(studies, lambda: _table(studies), as_json=as_json)


def show_study(
    study: options.Study, storage: options.Storage = None, as_json: options.AsJson = False
) -> None:
    """Show a study: the best trials, what mattered, the front, the files, what to do next."""
    from autoae.cli.answer import answer
    from autoae.cli.opened import opened

    with opened(study, storage) as found:
        answer(found, storage, as_json=as_json)


def export(
    study: options.Study,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.CSV,
    storage: options.Storage = None,
) -> None:
    """Print every trial as CSV or JSON, or the complete ones as a LaTeX table."""
    from autoae.cli.opened import opened
    from autoae.views import exports

    with opened(study, storage) as found:
        snapshot, split = found.snapshot(), found.test_split()
    if form is Format.JSON:
        show(exports.rows(snapshot, split), lambda: "", as_json=True)
    else:
        text = exports.csv_text if form is Format.CSV else exports.latex_text
        typer.echo(text(snapshot, split), nl=False)


def _table(studies: "tuple[StudyListing, ...]") -> "RenderableType":
    from autoae.views.tables import number, table, wide, words

    columns = [
        wide("study"),
        number("trials"),
        number("running"),
        number("best"),
        words("objective"),
        words("active"),
        words("state"),
    ]
    return table(columns, [_row(study) for study in studies])


def _row(study: "StudyListing") -> list[str]:
    from autoae.views.numbers import figure

    budget = "" if study.budget is None else f"/{study.budget}"
    return [
        study.name,
        f"{study.done}{budget}",
        str(study.counts.get("RUNNING", 0)),
        figure(study.best),
        ", ".join(metric for metric, _ in study.objectives),
        f"{study.active:%Y-%m-%d %H:%M}" if study.active else "–",
        _state(study),
    ]


def _state(study: "StudyListing") -> str:
    if study.paused:
        return "paused"
    if study.counts.get("RUNNING", 0):
        return "running"
    return "" if study.budget is None or study.done < study.budget else "done"
