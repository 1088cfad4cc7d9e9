"""The tabs of a trial that are text."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from autoae.analysis.values import value_text
from autoae.spec.domains import Value
from autoae.store.snapshot import TrialSnapshot
from autoae.views.numbers import clock, cost, figure, whole
from autoae.views.tables import pairs, section
from autoae.views.tui.looks import state_text, style_of
from autoae.views.tui.source import StudyView, TrialFiles

if TYPE_CHECKING:
    from textual.app import App

Texts = Callable[["App[object]", StudyView, TrialSnapshot, TrialFiles], RenderableType]


def head_text(app: "App[object]", view: StudyView, trial: TrialSnapshot) -> RenderableType:
    """Number, state, values, network, and why it ended."""
    line = Text.assemble((f"{view.snapshot.name}  trial {trial.number}", "bold"), "  ")
    line.append_text(state_text(app, trial.state))
    if trial.refused:
        line.append(", refused before training")
    line.append(f"  {trial.epochs} epochs in {clock(trial.seconds)}", "dim")
    parts = [line, Text(trial.notation or "no network was planned", "italic")]
    if trial.retried_from is not None:
        parts.append(Text(f"it repeats trial {trial.retried_from}", "dim"))
    if trial.reason:
        parts.append(Text(trial.reason, style_of(app, "warning")))
    return Group(*parts)


def _summary(
    app: "App[object]", view: StudyView, trial: TrialSnapshot, files: TrialFiles
) -> RenderableType:
    del app
    names = [objective.metric for objective in view.snapshot.objectives]
    values = [(name, cost(name, value)) for name, value in zip(names, trial.values, strict=False)]
    parts: list[RenderableType] = []
    for title, rows in (
        ("Objective", values),
        ("Parameters", [(name, value_text(value)) for name, value in trial.params.items()]),
        ("Costs", [(name, cost(name, value)) for name, value in sorted(trial.costs.items())]),
        (
            f"Metrics of epoch {trial.epoch}" if trial.epoch else "Metrics",
            [(name, figure(value)) for name, value in sorted(trial.metrics.items())],
        ),
        ("Ran on", _where(trial, files)),
    ):
        if rows:
            parts += section(title, pairs(rows))
    if files.error:
        parts += section("Error", Text(files.error))
    return Group(*parts)


def _where(trial: TrialSnapshot, files: TrialFiles) -> list[tuple[str, str]]:
    rows = [("folder", files.folder)] if files.folder else []
    if trial.lease is not None:
        rows.append(("worker", trial.lease.place))
    known = (name for name in ("device_name", "precision", "threads") if name in files.environment)
    return [*rows, *((name.replace("_", " "), str(files.environment[name])) for name in known)]


def _layers(
    app: "App[object]", view: StudyView, trial: TrialSnapshot, files: TrialFiles
) -> RenderableType:
    del view, trial
    if not files.layers:
        why = "shapes are known once a trial on these images has ended"
        return Text(f"\n{why}", "dim")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("part", "layer", "output"):
        table.add_column(title)
    known = any(layer.params for layer in files.layers)
    if known:
        table.add_column("parameters", justify="right")
    for layer in files.layers:
        cells: list[RenderableType] = [
            layer.part,
            Text(layer.notation, style_of(app, "accent")),
            layer.outputs,
        ]
        table.add_row(*cells, *([whole(layer.params) if layer.params else ""] if known else []))
    total = sum(layer.params for layer in files.layers)
    if known:
        table.add_row("total", "", "", whole(total), style="bold")
    return Group(Text(), table)


def _confusion(
    app: "App[object]", view: StudyView, trial: TrialSnapshot, files: TrialFiles
) -> RenderableType:
    del view, trial
    counts = files.confusion
    if counts is None:
        reason = files.problem or "it has no head, or it has not ended"
        return Text(f"\nno confusion matrix: {reason}", "dim")
    width = max(len(str(counts.max())), len(str(len(counts)))) + 1
    text = Text(f"\n{'true':>5} │ predicted\n", "dim", no_wrap=True)
    text.append("      │" + "".join(f"{each:>{width}}" for each in range(len(counts))), "dim")
    for true, row in enumerate(counts):
        text.append(f"\n{true:>5} │", "dim")
        for predicted, count in enumerate(row):
            hit = true == predicted
            style = style_of(app, "success" if hit else "error", bold=hit)
            shown = f"{count if count else '·':>{width}}"
            text.append(shown, style if count else Style(dim=True))
    right = int(counts.trace())
    text.append(f"\n\n{right} of {counts.sum()} validation images are right", "bold")
    return text


def _settings(
    app: "App[object]", view: StudyView, trial: TrialSnapshot, files: TrialFiles
) -> RenderableType:
    del app, view, files
    if not trial.configuration:
        return Text("\nit never started, so it has no configuration", "dim")
    return Text("\n" + "\n".join(_lines(trial.configuration, 0)))


def _lines(tree: Mapping[str, Value], depth: int) -> list[str]:
    lines: list[str] = []
    for name, value in tree.items():
        start = "  " * depth + f"{name}:"
        if isinstance(value, Mapping):
            lines += [start, *_lines(value, depth + 1)]
        else:
            shown = json.dumps(value) if isinstance(value, list) else value_text(value)
            lines.append(f"{start} {shown}")
    return lines


TEXTS: Mapping[str, Texts] = {
    "summary": _summary,
    "layers": _layers,
    "confusion": _confusion,
    "settings": _settings,
}
"""By the name of the tab."""
