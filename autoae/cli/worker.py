"""`autoae worker`: train for a study that other machines train for too."""

from autoae.cli import options


def worker(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    workers: options.Workers = None,
    timeout: options.Timeout = None,
    device: options.Device = None,
    tensorboard: options.TensorBoard = False,
    retries: options.Retries = None,
    storage: options.Storage = None,
) -> None:
    """Join a study on this machine: one budget over all, see docs/scale.md.

    Start it on as many machines as there are, whenever there are. It waits while the study is
    paused, takes over what a machine leaves that dies, and ends when the budget is used up.
    """
    from autoae.cli.running import Wishes, join

    join(study, storage, Wishes(workers, device, timeout, None, tensorboard, retries))
