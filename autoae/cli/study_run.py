"""`autoae study run`: continue a study where it stopped."""

from autoae.cli import options


def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    trials: options.Trials = None,
    timeout: options.Timeout = None,
    workers: options.Workers = None,
    device: options.Device = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Run a study, or continue it where it stopped; Ctrl-C stops it, and nothing is lost."""
    from autoae.cli.running import Wishes, run_and_answer

    wishes = Wishes(workers, device, timeout, trials)
    run_and_answer(study, storage, wishes, as_json=as_json)
