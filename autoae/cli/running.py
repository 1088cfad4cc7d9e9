"""Run a study with somebody watching, then print its answer."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from autoae.cli.errors import ExitCode
from autoae.cli.opened import Opened, command, opened
from autoae.cli.output import is_terminal, note, stdout
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError

if TYPE_CHECKING:
    from autoae.search.ending import Enough
    from autoae.search.run import Outcome, RunOptions
    from autoae.search.shares import Shares
    from autoae.views.plain import PlainView
    from autoae.views.progress import ProgressView

    Run = Callable[[str, str, PlainView | ProgressView], Outcome]


@dataclass(frozen=True)
class Wishes:
    """How the user wants a run.

    Attributes:
        workers: Processes; one per core unless given.
        device: For this run; that of the study file unless given.
        timeout: Seconds; that of the study file unless given.
        trials: The budget from now on; that of the study unless given.
        tensorboard: Write event files into the run folders.
        retries: Of a trial that was lost; the usual number unless given.
        shares: What each worker asks of a Ray cluster; None for processes of this machine.
    """

    workers: int | None = None
    device: str | None = None
    timeout: float | None = None
    trials: int | None = None
    tensorboard: bool = False
    retries: int | None = None
    shares: "Shares | None" = None


def run_and_answer(name: str, storage: str | None, wishes: Wishes, *, as_json: bool) -> None:
    """Run a study and print what it has found out.

    Args:
        name: Of the study.
        storage: As the user gave it.
        wishes: How to run it.
        as_json: Print the answer for programs, and the progress to stderr.

    Raises:
        typer.Exit: It was interrupted.
    """

    def tell(study: Opened) -> None:
        # Imported when all is trained, for it takes as long to load as what runs the study.
        from autoae.cli.answer import answer

        answer(study, storage, as_json=as_json)

    run_and_tell(name, storage, wishes, tell, as_json=as_json)


def run_and_tell(
    name: str,
    storage: str | None,
    wishes: Wishes,
    tell: Callable[[Opened], None],
    *,
    as_json: bool,
) -> None:
    """Run a study, then let something be told of it.

    Args:
        name: Of the study.
        storage: As the user gave it.
        wishes: How to run it.
        tell: Prints what the study has found out.
        as_json: Print the progress to stderr.

    Raises:
        typer.Exit: It was interrupted.
    """
    with (
        trained(name, storage, wishes, as_json=as_json) as outcome,
        opened(name, storage) as study,
    ):
        tell(study)
    shares = wishes.shares.options() if wishes.shares else []
    _finish(name, storage, outcome, shlex.join(["study", "run", name, *shares]))


@contextmanager
def trained(
    name: str,
    storage: str | None,
    wishes: Wishes,
    *,
    as_json: bool,
    enough: "Enough | None" = None,
) -> "Iterator[Outcome]":
    """Run a study with somebody watching; within the block the dashboard's view is kept up.

    Args:
        name: Of the study.
        storage: As the user gave it.
        wishes: How to run it.
        as_json: Print the progress to stderr.
        enough: Says why no further trial is needed.

    Yields:
        How the run ended.
    """
    from autoae.cli.drawing import published

    url, timeout = _checked(name, storage, wishes)
    options = replace(_options(wishes), enough=enough)
    with published(name, url, storage, note):
        with _launched(wishes, options) as run, _view(timeout, as_json=as_json) as view:
            outcome = run(name, url, view)
        yield outcome


def join(name: str, storage: str | None, wishes: Wishes) -> None:
    """Train for a study that others run too, until its budget is used up.

    Nothing is drawn or answered here: that is for whoever runs the study, or looks at it.

    Args:
        name: Of the study.
        storage: As the user gave it.
        wishes: How to run it.

    Raises:
        typer.Exit: It was interrupted.
    """
    from autoae.search.run import run_study

    url, timeout = _checked(name, storage, wishes)
    with _view(timeout, as_json=False) as view:
        outcome = run_study(name, url, replace(_options(wishes), joins=True), view)
    _finish(name, storage, outcome, f"worker {name}")


def _checked(name: str, storage: str | None, wishes: Wishes) -> tuple[str, float | None]:
    """The URL of the storage and the time limit, once it is known that the run can begin."""
    check_event_files(asked=wishes.tensorboard)
    with opened(name, storage) as study:
        training = study.spec.tree.get("training")
        if wishes.shares is None:
            check_device(wishes.device, training)
        else:
            _check_shares(wishes.shares, wishes.device, training)
        return study.url, wishes.timeout or study.spec.settings.search.timeout


def _options(wishes: Wishes) -> "RunOptions":
    from autoae.search.retrying import RETRIES
    from autoae.search.run import RunOptions

    return RunOptions(
        workers=worker_count(wishes.workers),
        device=wishes.device,
        timeout=wishes.timeout,
        trials=wishes.trials,
        tensorboard=wishes.tensorboard,
        retries=RETRIES if wishes.retries is None else wishes.retries,
    )


@contextmanager
def _launched(wishes: Wishes, options: "RunOptions") -> "Iterator[Run]":
    """What runs a study with the workers that the user wants, where they are wanted."""
    from autoae.search.run import run_study

    if wishes.shares is None:
        yield lambda name, url, view: run_study(name, url, options, view)
        return
    from autoae.search.cluster import connected

    with connected(wishes.shares, wishes.workers) as cluster:
        many = replace(options, workers=wishes.workers or cluster.room)
        yield lambda name, url, view: run_study(name, url, many, view, launch=cluster.launch)


def check_event_files(*, asked: bool) -> None:
    """Refuse event files that this machine cannot write before anything is created.

    Raises:
        SearchError: The package is missing.
    """
    if asked:
        from autoae.search.event_files import check_tensorboard

        check_tensorboard()


def check_device(given: str | None, training: Value) -> None:
    """Refuse a device that this machine or the engine lacks before trials are spent on it.

    Args:
        given: For this run, or None.
        training: That section of the study file.

    Raises:
        SpecError: The engine does not train there.
        TrainingError: There is no such device.
    """
    section = training if isinstance(training, dict) else {}
    device = given or section.get("device")
    if not isinstance(device, str) or device in ("auto", "cpu"):
        return
    if section.get("engine") == "numpy":
        reason = f"device {device!r} asked for, but `training.engine: numpy` knows the CPU alone"
        raise SpecError(reason, hint="use `auto` or `cpu`", key="training.device")
    # Only then is torch imported here: the workers do it anyway, and every machine has a CPU.
    from autoae.training.devices import device_of

    device_of(device)


def _check_shares(shares: "Shares", given: str | None, training: Value) -> None:
    """Refuse to train on GPUs of which workers get none; what a node has, its worker sees.

    Raises:
        SpecError: They get none.
    """
    section = training if isinstance(training, dict) else {}
    device = given or section.get("device")
    if isinstance(device, str) and device.startswith("cuda") and not shares.gpus:
        reason = f"device {device!r} asked for, but workers on Ray get no GPU"
        raise SpecError(reason, hint="add --gpus-per-worker 1, or a part", key="training.device")


def worker_count(given: int | None) -> int:
    """Workers as given, else one for each core that this process may use."""
    if given is not None:
        return given
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _view(timeout: float | None, *, as_json: bool) -> "PlainView | ProgressView":
    from autoae.views.plain import PlainView
    from autoae.views.progress import ProgressView

    if as_json:
        return PlainView(sys.stderr)
    return ProgressView(stdout(), timeout=timeout) if is_terminal() else PlainView(sys.stdout)


def _finish(name: str, storage: str | None, outcome: "Outcome", again: str) -> None:
    if outcome.interrupted:
        note(f"interrupted; continue with: {command(again, storage)}")
        raise typer.Exit(int(ExitCode.INTERRUPTED))
    note(f"{name}: {outcome.stopped_because}")
