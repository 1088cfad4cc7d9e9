"""Where an axis looks: at the good trials, with a word on those that it leaves out.

A few trainings that never learned anything would press all others into one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

from autoae.spec.metrics import Direction
from autoae.views.plots.theme import COUNTS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_FEWEST = 8
_REACH = 1.5
_MARGIN = 0.05


@dataclass(frozen=True)
class Focus:
    """The part of an axis that is shown.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        direction: Which way is better.
    """

    low: float
    high: float
    direction: Direction

    def outside(self, values: Sequence[float]) -> int:
        """How many values are left out."""
        return sum(not self.low <= value <= self.high for value in values)

    @property
    def side(self) -> str:
        """Where those that are left out lie."""
        return "below" if self.direction == "maximize" else "above"


def focus(name: str, values: Sequence[float], direction: Direction) -> Focus | None:
    """The good part of an axis; None where all of it is worth seeing.

    Left out is what is worse than the worst quarter begins by more than 1.5 times the distance
    from there to the best.

    Args:
        name: Of the figure; counts are shown by magnitudes, and whole.
        values: Of the complete trials.
        direction: Which way is better.
    """
    if name in COUNTS or len(values) < _FEWEST:
        return None
    lower, _, upper = quantiles(values, n=4)
    sign = 1 if direction == "maximize" else -1
    quarter, best = (lower, max(values)) if sign > 0 else (upper, min(values))
    end = quarter - _REACH * (best - quarter)
    if best == quarter or all(sign * (value - end) >= 0 for value in values):
        return None
    edge = best + _MARGIN * (best - end)
    return Focus(min(end, edge), max(end, edge), direction)


def look(figure: "Figure", found: Focus | None, values: Sequence[float]) -> "Figure":
    """Turn the vertical axes of a figure to a focus, and say what is left out.

    Args:
        figure: Changed and returned.
        found: Where to look; None changes nothing.
        values: Everything that stands on the axis.
    """
    if found is None:
        return figure
    count = found.outside(values)
    trials = "1 worse trial lies" if count == 1 else f"{count} worse trials lie"
    figure.update_yaxes(range=[found.low, found.high])
    return figure.add_annotation(
        text=f"{trials} {found.side}",
        x=1,
        xref="paper",
        xanchor="right",
        y=0 if found.side == "below" else 1,
        yref="paper",
        yanchor="bottom" if found.side == "below" else "top",
        font={"size": 11},
    )
