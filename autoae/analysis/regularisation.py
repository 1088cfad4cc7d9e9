"""Does reconstruction regularise, and which variants differ in how they are regularised?"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product

from scipy.special import stdtr

from autoae.analysis.effects.corrections import holm
from autoae.analysis.effects.paired_doubts import FEWEST_PAIRS
from autoae.analysis.gaps import gap_of
from autoae.analysis.groups import CONFIDENCE, Group, Mean, mean_of
from autoae.spec.domains import Value
from autoae.spec.notation import parse, show
from autoae.store.snapshot import TrialSnapshot

_SEEDS = ("training.seed", "data.order_seed")
_RECONSTRUCTION = ("loss.beta", "model.decoder")
_REGULARISERS = ("loss.gamma", "model.dropout", "model.dropout_after", "training.weight_decay")
_NOTED = ("model.encoder.layers", "model.head")

_ROUNDING = 1e-12
"""Gaps that spread no more than this are the same: shares of few images often are."""

Tree = dict[str, Value]


@dataclass(frozen=True)
class Regularisation:
    """What reconstruction does to the gap between training and validation images.

    Attributes:
        figure: `accuracy` or `task`, see `autoae.analysis.gaps`.
        reconstructing: The variant with a decoder that is trained.
        other: The same without one, or with beta 0.
        change: Of the gap by reconstruction, seed by seed; below 0 it is smaller with it.
        p: Of no change, corrected for all comparisons in this figure (Holm, 1979); None where
            there are too few seeds, or they do not spread.
    """

    figure: str
    reconstructing: Group
    other: Group
    change: Mean
    p: float | None = None

    @property
    def verdict(self) -> str:
        """`smaller gap`, `larger gap`, or `no evidence`."""
        if self.p is None or self.p > 1 - CONFIDENCE:
            return "no evidence"
        return "smaller gap" if self.change.mean < 0 else "larger gap"


def regularisations(groups: Sequence[Group]) -> tuple[Regularisation, ...]:
    """Every two variants that differ in beta and decoder alone, where one reconstructs.

    Args:
        groups: The variants of a list or an ablation.

    Returns:
        In accuracy, then in the loss of the task.
    """
    pairs = list(_pairs(groups))
    return tuple(each for figure in ("accuracy", "task") for each in _corrected(pairs, figure))


def regularisation_steps(groups: Sequence[Group]) -> tuple[tuple[Group, ...], ...]:
    """Variants that differ in dropout, gamma and weight decay alone, in their order of the file."""
    return tuple(each for each in _families(groups, _unregularised) if len(each) > 1)


def reconstructs(trial: TrialSnapshot) -> bool:
    """Whether a trial's decoder was trained to give back its images."""
    tree = trial.configuration
    return _leaf(tree, "model.decoder") != "none" and _leaf(tree, "loss.beta") != 0


def in_file_order(groups: Sequence[Group]) -> list[Group]:
    """The variants with a complete trial, as they were written."""
    complete = (group for group in groups if group.trials)
    return sorted(complete, key=lambda group: min(trial.number for trial in group.trials))


def _pairs(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    for family in _families(groups, lambda tree: _without(tree, _RECONSTRUCTION)):
        sides = [[g for g in family if reconstructs(g.trials[0]) is side] for side in (True, False)]
        yield from product(*sides)


def _corrected(pairs: Sequence[tuple[Group, Group]], figure: str) -> Iterator[Regularisation]:
    compared = [(pair, mean) for pair in pairs if (mean := _change(*pair, figure))]
    known = [p for _, mean in compared if (p := _p(mean)) is not None]
    adjusted = iter(holm(known))
    for pair, mean in compared:
        yield Regularisation(figure, *pair, mean, None if _p(mean) is None else next(adjusted))


def _change(one: Group, other: Group, figure: str) -> Mean | None:
    """By how much the gap differs, over the seeds that both have."""
    ours, theirs = (_gaps(group, figure) for group in (one, other))
    return mean_of(ours[seed] - theirs[seed] for seed in ours if seed in theirs)


def _gaps(group: Group, figure: str) -> dict[Value, float]:
    found = ((trial.params.get("seed"), gap_of(trial, figure)) for trial in group.trials)
    return {seed: gap for seed, gap in found if gap is not None}


def _p(mean: Mean) -> float | None:
    """Two-sided, of a mean of 0 (Student, 1908)."""
    if mean.count < FEWEST_PAIRS or mean.error is None or mean.error < _ROUNDING:
        return None
    return 2 * float(stdtr(mean.count - 1, -abs(mean.mean) / mean.error))


def _families(
    groups: Sequence[Group], reduced: Callable[[Tree], Tree]
) -> Iterator[tuple[Group, ...]]:
    """Variants that are alike once reduced and without their seeds."""
    found: dict[str, list[Group]] = {}
    for group in in_file_order(groups):
        tree = deepcopy(dict(group.trials[0].configuration))
        if tree:
            key = json.dumps(reduced(_without(tree, _SEEDS)), sort_keys=True)
            found.setdefault(key, []).append(group)
    return (tuple(each) for each in found.values())


def _unregularised(tree: Tree) -> Tree:
    plain = _without(tree, _REGULARISERS)
    for key in _NOTED:
        text = _leaf(plain, key)
        if isinstance(text, str):
            section, _, name = key.rpartition(".")
            _section(plain, section)[name] = show(replace(e, dropout=None) for e in parse(text))
    return plain


def _without(tree: Tree, keys: Sequence[str]) -> Tree:
    for key in keys:
        section, _, name = key.rpartition(".")
        _section(tree, section).pop(name, None)
    return tree


def _leaf(tree: Mapping[str, Value], key: str) -> Value:
    section, _, name = key.rpartition(".")
    return _section(tree, section).get(name)


def _section(tree: Mapping[str, Value], path: str) -> Tree:
    found: object = tree
    for word in path.split("."):
        found = found.get(word) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
