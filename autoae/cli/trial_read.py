"""`autoae trial list | show | compare | reproduce`."""

from enum import StrEnum
from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show


class StateName(StrEnum):
    """The states that `trial list` can keep."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"


Number = Annotated[
    int, typer.Argument(metavar="TRIAL", help="Number of the trial.", show_default=False)
]


def list_trials(
    study: options.Study,
    state: Annotated[StateName | None, typer.Option(help="Only trials in this state.")] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """List the trials of a study with their values, costs and networks."""
    from autoae.cli.opened import opened
    from autoae.views.board import state_word
    from autoae.views.tables import trials_table

    with opened(study, storage) as found:
        snapshot = found.snapshot()
    kept = [each for each in snapshot.trials if state in (None, state_word(each.state))]
    if not kept:
        note(f"study {study} has no {state.value if state else ''} trial".replace("  ", " "))
    if kept or as_json:
        show(kept, lambda: trials_table(snapshot, kept), as_json=as_json)


def show_trial(
    study: options.Study,
    trial: Number,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one trial: network, parameters, costs, metrics, curve, files."""
    from autoae.cli.opened import opened, trial_of
    from autoae.store.runs import run_root, trial_folder
    from autoae.views.trial import trial_page

    with opened(study, storage) as found:
        snapshot = found.snapshot()
        chosen = trial_of(snapshot, trial)
        folder = trial_folder(run_root(found.url), study, trial)
        split = found.test_split()
    tested = {"openings": split.count, "figures": split.of(trial)} if split else None
    path = folder.path if folder.path.exists() else None
    files = {"folder": str(path or "–")}
    if folder.error.exists():
        files["traceback"] = str(folder.error)
    show(
        {"trial": chosen, "folder": path, "test": tested},
        lambda: trial_page(snapshot, chosen, files, split),
        as_json=as_json,
    )


def reproduce(
    study: options.Study,
    trial: Number,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Print the command that trains a trial again, with the same figures on the same machine."""
    from autoae.cli.opened import opened, trial_of
    from autoae.store.reproduction import reproduction
    from autoae.store.runs import run_root, trial_folder

    with opened(study, storage) as found:
        chosen = trial_of(found.snapshot(), trial)
        folder = trial_folder(run_root(found.url), study, trial)
    made = reproduction(study, chosen, folder, storage)
    if as_json:
        show(made, lambda: "", as_json=True)
        return
    for doubt in made.doubts:
        note(f"note: {doubt}")
    typer.echo(made.command)  # In one line, however narrow the terminal, to be copied.


def compare(
    study: options.Study,
    first: Annotated[int, typer.Argument(metavar="A", help="A trial.", show_default=False)],
    second: Annotated[int, typer.Argument(metavar="B", help="Another.", show_default=False)],
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Set two trials side by side: what differs between them."""
    from autoae.analysis.compare import differences
    from autoae.cli.opened import opened, trial_of
    from autoae.views.trial import comparison

    with opened(study, storage) as found:
        snapshot = found.snapshot()
    pair = trial_of(snapshot, first), trial_of(snapshot, second)
    differing = differences(snapshot, *pair)
    show(
        {"trials": [first, second], "differences": differing},
        lambda: comparison(pair, differing),
        as_json=as_json,
    )
