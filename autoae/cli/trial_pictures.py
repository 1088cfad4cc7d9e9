"""`autoae trial pictures`: what several networks make of the same images, as one picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options

if TYPE_CHECKING:
    from autoae.views.report.runs import Seen


def pictures(
    trials: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY:TRIAL...",
            help="Trials of one study or of several, from top to bottom.",
            autocompletion=complete.trial,
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option(help="Where to, a PNG file.", dir_okay=False)] = Path(
        "reconstructions.png"
    ),
    storage: options.Storage = None,
) -> None:
    """Draw the reconstructions of several trials, side by side below the same originals."""
    from autoae.views.report.pictures import sheet
    from autoae.views.report.strips import side_by_side

    drawn = sheet(side_by_side({text: _seen(text, storage) for text in trials}))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(drawn)
    typer.echo(str(output))


def _seen(text: str, storage: str | None) -> "Seen":
    from autoae.cli.opened import opened, split_trial, trial_of
    from autoae.store.runs import run_root
    from autoae.views.report.runs import Folders
    from autoae.views.report.strips import PicturesError

    name, number = split_trial(text)
    with opened(name, storage) as study:
        trial = trial_of(study.snapshot(), number)
        folders = Folders(run_root(study.url), name)
    seen = folders.seen([trial])
    if not seen:
        where = folders.of(number).arrays
        raise PicturesError(
            f"{text} left no pictures", hint=f"a finished trial keeps them in {where}"
        )
    return seen[0]
