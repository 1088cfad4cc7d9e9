"""`autoae trial publish`: draw the pictures of any trial for the dashboard."""

from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note


def publish(
    study: options.Study,
    trials: Annotated[
        list[int],
        typer.Argument(metavar="TRIAL...", help="Numbers of trials.", show_default=False),
    ],
    storage: options.Storage = None,
) -> None:
    """Draw the pictures of trials where the dashboard shows them: it draws the best by itself."""
    from autoae.cli.opened import command, opened, trial_of
    from autoae.cli.publishing import publisher
    from autoae.spec.errors import SpecError
    from autoae.store.runs import run_root, trial_folder

    with opened(study, storage) as found:
        snapshot = found.snapshot()
        for number in trials:
            trial_of(snapshot, number)
        drawn = publisher(found.storage, found.url, study, storage)
        for number in trials:
            names = drawn.publish(number)
            if not names:
                folder = trial_folder(run_root(found.url), study, number).path
                raise SpecError(
                    f"trial {number} of study {study!r} left nothing to draw in {folder}",
                    hint=command(f"model train --from {study}:{number}", storage),
                )
            note(f"trial {number}: {', '.join(names)}")
    note(f"see them with: {command('dashboard', storage)}")
