"""`autoae study run`: continue a study where it stopped."""

from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.monitor import can_show


def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    trials: options.Trials = None,
    timeout: options.Timeout = None,
    workers: options.Workers = None,
    device: options.Device = None,
    tensorboard: options.TensorBoard = False,
    retries: options.Retries = None,
    storage: options.Storage = None,
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Watch it in the monitor; leaving that stops nothing.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Run a study, or continue it where it stopped; Ctrl-C stops it, and nothing is lost."""
    from autoae.cli.running import Wishes, run_and_answer

    wishes = Wishes(workers, device, timeout, trials, tensorboard, retries)
    if monitor and not as_json and can_show():
        from autoae.cli.watching import run_and_watch

        run_and_watch(study, storage, wishes)
    else:
        run_and_answer(study, storage, wishes, as_json=as_json)
