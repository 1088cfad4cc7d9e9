"""The rules that `front_pruning.py` compares: none, others that were tried, the one in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autoae.search.front_pruner import MIN_TRIALS, Contender, falls_behind, peers, share_ahead
from autoae.search.pruners import REDUCTION


@dataclass(frozen=True)
class Entry(Contender):
    """A trial at a rung, with what it came to.

    Attributes:
        final: Of a trial that was trained to the end; None of any other.
    """

    final: float | None


Rule = Callable[[Entry, Sequence[Entry]], bool]
"""Whether to prune a trial, from it and the others at the same epoch."""

LOW, HIGH = 1 / REDUCTION, 1 - 1 / REDUCTION


def by_rank(own: Entry, others: Sequence[Entry]) -> bool:
    """Plain non-dominated rank: a quarter of all goes on."""
    if len(others) + 1 < MIN_TRIALS:
        return False
    first, *rest = ((*each.costs, *each.values) for each in (own, *others))
    return share_ahead(first, rest) >= LOW


def by_peers(own: Entry, others: Sequence[Entry]) -> bool:
    """Networks of like cost alone: a quarter of them goes on."""
    return len(others) + 1 >= MIN_TRIALS and _behind_peers(own, others) >= LOW


def by_forecast(own: Entry, others: Sequence[Entry]) -> bool:
    """Like cost, and between the quarters what the front is expected to have over it."""
    if len(others) + 1 < MIN_TRIALS:
        return False
    behind = _behind_peers(own, others)
    return behind >= HIGH or (behind >= LOW and hopeless(own, others))


def hopeless(own: Entry, others: Sequence[Entry]) -> bool:
    """Whether a trial that costs no more ended where this one is not expected to come beyond.

    It is expected to gain what the median of the complete trials gained after this epoch, in the
    spirit of Domhan, Springenberg and Hutter, IJCAI 2015.
    """
    ended = [(other, other.final) for other in others if other.final is not None]
    if len(ended) < MIN_TRIALS:
        return False
    gain = float(np.median([final - other.values[0] for other, final in ended]))
    expected = own.values[0] + gain
    return any(final <= expected and other.costs[0] <= own.costs[0] for other, final in ended)


def _behind_peers(own: Entry, others: Sequence[Entry]) -> float:
    return share_ahead(own.values, [peer.values for peer in peers(own, others)])


RULES: dict[str, Rule] = {
    "none": lambda _own, _others: False,
    "non-dominated rank": by_rank,
    "like cost alone": by_peers,
    "like cost and forecast": by_forecast,
    "front and like cost": falls_behind,
}
"""The first is the measure of the others, the last the one in force."""
