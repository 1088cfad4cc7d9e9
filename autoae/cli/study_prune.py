"""`autoae study prune-files`."""

import re
from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note

_KEEP = re.compile(r"best:([1-9]\d*)")


def _count(text: str) -> int:
    """How many of the best are kept.

    Raises:
        typer.BadParameter: It says something else.
    """
    match = _KEEP.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} says not what to keep; write best:10")
    return int(match[1])


def prune_files(
    study: options.Study,
    keep: Annotated[
        int,
        typer.Option(parser=_count, metavar="best:N", help="The trials that keep all their files."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be freed and delete nothing.")
    ] = False,
    yes: options.Yes = False,
    storage: options.Storage = None,
) -> None:
    """Delete checkpoints, weights and pictures of all but the best trials; metrics stay."""
    from autoae.analysis.best import best_trials
    from autoae.cli.opened import opened
    from autoae.store.clearing import clearing
    from autoae.store.runs import run_root

    with opened(study, storage) as found:
        snapshot, root = found.snapshot(), run_root(found.url)
    best = tuple(trial.number for trial in best_trials(snapshot, keep))
    freed = clearing(snapshot, root, best)
    what = f"{len(freed.files)} files of {len(freed.trials)} trials, {freed.size / 1e6:,.1f} MB"
    kept = f"the best trials keep theirs: {', '.join(map(str, best)) or 'there are none yet'}"
    if dry_run or not freed.files:
        note(f"to be deleted in {root / study}: {what}; {kept}")
        return
    if not yes:
        typer.confirm(f"Delete {what}, in {root / study} ({kept})?", abort=True, err=True)
    freed.delete()
    note(f"deleted {what}; {kept}")
