"""A report as one HTML page that needs nothing but itself."""

import base64
import json
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autoae.views.numbers import span
from autoae.views.plots.theme import theme
from autoae.views.report.blocks import Block, Plot, Report

_KINDS = {
    "helps": "good",
    "holds": "good",
    "complete": "good",
    "hurts": "bad",
    "does not hold": "bad",
    "failed": "bad",
    "no evidence": "plain",
    "not comparable": "plain",
    "refused": "plain",
    "pruned": "note",
    "too few trials": "note",
    "observational, unreliable": "note",
}
_VERDICTS = ("verdict", "state")
_SHORT = ("", "metric", "95 % interval")
_LISTED = 12


def html(report: Report) -> str:
    """The page, with everything that it shows in it.

    Args:
        report: All of its texts are escaped; figures are embedded as data, and Plotly's code once.
    """
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            css=_asset("report.css"),
            script=_asset("report.js"),
            plotly=_plotly(),
            themes=_json({"light": theme(), "dark": theme(dark=True)}),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autoae.views.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "form": lambda block: type(block).__name__,
        "figure": _figure,
        "data_uri": _data_uri,
        "kind": _kind,
        "trials": trials_text,
        "span": lambda interval: span(interval.low, interval.high),
    }
    return environment


def trials_text(numbers: tuple[int, ...]) -> str:
    """Trials by their numbers, or how many they are where they are many."""
    if len(numbers) > _LISTED:
        return f"{len(numbers)} trials"
    return f"trial{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def bare(plot: Plot) -> dict[str, object]:
    """A figure without its theme and title, as JSON can say it."""
    found: dict[str, object] = json.loads(plot.figure.to_json())
    layout = found["layout"]
    assert isinstance(layout, dict)
    for name in ("template", "title"):
        layout.pop(name, None)
    return found


def _figure(block: Block) -> Markup:
    assert isinstance(block, Plot)
    return _json(bare(block))


def _json(content: object) -> Markup:
    """JSON for a script element: no text of it can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - nothing in it is read as HTML


def _plotly() -> Markup:
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs())  # noqa: S704 - Plotly's own code


def _asset(name: str) -> Markup:
    text = (files("autoae.views.report") / "templates" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _kind(cell: str, column: tuple[str, bool]) -> str:
    """The look of a cell, by its column and what it says."""
    title, is_number = column
    if is_number:
        return "number"
    if title in _VERDICTS and cell in _KINDS:
        return _KINDS[cell]
    if title == "network":
        return "network"
    return "short" if title in _SHORT else "words"
