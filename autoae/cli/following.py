"""Studies that follow another one: an ablation around its winner, a confirmation of its best."""

from statistics import fmean

from autoae.cli.opened import Opened, command
from autoae.cli.output import note
from autoae.cli.running import worker_count
from autoae.spec.document import value_at
from autoae.spec.errors import UserError
from autoae.spec.study import StudySpec
from autoae.store.attributes import ORIGIN
from autoae.store.leases import is_lost
from autoae.store.snapshot import StudySnapshot
from autoae.store.studies import create_study
from autoae.views.numbers import roughly


class NotReady(UserError):
    """A study is not yet, or never will be, what a command needs."""


def needs_finished(study: StudySnapshot, what: str, storage: str | None) -> None:
    """Refuse a study that still trains, or that has no complete trial.

    Args:
        study: At this moment.
        what: What would come too early, as `a confirmation`.
        storage: As the user gave it, for the next command.

    Raises:
        NotReady: With the command that mends it.
    """
    if running := live_trials(study):
        plural = "trial is" if len(running) == 1 else "trials are"
        raise NotReady(
            f"{len(running)} {plural} still running, so {what} would come too early",
            hint=f"wait, or stop it: {command(f'study stop {study.name}', storage)}",
        )
    if not study.of_state("COMPLETE"):
        raise NotReady(
            f"study {study.name!r} has no complete trial, and {what} needs one",
            hint=command(f"study run {study.name}", storage),
        )


def live_trials(study: StudySnapshot) -> tuple[int, ...]:
    """The running trials that somebody still trains."""
    running = study.of_state("RUNNING")
    return tuple(t.number for t in running if t.lease is None or not is_lost(t.lease))


def create_following(found: Opened, spec: StudySpec, kind: str) -> None:
    """Create a study that follows another one, or take it up where it is the same.

    Args:
        found: The study that it follows; it is told what follows it.
        spec: Of the new one.
        kind: The attribute under which it is told, as `CONFIRMATION`.

    Raises:
        StudyExists: A study of that name is another one.
    """
    study = create_study(found.storage, spec, reuse=True)
    study.set_user_attr(ORIGIN, found.spec.name)
    found.study.set_user_attr(kind, spec.name)


def say_what_comes(
    spec: StudySpec, variants: int, seconds: float | None, workers: int | None
) -> None:
    """Say how much there is to train, and how long that may take.

    Args:
        spec: Of the study that is created.
        variants: Networks in it.
        seconds: That a training took so far, if known.
        workers: As the user gave it.
    """
    runs, seeds = len(spec.runs()), spec.settings.search.seeds
    time = ""
    if seconds is not None:
        time = f", about {roughly(runs * seconds / worker_count(workers))}"
    note(f"study {spec.name}: {variants} variants x {seeds} seeds = {runs} trials{time}")


def mean_seconds(study: StudySnapshot) -> float | None:
    """How long a complete training took on average."""
    times = [t.costs["seconds"] for t in study.of_state("COMPLETE") if "seconds" in t.costs]
    return fmean(times) if times else None


def say_without_validation(spec: StudySpec) -> None:
    """Say where figures are those of the images that were learned."""
    if value_at(spec.tree, "data.validation") == 0:
        note(
            f"study {spec.name} holds no images out (data.validation is 0): its figures are those "
            "of the images that it was trained on"
        )
