"""Images that are composed of others: which options say how, and what does not fit."""

from autoae.spec.config import DataOptions
from autoae.spec.errors import Unbuildable

COMPOSED = "double-mnist"
"""The data set whose images hold several digits."""

DIGIT_SIDE = 28
"""Pixels on a side of the digits that it is composed of."""

_OPTIONS = ("digits", "canvas", "overlap", "images", "compose_seed")


def check_composition(options: DataOptions) -> None:
    """Refuse options of a composed data set for another one, and digits that do not fit.

    Raises:
        Unbuildable: With the key and the reason.
    """
    if options.dataset != COMPOSED:
        _check_not_given(options)
        return
    room = (options.canvas // DIGIT_SIDE) ** 2
    most = max(options.digits)
    if room == 0:
        raise Unbuildable(
            f"a canvas of {options.canvas} pixels holds no digit of {DIGIT_SIDE}",
            key="data.canvas",
        )
    if most > room and not options.overlap:
        raise Unbuildable(
            f"{most} digits of {DIGIT_SIDE} pixels do not fit on a canvas of {options.canvas} "
            f"without overlap, {room} at most",
            hint="set data.overlap: true, fewer data.digits, or a larger data.canvas",
            key="data.digits",
        )


def _check_not_given(options: DataOptions) -> None:
    for name in _OPTIONS:
        if getattr(options, name) != DataOptions.model_fields[name].default:
            raise Unbuildable(
                f"is for the data set {COMPOSED}, not for {options.dataset!r}",
                hint="leave it out",
                key=f"data.{name}",
            )
