"""The test split: sealed, or opened so many times, with what it showed."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from autoae.analysis.opening import TestRow, opened_rows
from autoae.store.evaluations import Evaluation, OpenedSplit, TrialEvaluation
from autoae.views.numbers import figure, whole
from autoae.views.plots.confusion import confusion_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Table, Text, table
from autoae.views.report.material import Material
from autoae.views.report.sections.knobs import between

_WITH_INTERVAL = ("test_accuracy", "test_mse")


def opening_section(material: Material) -> Section:
    """The figures of the test split beside the baselines, and how often it was opened."""
    split, title, name = material.split, "Test figures", material.study.name
    if split is None:
        reason = f"the test split is sealed; `autoae study evaluate {name}` opens it"
        return Section("test", title, (Missing(reason),))
    head = Text(_opened(split))
    if split.latest is None:
        reason = "their file is gone or damaged"
        return Section("test", title, (head, Missing(reason)))
    rows = opened_rows(material.study, split.latest)
    chosen = split.latest.of(rows[0].trials[0]) if rows else None
    blocks: list[Block] = [head, _table(material, split.latest, rows), *_missing(split.latest)]
    if chosen is not None and chosen.classes:
        blocks += _classes(chosen)
    return Section("test", title, tuple(blocks))


def _opened(split: OpenedSplit) -> str:
    when = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in split.openings)
    text = f"The test split was opened {split.times} ({when}), for all finished trials together."
    if split.count == 1:
        return text
    return f"{text} What was chosen after the first opening may have been chosen for these images."


def _table(material: Material, found: Evaluation, rows: Sequence[TestRow]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row.means))
    columns = [part for name in names for part in _cells(name, f"#{name}", "95 % interval")]
    lines = [[row.name, *_row(row, names), str(len(row.trials))] for row in rows]
    lines += [[each.name, *_baseline(each.figures, names), "–"] for each in found.baselines]
    caption = (
        f"{', '.join(found.datasets)}. Ordered by {material.study.objectives[0].metric}, not by "
        "test figures. The baselines below were fitted to the training images."
    )
    return table("test", ("", *columns, "#seeds"), lines, caption)


def _cells(name: str, value: str, interval: str) -> Iterator[str]:
    """The cells of a figure: its value, and an interval where it is told one."""
    yield value
    if name in _WITH_INTERVAL:
        yield interval


def _row(row: TestRow, names: Sequence[str]) -> list[str]:
    return _values(lambda name: row.means[name].mean if name in row.means else None, row, names)


def _baseline(figures: Mapping[str, float], names: Sequence[str]) -> list[str]:
    return _values(figures.get, None, names)


def _values(
    known: Callable[[str], float | None], row: TestRow | None, names: Sequence[str]
) -> list[str]:
    return [
        cell
        for name in names
        for cell in _cells(name, figure(known(name)), between(row.interval(name) if row else None))
    ]


def _missing(found: Evaluation) -> list[Block]:
    return [
        Text(f"Trial {n} has no test figures: {why}.", faint=True)
        for n, why in found.missing.items()
    ]


def _classes(found: TrialEvaluation) -> list[Block]:
    """The confusion and the figures of each class of the trial that validation chose."""
    names = [each.name for each in found.classes]
    counts = np.array(found.confusion, np.int64)
    which = f"trial {found.trial}, the best on validation"
    caption = f"Test images of {which}: counts, coloured by their share of the true class."
    rows = [
        (each.name, whole(each.images), *map(figure, (each.precision, each.recall, each.f1)))
        for each in found.classes
    ]
    columns = ("class", "#images", "#precision", "#recall", "#F1")
    shares = [
        (name, *(f"{share:.3f}" for share in row))
        for name, row in zip(names, found.normalized, strict=True)
    ]
    return [
        Plot("test-confusion", confusion_figure(counts, names), caption),
        table("test-classes", columns, rows, f"Classes of {which}.", "each class"),
        table(
            "test-shares",
            ("true class", *(f"#{name}" for name in names)),
            shares,
            "Confusion as shares of the true class.",
            "confusion as shares",
        ),
    ]
