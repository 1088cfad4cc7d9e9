"""The command that trains a trial again with the same result, and what may stand in its way."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.store.runs import RunFolder
from autoae.store.snapshot import TrialSnapshot
from autoae.store.urls import passwords_of


@dataclass(frozen=True)
class Reproduction:
    """How a trial is trained again.

    Attributes:
        command: For a shell, in the folder where the study was run.
        doubts: Why its figures may differ, or mean something else; empty where the same machine
            gives the same figures.
    """

    command: str
    doubts: tuple[str, ...]


def reproduction(
    study: str, trial: TrialSnapshot, folder: RunFolder, storage: str | None = None
) -> Reproduction:
    """How to train a trial again: configuration and seed from the storage, the rest as it was.

    Sums of floating-point numbers depend on device, precision and number of threads, so the
    command says what the run folder says of these.

    Args:
        study: The name of the study.
        trial: That began.
        folder: Its run folder, which may be gone.
        storage: The URL as the command shall name it, or None: as the environment does. One
            with a password is left out.

    Raises:
        SpecError: The trial never began.
    """
    if not trial.configuration:
        raise SpecError(
            f"trial {trial.number} of study {study!r} never started, so it has no configuration",
            hint=f"`autoae trial list {study} --state complete` shows those that have one",
        )
    known = folder.read_environment()
    words = ["autoae", "model", "train", "--from", f"{study}:{trial.number}"]
    words += _as_it_was(known, trial.configuration)
    doubts = [*_doubts(trial, known)]
    if storage and passwords_of(storage):
        doubts.append("the storage has a password: name it with AUTOAE_STORAGE, as it is not shown")
    elif storage:
        words += ["--storage", storage]
    command = f"OMP_NUM_THREADS={known.get('threads', 1)} {shlex.join(words)}"
    return Reproduction(command, tuple(doubts))


def _as_it_was(known: Mapping[str, object], configuration: Mapping[str, Value]) -> Iterator[str]:
    """What was chosen by the machine, because the study file left it open."""
    options = configuration.get("training")
    assert isinstance(options, dict)
    if "device" in known and known["device"] != options.get("device", "auto"):
        yield from ("--device", str(known["device"]))
    if "precision" in known and known["precision"] != options.get("precision", "auto"):
        yield from ("--set", f"training.precision={known['precision']}")


def _doubts(trial: TrialSnapshot, known: Mapping[str, object]) -> Iterator[str]:
    if not known:
        yield "its run folder is gone: device, precision, threads and versions are not known"
    packages = known.get("packages")
    for name, was in packages.items() if isinstance(packages, dict) else ():
        now = _version(name)
        if now != was:
            yield f"it was trained with {name} {was}; here is {now or 'none'}"
    stack = known.get("stack")
    if isinstance(stack, int) and stack > 1:
        yield f"it was trained in a stack of {stack}: alone, sums are rounded otherwise"
    if trial.state != "COMPLETE":
        ended = f"ended after {trial.epochs} epochs"
        yield f"it {ended}, and the command trains on: up to there the figures are the same"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
