"""Whether a trial that was trained again has come out.

Training is deterministic: on the same processor, with the same versions, threads and precision,
every figure of every epoch is the same number. Anywhere else sums are taken in another order, and
rounding of one part in ten million grows from step to step, because the weights of one step decide
the gradients of the next. How far it grows depends on the network, so no tolerance follows from
theory: `TOLERANCE` is several times what was measured (docs/bundle.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autoae.spec.metrics import METRICS, SHARES
from autoae.spec.settings import Objective
from autoae.store.runs import Line

TOLERANCE = 0.05
"""Of a figure, where the environments differ."""

SHARE_TOLERANCE = 0.02
"""Of a share of images, in the images, where that is more: a small validation split is coarse."""

TIMED = ("samples_per_second",)
"""Figures of a clock, never the same twice."""

VERSIONS = ("autoae", "torch", "numpy")
"""The packages that decide the figures of a training."""

_FACTS = ("git_commit", "device_name", "cuda", "threads", "precision", "stack")
"""What the figures of a training depend on beside its configuration; a fact that one side does
not know, as the commit of an installed package, counts for nothing."""

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Figure:
    """One figure, then and now.

    Attributes:
        name: Of a metric or a cost.
        then: What the trial has.
        now: What training it again gave; None where it gave none.
        allowed: The difference that is allowed.
    """

    name: str
    then: float
    now: float | None
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the difference is allowed."""
        return self.now is not None and abs(self.now - self.then) <= self.allowed


@dataclass(frozen=True)
class Repetition:
    """What training a trial again has shown.

    Attributes:
        exact: Whether the figures had to be the same, since the environments are.
        differences: Of the environments, in words.
        figures: The objectives, or what chose the best epoch, and the parameters.
        departure: The first figure of an epoch that was not the same, in words; empty if none.
        epochs: How many epochs were compared.
    """

    exact: bool
    differences: tuple[str, ...]
    figures: tuple[Figure, ...]
    departure: str
    epochs: int

    @property
    def holds(self) -> bool:
        """Whether the trial has come out."""
        return all(each.holds for each in self.figures) and not (self.exact and self.departure)


@dataclass(frozen=True)
class Side:
    """One of two trainings of one configuration.

    Attributes:
        environment: On what; empty where that is not known.
        epochs: The figures of each epoch; none where they are not known.
        best: The figures of the epoch that was kept, and the parameters.
    """

    environment: Facts
    epochs: Sequence[Line]
    best: Mapping[str, float]


def repetition(then: Side, now: Side, objectives: Sequence[Objective]) -> Repetition:
    """Set two trainings side by side.

    Args:
        then: The trial.
        now: The same configuration, trained again.
        objectives: Of its study. Those that a clock measures are not compared.
    """
    differences = tuple(environment_differences(then.environment, now.environment))
    exact = not differences
    names = [each.metric for each in objectives if each.metric in METRICS] or ["val_loss"]
    compared = [name for name in (*names, "params") if name in then.best and name not in TIMED]
    figures = tuple(
        Figure(name, then.best[name], now.best.get(name), _allowed(name, then.best[name], exact))
        for name in compared
    )
    departure = next(departures(then.epochs, now.epochs), "")
    return Repetition(exact, differences, figures, departure, len(then.epochs))


def environment_differences(then: Facts, now: Facts) -> Iterator[str]:
    """What keeps two trainings from having the same figures, in words."""
    if not then:
        yield "device, threads and versions of the trial are not known: its run folder was gone"
        return
    before, here = versions_of(then), versions_of(now)
    facts = {f"{name} ": (before.get(name), here.get(name)) for name in VERSIONS}
    facts |= {f"{name.replace('_', ' ')} ": (then.get(name), now.get(name)) for name in _FACTS}
    for words, (was, here_is) in facts.items():
        if was is not None and here_is is not None and was != here_is:
            yield f"{words}{was} then, {here_is} here"


def departures(then: Sequence[Line], now: Sequence[Line]) -> Iterator[str]:
    """Where the figures of two trainings are not the same, in words, epoch by epoch."""
    for epoch, line in enumerate(then, start=1):
        other = now[epoch - 1] if epoch <= len(now) else {}
        for name, was in line.items():
            if name not in TIMED and other.get(name) != was:
                yield f"epoch {epoch}: {name} was {was}, here {other.get(name)}"


def versions_of(facts: Facts) -> Facts:
    """The versions of the packages, as an environment keeps them."""
    packages = facts.get("packages")
    return packages if isinstance(packages, dict) else {}


def _allowed(name: str, then: float, exact: bool) -> float:
    if exact or name == "params":
        return 0.0
    relative = TOLERANCE * abs(then)
    share = name.removeprefix("val_") in SHARES or name == "train_accuracy"
    return max(relative, SHARE_TOLERANCE) if share else relative
