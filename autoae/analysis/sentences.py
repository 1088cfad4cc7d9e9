"""A sentence of an answer, and the words that such sentences share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoae.analysis.classification import wilson
from autoae.analysis.ledger import Interval
from autoae.spec.domains import Value
from autoae.spec.metrics import SHARES
from autoae.store.snapshot import TrialSnapshot


@dataclass(frozen=True)
class Sentence:
    """One statement with what it rests on.

    Attributes:
        text: Plain text.
        trials: Their numbers.
        interval: Of the figure that it states; None where there is none, and the basis says why.
        basis: Where the interval comes from, or why there is none; may be empty.
    """

    text: str
    trials: tuple[int, ...] = ()
    interval: Interval | None = None
    basis: str = ""


def number(value: float) -> str:
    """A figure in four digits."""
    return f"{value:.4g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.2e}"


def percent(share: float) -> str:
    """A share in per cent: `12 %`."""
    return f"{100 * share:.0f} %"


def plural(count: int, word: str) -> str:
    """A count with its noun: `1 trial`, `3 trials`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def listed(words: Sequence[str]) -> str:
    """Words as a list of a sentence: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sampling(trial: TrialSnapshot, metric: str, value: float) -> tuple[Interval | None, str]:
    """How far a share of validation images may be off, for so few images alone.

    Wilson's interval: it leaves out what another seed would change.

    Args:
        trial: It knows how many images were held out.
        metric: Only the likes of accuracy are shares of images.
        value: From 0 to 1.

    Returns:
        The interval, or None, and where it comes from, or why there is none.
    """
    images = _held_out(trial.configuration)
    if metric.removeprefix("val_") not in SHARES or not images or not 0 <= value <= 1:
        return None, "one seed, so no interval"
    interval = wilson(round(value * images), images)
    return interval, f"from {images} validation images; another seed would add to it"


def _held_out(configuration: Mapping[str, Value]) -> int | None:
    data = configuration.get("data")
    images = data.get("validation") if isinstance(data, dict) else None
    return images if isinstance(images, int) else None
