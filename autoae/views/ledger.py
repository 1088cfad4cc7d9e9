"""The knob ledger in the terminal, and as a table for other programs."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from autoae.analysis.ledger import CostChange, Effect, Interval, Ledger
from autoae.spec.domains import Value
from autoae.views.exports import latex_table
from autoae.views.numbers import figure, probability, span
from autoae.views.tables import Column, number, section, table, wide, words

_STYLES = {"helps": "green", "hurts": "red", "no evidence": "", "too few trials": "yellow"}
_COSTS = ("params", "flops", "latency_ms", "latency_batch_ms", "memory_mb", "seconds")
_ALIKE = 0.0005
"""A relative change below this is none."""
_MOST_NAMED = 4


def ledger_page(ledger: Ledger, metrics: Sequence[str]) -> RenderableType:
    """Every effect on some metrics with interval, verdict and costs.

    Args:
        ledger: Of a study.
        metrics: Those to show, in order.
    """
    parts: list[RenderableType] = [Text(ledger.study, style="bold"), Text(_design(ledger))]
    parts += [Text(notice, style="yellow") for notice in ledger.notices]
    for metric in metrics:
        effects = ledger.of(metric)
        if effects:
            parts += section(_title(effects[0]), Group(*_effects(effects)))
    more = [metric for metric in ledger.metrics if metric not in metrics]
    end = [*ledger.method, *([f"Other metrics: --metric {', '.join(more)}."] if more else [])]
    return Group(*parts, Text(), *(Text(line, style="dim") for line in end))


def csv_text(ledger: Ledger) -> str:
    """Every effect as CSV, a line each."""
    rows = [_flat(effect) for effect in ledger.effects]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def latex_text(ledger: Ledger, metrics: Sequence[str]) -> str:
    """The effects on some metrics as a LaTeX table for the package booktabs."""
    columns = [("metric", False), ("knob", False), ("change", False), ("effect", True)]
    columns += [("95 % interval", False), ("p", True), ("n", True), ("verdict", False)]
    rows = [
        [metric, effect.knob, _change(effect), *_figures(effect), effect.verdict]
        for metric in metrics
        for effect in ledger.of(metric)
    ]
    return latex_table(columns, rows)


def _design(ledger: Ledger) -> str:
    if ledger.design == "observational":
        return "Observational: estimated from the trials that the search drew, no proof of cause."
    count = len(ledger.seeds)
    return f"Each change against the baseline, with the same {count} seed{'s' * (count != 1)}."


def _title(effect: Effect) -> str:
    better = "more is better" if effect.direction == "maximize" else "less is better"
    after = "" if effect.epoch is None else f", after epoch {effect.epoch}"
    return f"Effects on {effect.metric} ({better}{after})"


def _effects(effects: Sequence[Effect]) -> Iterable[RenderableType]:
    if all(effect.estimate is None for effect in effects):
        yield from (Text(line) for line in _doubts(effects))
        return
    figures = (number("effect"), words("95 % interval"), number("p"), number("n"), words("verdict"))
    yield from _grouped(effects, figures, _row)
    yield Text(_reading(effects), style="dim")
    yield from (Text(line) for line in _doubts(effects))
    yield from _costs(effects)


def _row(effect: Effect) -> list[str]:
    # The page says once that all of it is observational.
    return [*_figures(effect), effect.verdict.removeprefix("observational, ")]


def _reading(effects: Sequence[Effect]) -> str:
    found = [effect.detectable for effect in effects if effect.detectable is not None]
    basis = "p after Holm's correction; n pairs or trials at the level."
    if not found:
        return basis
    ends = dict.fromkeys(figure(end) for end in (min(found), max(found)))
    return f"{basis} 4 of 5 repetitions would find differences of {' to '.join(ends)}, by knob."


def _costs(effects: Sequence[Effect]) -> Iterable[RenderableType]:
    """The costs that some change moves beyond noise, and these changes."""
    names = [name for name in _COSTS if any(_moves(effect, name) for effect in effects)]
    dear = [effect for effect in effects if any(_moves(effect, name) for name in names)]
    if dear:
        yield Text("\nWhat the changes cost")
        costs = [number(name) for name in names]
        yield from _grouped(dear, costs, lambda each: [_cost(each, name) for name in names])
        yield Text("= no change, ≈ within noise; so are all that are not listed.", style="dim")


def _grouped(
    effects: Sequence[Effect], columns: Sequence[Column], cells: Callable[[Effect], list[str]]
) -> Iterable[RenderableType]:
    """A heading for each knob and what it is compared with, a line below it for each level.

    Names and levels are long: with all in one line a terminal of 80 columns would break them.
    """
    first = wide("")
    rows = {effect: [_level(effect), *cells(effect)] for effect in effects}
    sized = [
        replace(column, width=max(map(cell_len, (column.title, *texts))))
        for column, texts in zip((first, *columns), zip(*rows.values(), strict=True), strict=True)
    ]
    yield table(sized, [])
    for (knob, reference), group in groupby(effects, key=lambda each: (each.knob, each.reference)):
        yield Text(knob, style="bold").append(f" from {reference}" * bool(reference), "not bold")
        untitled = [replace(column, title="") for column in sized]
        yield table(untitled, [_styled(rows[effect], effect) for effect in group])


def _level(effect: Effect) -> str:
    return f"  to {effect.level}" if effect.reference else f"  {effect.level}"


def _styled(row: Sequence[str], effect: Effect) -> list[RenderableType]:
    style = _STYLES.get(effect.verdict, "yellow")
    return [Text(cell, style=style if effect.verdict.endswith(cell) else "") for cell in row]


def _doubts(effects: Iterable[Effect]) -> list[str]:
    """Why something could not be judged, each reason once, with what it is about."""
    about: dict[str, list[str]] = {}
    for effect in effects:
        if effect.verdict not in ("helps", "hurts", "no evidence") and effect.reason:
            reason = f"{effect.verdict}, {effect.reason}"
            about.setdefault(reason, []).append(f"{effect.knob} {effect.level}".strip())
    return [f"{_named(names)}: {reason}." for reason, names in about.items()]


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST_NAMED else f"{len(names)} comparisons"


def _figures(effect: Effect) -> list[str]:
    value = "–" if effect.estimate is None else f"{effect.estimate:+.3g}"
    value = value if effect.estimate else value.removeprefix("+")
    return [value, _between(effect.interval), probability(effect.corrected_p), str(effect.count)]


def _between(interval: Interval | None) -> str:
    if interval is None or interval.low == interval.high:
        return "–" if interval is None else figure(interval.low)
    return span(interval.low, interval.high)


def _change(effect: Effect) -> str:
    return f"{effect.reference} → {effect.level}" if effect.reference else effect.level


def _moves(effect: Effect, name: str) -> bool:
    return _cost(effect, name) not in ("–", "=", "≈")


def _cost(effect: Effect, name: str) -> str:
    found = next((each for each in effect.costs if each.cost == name), None)
    return "–" if found is None else _relative(found)


def _relative(change: CostChange) -> str:
    """A change as a share of what it is compared with; `≈` where it may be none."""
    interval, relative = change.interval, change.relative
    if change.mean == 0:
        return "="
    if interval is not None and interval.low <= 0 <= interval.high:
        return "≈"
    if relative is None:
        return figure(change.mean)
    return "=" if abs(relative) < _ALIKE else f"{relative:+.1%}"


def _flat(effect: Effect) -> dict[str, Value]:
    interval, simultaneous = effect.interval, effect.simultaneous
    start: dict[str, Value] = {
        "metric": effect.metric,
        "direction": effect.direction,
        "knob": effect.knob,
        "level": effect.level,
        "reference": effect.reference,
        "kind": effect.kind,
        "effect": effect.estimate,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "simultaneous_low": simultaneous.low if simultaneous else None,
        "simultaneous_high": simultaneous.high if simultaneous else None,
        "p": effect.p,
        "corrected_p": effect.corrected_p,
        "comparisons": effect.comparisons,
        "count": effect.count,
        "reference_count": effect.reference_count,
        "epoch": effect.epoch,
        "verdict": effect.verdict,
        "reason": effect.reason,
        "detectable": effect.detectable,
        "needed": effect.needed,
        "trials": " ".join(map(str, effect.trials)),
    }
    return start | {k: v for change in effect.costs for k, v in _flat_cost(change).items()}


def _flat_cost(change: CostChange) -> dict[str, Value]:
    interval, name = change.interval, change.cost
    return {
        f"{name}_change": change.mean,
        f"{name}_relative": change.relative,
        f"{name}_low": interval.low if interval else None,
        f"{name}_high": interval.high if interval else None,
    }
