"""The notation of architectures: `C(32) > C'(64,k5,p0) > L(512)`.

| layer | is |
| --- | --- |
| `C(32)`, `C'(32)` | convolution and activation, with and without a max-pool of 2 |
| `S(32)` | convolution of stride 2 and activation |
| `R(64)` | residual block: of convolutions, or of linear layers where its input is flat |
| `L(512)`, `L'(10)` | linear layer, with and without activation |

Arguments follow the width: `k` kernel, `s` stride, `p` padding, `m` max-pool, `d` dropout. Layers
that are alike are written once: `30*R(32)`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, cast

from autoae.spec.errors import SpecError

Symbol = Literal["C", "S", "R", "L"]

_ARGUMENTS = {"C": "kspd", "C'": "kspd", "S": "kspd", "R": "kmd", "L": "d", "L'": ""}
_LEAST = {"k": 1, "s": 1, "p": 0, "m": 1}
MOST_LAYERS = 1000
"""Of one part of a network."""

_REPEATED = re.compile(r"([1-9][0-9]{0,2})\s*\*")
_ALIKE = 4
"""Layers in a row from which on they are shown as one with its number."""


@dataclass(frozen=True)
class Layer:
    """One layer as it was written; what was left out is None.

    Attributes:
        symbol: What kind of layer.
        plain: Whether it has the prime: `C'` does not pool, `L'` has no activation.
        width: Channels or units that it gives.
        kernel: Pixels on a side; 3 unless written.
        stride: Pixels; 2 for `S` and 1 for the others unless written.
        padding: Pixels on each side; `(kernel - 1) // 2` unless written.
        dropout: Share of activations dropped after it; that of the model unless written.
        pool: Side of the max-pool after a residual block; none unless written.
    """

    symbol: Symbol
    plain: bool
    width: int
    kernel: int | None = None
    stride: int | None = None
    padding: int | None = None
    dropout: float | None = None
    pool: int | None = None

    def __str__(self) -> str:
        values = (self.kernel, self.stride, self.padding, self.pool, self.dropout)
        written = zip("kspmd", values, strict=True)
        arguments = [f"{letter}{value}" for letter, value in written if value is not None]
        prime = "'" if self.plain else ""
        return f"{self.symbol}{prime}({','.join([str(self.width), *arguments])})"


def show(layers: Iterable[Layer]) -> str:
    """Write layers down; `parse` reads them back."""
    return joined(str(layer) for layer in layers)


def joined(texts: Iterable[str]) -> str:
    """Layers that are written already, in a row; four and more alike as `4*L(32)`."""
    runs = ((text, len(list(alike))) for text, alike in groupby(texts))
    return " > ".join(
        f"{count}*{text}" if count >= _ALIKE else " > ".join([text] * count) for text, count in runs
    )


def parse(text: str) -> tuple[Layer, ...]:
    """Read layers in notation; spaces do not matter.

    Raises:
        SpecError: With the position in the text and what was expected there.
    """
    reader = _Reader(text)
    layers = reader.layers()
    while not reader.ended():
        reader.take(">", "`>` or the end")
        layers += reader.layers()
        if len(layers) > MOST_LAYERS:
            where = f"at position {reader.at + 1}"
            raise SpecError(f"{text[:40]!r}: more than {MOST_LAYERS} layers {where}")
    return tuple(layers)


class _Reader:
    """A place in the text, and what can be read from there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def ended(self) -> bool:
        """Whether only spaces are left."""
        return not self.text[self.at :].strip()

    def take(self, pattern: str, expected: str) -> str:
        """Read what matches here, or say that it was expected."""
        self._skip_spaces()
        match = re.compile(pattern).match(self.text, self.at)
        if match is None:
            raise self.error(expected)
        self.at = match.end()
        return match.group()

    def layers(self) -> list[Layer]:
        """Read one layer, and how often it is repeated."""
        self._skip_spaces()
        match = _REPEATED.match(self.text, self.at)
        if match is None:
            return [self.layer()]
        self.at = match.end()
        return [self.layer()] * int(match.group(1))

    def layer(self) -> Layer:
        """Read one layer with its arguments."""
        symbol = self.take("[CSRL]", "a layer (C, C', S, R, L or L')")
        prime = self._prime(symbol)
        self.take(r"\(", "`(`" if prime or symbol in "SR" else "`(` or a prime")
        width = self._whole("a width", least=1)
        arguments = self._arguments(symbol + prime)
        dropout = arguments.pop("d", None)
        whole = {letter: int(value) for letter, value in arguments.items()}
        kernel, stride, padding, pool = (whole.get(letter) for letter in "kspm")
        plain, kind = bool(prime), cast("Symbol", symbol)
        return Layer(kind, plain, width, kernel, stride, padding, dropout, pool)

    def error(self, expected: str) -> SpecError:
        """What was expected here, and what there is instead."""
        found = repr(self.text[self.at]) if self.at < len(self.text) else "the end"
        return SpecError(
            f"{self.text!r}: expected {expected} at position {self.at + 1}, found {found}",
            hint="layers look like C(32) > C'(64,k5,p0) > L(512)",
        )

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _prime(self, symbol: str) -> str:
        self._skip_spaces()
        if symbol in "CL" and self.text[self.at : self.at + 1] in ("'", "’", "′"):
            self.at += 1
            return "'"
        return ""

    def _arguments(self, layer: str) -> dict[str, float]:
        values: dict[str, float] = {}
        left = _ARGUMENTS[layer]
        while left and self.take("[,)]", "`,` or `)`") == ",":
            letter = self.take(f"[{left}]", f"one of {', '.join(left)} and a number")
            values[letter] = self._value(letter)
            left = left.replace(letter, "")
        if not left:
            self.take(r"\)", "`)`")
        return values

    def _value(self, letter: str) -> float:
        if letter == "d":
            number = r"0?\.[0-9]+(?:[eE]-?[0-9]+)?|[0-9](?:\.[0-9]+)?[eE]-[0-9]+|0"
            return float(self.take(number, "a share from 0 to below 1, such as d0.3"))
        return self._whole("a number", least=_LEAST[letter])

    def _whole(self, what: str, *, least: int) -> int:
        start = "[0-9]" if least == 0 else "[1-9]"
        return int(self.take(f"{start}[0-9]{{0,8}}(?![0-9])", f"{what} from {least} on"))
