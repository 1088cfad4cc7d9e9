"""`autoae study create`: from a study file to a study."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from autoae.spec.study import StudySpec


class IfExists(StrEnum):
    """What to do where a study of that name is there already."""

    ERROR = "error"
    REUSE = "reuse"


def create(  # noqa: PLR0913, PLR0917 - one parameter an option
    source: options.Source,
    name: options.Name = None,
    given: options.Set = None,
    profile: options.Profile = None,
    trials: options.Trials = None,
    timeout: options.Timeout = None,
    workers: options.Workers = None,
    device: options.Device = None,
    seed: options.Seed = None,
    storage: options.Storage = None,
    run: Annotated[bool, typer.Option("--run", help="Run it at once.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would search and cost; create nothing.")
    ] = False,
    if_exists: Annotated[
        IfExists, typer.Option(help="Refuse a name that is taken, or take that study up.")
    ] = IfExists.ERROR,
    tensorboard: options.TensorBoard = False,
    as_json: options.AsJson = False,
) -> None:
    """Create a study from a preset or a study file."""
    from autoae.cli.images import images_of
    from autoae.cli.running import Wishes, check_event_files, run_and_answer, worker_count
    from autoae.cli.survey import survey
    from autoae.spec.reading import read_study

    check_event_files(asked=tensorboard)
    short = options.overrides(given, trials=trials, timeout=timeout, device=device, seed=seed)
    spec = read_study(source, profile=profile, overrides=short, name=name)
    found = survey(spec, images_of)
    if dry_run:
        from autoae.cli import dry_run as dry

        dry.dry_run(spec, found, worker_count(workers), as_json=as_json)
        return
    _create(spec, storage, reuse=if_exists is IfExists.REUSE)
    if not run:
        words = f"study run {spec.name}{' --tensorboard' if tensorboard else ''}"
        _say_how_to_run(spec.name, words, storage, as_json=as_json)
    else:
        run_and_answer(
            spec.name, storage, Wishes(workers, tensorboard=tensorboard), as_json=as_json
        )


def _create(spec: "StudySpec", storage: str | None, *, reuse: bool) -> None:
    from autoae.cli.opened import warn_of_network_disk
    from autoae.store.storage import close_storage, open_storage, shown_url, storage_url
    from autoae.store.studies import create_study

    url = storage_url(storage)
    warn_of_network_disk(url)
    backend = open_storage(url)
    try:
        create_study(backend, spec, reuse=reuse)
    finally:
        close_storage(backend)
    trials = "1 trial" if spec.budget == 1 else f"{spec.budget} trials"
    note(f"study {spec.name}: {trials} in {shown_url(url)}")
    if spec.runs():
        note("every one is trained in full: lists and ablations are never pruned")


def _say_how_to_run(name: str, words: str, storage: str | None, *, as_json: bool) -> None:
    from autoae.cli.opened import command
    from autoae.store.storage import shown_url, storage_url

    run = command(words, storage)
    if as_json:
        show(
            {"study": name, "storage": shown_url(storage_url(storage)), "run": run},
            lambda: run,
            as_json=True,
        )
    else:
        note(f"run it with: {run}")
