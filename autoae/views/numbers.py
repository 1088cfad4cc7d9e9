"""Numbers as people read them, the same in every table."""

import math

_UNITS = ("B", "kB", "MB", "GB", "TB")


def figure(value: float | None) -> str:
    """A metric: four significant digits, small and large ones in scientific notation."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    # Trailing zeros stay, so that columns of figures line up.
    return f"{value:#.4g}".removesuffix(".")


def span(low: float, high: float) -> str:
    """An interval, in as many digits as its width is worth: `0.9595 to 0.9719`."""
    if not 1e-3 <= max(abs(low), abs(high)) < 1e5:
        return f"{low:.2e} to {high:.2e}"
    digits = 1 - math.floor(math.log10(high - low)) if high > low else 4
    texts = (f"{value:.{max(digits, 0)}f}" for value in (low, high))
    return " to ".join(text if float(text) else text.removeprefix("-") for text in texts)


def probability(value: float | None) -> str:
    """A p-value in two digits; below a thousandth it only says so."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def whole(value: float | None) -> str:
    """A count with thousands set apart: `137,441`."""
    return "–" if value is None else f"{value:,.0f}"


def short(value: float | None) -> str:
    """A count in three digits: `137k`, `1.24M`."""
    if value is None:
        return "–"
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{_three_digits(value / factor)}{unit}"
    return f"{value:.0f}" if value == int(value) else figure(value)


def _three_digits(value: float) -> str:
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def cost(name: str, value: float | None) -> str:
    """A figure by its name: parameters and operations as counts, all others as `figure`."""
    return short(value) if name in ("params", "flops") else figure(value)


def clock(seconds: float | None) -> str:
    """A time span as h:mm:ss."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def roughly(seconds: float) -> str:
    """A time span that is only estimated: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """A number of bytes: `1.24 MB`."""
    unit = 0
    while count >= 1000 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} B" if unit == 0 else f"{_three_digits(count)} {_UNITS[unit]}"
