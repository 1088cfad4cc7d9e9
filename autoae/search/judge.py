"""Which trials go on at the epochs where a pruner decides."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Protocol

from optuna.trial import FrozenTrial, Trial, TrialState

from autoae.search.figures import Figures, to_minimise
from autoae.search.front_pruner import Contender, falls_behind
from autoae.search.ledger import Ledger
from autoae.search.pruners import PRUNERS, pruner_name
from autoae.spec.metrics import COSTS, KNOWN_BEFORE_TRAINING, METRICS
from autoae.spec.study import StudySpec
from autoae.store.attributes import CURVE, REFUSED


class Judge(Protocol):
    """Hears of every epoch and decides at the rungs."""

    def rungs(self, epochs: int) -> frozenset[int]:
        """The epochs after which a trial of so many epochs may be pruned."""

    def epoch(self, trial: Trial, epoch: int, figures: Figures) -> None:
        """A trial has done an epoch; figures are its metrics and the costs known so far."""

    def prunes(self, trial: Trial, epoch: int) -> bool:
        """Whether to stop a trial after an epoch of which `epoch` was told."""
        ...

    def ended(self, number: int) -> Mapping[str, object]:
        """What to keep with a trial that has ended."""
        ...


def judge_for(spec: StudySpec, ledger: Ledger) -> Judge:
    """The judge of a study: Optuna's pruner for one objective, our own for several."""
    several = len(spec.objectives) > 1
    return FrontJudge(spec, ledger) if several else CurveJudge(spec)


class CurveJudge:
    """One objective: its values are told to Optuna, whose pruner decides."""

    def __init__(self, spec: StudySpec) -> None:
        self._metric = spec.objectives[0].metric
        self._rungs = PRUNERS[pruner_name(spec)].rungs

    def rungs(self, epochs: int) -> frozenset[int]:
        """The epochs after which a trial of so many epochs may be pruned."""
        return self._rungs(epochs)

    def epoch(self, trial: Trial, epoch: int, figures: Figures) -> None:
        """Report the value, unless the objective is a cost: that has no curve."""
        if self._metric in figures and self._metric not in COSTS:
            trial.report(figures[self._metric], epoch)

    def prunes(self, trial: Trial, epoch: int) -> bool:
        """What Optuna's pruner says."""
        del epoch
        return trial.should_prune()

    def ended(self, number: int) -> Mapping[str, object]:
        """Nothing: Optuna keeps the curve."""
        del number
        return {}


class FrontJudge:
    """Several objectives: curves are kept as an attribute, and our own rule decides.

    Optuna cannot report several values, and its TPE fails on pruned trials of such a study that
    have intermediate values.
    """

    def __init__(self, spec: StudySpec, ledger: Ledger) -> None:
        self._objectives = spec.objectives
        self._costs = [o for o in spec.objectives if o.metric in KNOWN_BEFORE_TRAINING]
        self._learned = [o for o in spec.objectives if o.metric in METRICS]
        self._rungs = PRUNERS[pruner_name(spec)].rungs
        self._ledger = ledger
        self._curves: dict[int, dict[str, list[float]]] = {}

    def rungs(self, epochs: int) -> frozenset[int]:
        """The epochs after which a trial of so many epochs may be pruned."""
        return self._rungs(epochs)

    def epoch(self, trial: Trial, epoch: int, figures: Figures) -> None:
        """Add the values to the curves."""
        del epoch
        curves = self._curves.setdefault(trial.number, {})
        for objective in self._objectives:
            if objective.metric in figures:
                curves.setdefault(objective.metric, []).append(figures[objective.metric])

    def prunes(self, trial: Trial, epoch: int) -> bool:
        """Whether too many trials stand in better fronts at this epoch."""
        curves = self._curves[trial.number]
        # Kept at every rung, so that trials of later runs can be compared with this one.
        self._ledger.note(trial.number, {CURVE: _kept(curves)})
        others = (
            self._contender(_at(epoch, each.user_attrs.get(CURVE, {})))
            for each in self._ledger.trials()
            if each.number != trial.number and _compares(each)
        )
        own = self._contender(_at(epoch, curves))
        return falls_behind(own, [each for each in others if _alike(each, own)])

    def ended(self, number: int) -> Mapping[str, object]:
        """The curves, which are forgotten here."""
        curves = self._curves.pop(number, None)
        return {} if curves is None else {CURVE: _kept(curves)}

    def _contender(self, figures: Figures) -> Contender:
        return Contender(to_minimise(self._costs, figures), to_minimise(self._learned, figures))


def _kept(curves: Mapping[str, Sequence[float]]) -> dict[str, list[float | None]]:
    """Curves as an attribute: JSON knows no infinity."""
    return {
        name: [value if isfinite(value) else None for value in curve]
        for name, curve in curves.items()
    }


def _at(epoch: int, curves: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
    at = {name: curve[epoch - 1] for name, curve in curves.items() if len(curve) >= epoch}
    return {name: value for name, value in at.items() if value is not None}


def _alike(one: Contender, other: Contender) -> bool:
    """Whether the same objectives are known of both."""
    return len(one.costs) == len(other.costs) and len(one.values) == len(other.values)


def _compares(trial: FrozenTrial) -> bool:
    failed = trial.state == TrialState.FAIL
    return not failed and trial.user_attrs.get(REFUSED) is not True
