"""`autoae study run`: continue a study where it stopped."""

from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.monitor import can_show
from autoae.search.shares import Shares


def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    trials: options.Trials = None,
    timeout: options.Timeout = None,
    workers: options.Workers = None,
    device: options.Device = None,
    tensorboard: options.TensorBoard = False,
    retries: options.Retries = None,
    launcher: Annotated[
        options.Launcher, typer.Option(help="Workers are processes here, or actors of Ray.")
    ] = options.Launcher.LOCAL,
    ray_address: options.RayAddress = None,
    cpus_per_worker: options.CpusPerWorker = None,
    gpus_per_worker: options.GpusPerWorker = None,
    storage: options.Storage = None,
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Watch it in the monitor; leaving that stops nothing.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Run a study, or continue it where it stopped; Ctrl-C stops it, and nothing is lost."""
    from autoae.cli.running import Wishes, run_and_answer

    shares = _shares(launcher, ray_address, cpus_per_worker, gpus_per_worker)
    wishes = Wishes(workers, device, timeout, trials, tensorboard, retries, shares)
    if monitor and not as_json and can_show():
        from autoae.cli.watching import run_and_watch

        run_and_watch(study, storage, wishes)
    else:
        run_and_answer(study, storage, wishes, as_json=as_json)


def _shares(
    launcher: options.Launcher, address: str | None, cpus: float | None, gpus: float | None
) -> Shares | None:
    """What each worker asks of a cluster, or None where there is none."""
    if launcher is options.Launcher.RAY:
        shares = Shares(address, 1.0 if cpus is None else cpus, gpus or 0.0)
        if not shares.cpus and not shares.gpus:
            raise typer.BadParameter("a worker on Ray takes a share of a core or of a GPU")
        return shares
    given = {"--ray-address": address, "--cpus-per-worker": cpus, "--gpus-per-worker": gpus}
    if alone := [name for name, value in given.items() if value is not None]:
        raise typer.BadParameter(f"{alone[0]} is for a run with --launcher ray")
    return None
