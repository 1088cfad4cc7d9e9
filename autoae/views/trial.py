"""One trial, or two side by side."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from autoae.analysis.compare import Difference
from autoae.spec.domains import Value
from autoae.store.evaluations import OpenedSplit
from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot
from autoae.views.evaluation import trial_sections
from autoae.views.numbers import clock, cost, figure
from autoae.views.tables import number, pairs, section, styled_state, table, wide, words

_BLOCKS = "▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 40


def trial_page(
    study: StudySnapshot,
    trial: TrialSnapshot,
    files: Mapping[str, str],
    split: OpenedSplit | None = None,
) -> RenderableType:
    """Everything that is known of a trial.

    Args:
        study: Of the trial.
        trial: At this moment.
        files: Where things are: what, and its place.
        split: The test split of the study, once it was opened.
    """
    names = [objective.metric for objective in study.objectives]
    values = ((name, cost(name, value)) for name, value in zip(names, trial.values, strict=False))
    metrics = ((name, figure(value)) for name, value in sorted(trial.metrics.items()))
    curves = ((name, _curve_line(curve)) for name, curve in trial.curves.items())
    return Group(
        _head(study, trial),
        *_pairs("Objectives" if len(names) > 1 else "Objective", values),
        *_pairs("Parameters", ((name, shown(value)) for name, value in trial.params.items())),
        *_pairs("Costs", ((name, cost(name, value)) for name, value in trial.costs.items())),
        *_pairs(f"Metrics of epoch {trial.epoch}" if trial.epoch else "Metrics", metrics),
        *_pairs("Curve", curves),
        *(() if split is None else trial_sections(split, trial.number)),
        *_pairs("Files", files.items()),
    )


def comparison(
    pair: tuple[TrialSnapshot, TrialSnapshot], differing: Sequence[Difference]
) -> RenderableType:
    """What differs between two trials, one line each."""
    if not differing:
        return Text(f"trials {pair[0].number} and {pair[1].number} do not differ")
    columns = [words("differs"), wide(f"trial {pair[0].number}"), wide(f"trial {pair[1].number}")]
    rows = [
        (each.name, _side(each, each.first), _side(each, each.second), _change(each))
        for each in differing
    ]
    return table([*columns, number("change")], rows)


def shown(value: Value) -> str:
    """A value of a study file as text."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "–"}[value]
    return figure(value) if isinstance(value, float) else str(value)


def sparkline(values: Sequence[float], width: int = _CURVE_WIDTH) -> str:
    """A curve in one line of blocks, the lowest value the lowest block.

    Args:
        values: In their order.
        width: Characters at most; of more values every n-th is drawn, and the last one.
    """
    if not values:
        return ""
    step = max(1, -(-len(values) // width))
    drawn = [*values[::step][: width - 1], values[-1]] if step > 1 else list(values)
    low, span = min(drawn), max(drawn) - min(drawn)
    levels = [int((value - low) / span * (len(_BLOCKS) - 1)) if span else 0 for value in drawn]
    return "".join(_BLOCKS[level] for level in levels)


def _head(study: StudySnapshot, trial: TrialSnapshot) -> RenderableType:
    line = Text.assemble((f"{study.name}  trial {trial.number}", "bold"), "  ")
    line.append_text(styled_state(trial.state))
    line.append(f"  {trial.epochs} epochs in {clock(trial.seconds)}")
    if trial.batch_parts > 1:
        line.append(f"  each batch in {trial.batch_parts} parts, for want of memory")
    network = Text(trial.network, style="cyan")
    return Group(line, network, *([Text(trial.reason, style="yellow")] if trial.reason else []))


def _pairs(title: str, items: Iterable[tuple[str, str]]) -> list[RenderableType]:
    known = list(items)
    return section(title, pairs(known)) if known else []


def _curve_line(curve: Curve) -> str:
    values = [value for _, value in curve]
    return f"{sparkline(values)}  {figure(values[0])} to {figure(values[-1])}"


def _side(difference: Difference, value: Value) -> str:
    if difference.kind == "cost" and isinstance(value, int | float):
        return cost(difference.name, value)
    if difference.kind == "metric" and isinstance(value, int | float):
        return figure(float(value))
    return shown(value)


def _change(difference: Difference) -> str:
    first, second = difference.first, difference.second
    numbers = isinstance(first, int | float) and isinstance(second, int | float)
    if difference.kind not in ("metric", "cost") or not numbers or not first:
        return ""
    assert isinstance(first, int | float)
    assert isinstance(second, int | float)
    return f"{(second - first) / abs(first):+.1%}"
