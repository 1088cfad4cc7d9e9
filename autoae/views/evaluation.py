"""The figures of an opened test split, in the terminal."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from autoae.analysis.opening import TestRow, opened_rows
from autoae.spec.metrics import SHARES
from autoae.store.evaluations import Evaluation, OpenedSplit, TrialEvaluation
from autoae.store.snapshot import StudySnapshot
from autoae.views.numbers import figure, span, whole
from autoae.views.tables import Column, number, pairs, section, table, wide

_CROSS_ENTROPY = ("test_bce", "test_bce_excess")

FIGURES = (
    *(f"test_{name}" for name in SHARES),
    "test_count_mse",
    "test_count_mae",
    "test_f1",
    "test_mse",
    "test_psnr",
    "test_ssim",
    *_CROSS_ENTROPY,
)

WITH_INTERVAL = (*(f"test_{name}" for name in SHARES), "test_count_mse", "test_mse")


def evaluation_page(study: StudySnapshot, split: OpenedSplit) -> RenderableType:
    """All variants beside the baselines, and the classes of the one that validation chose.

    Args:
        study: At this moment.
        split: Its test split.
    """
    latest = split.latest
    if latest is None:
        return Group(*_head(study.name, split))
    parts = [*_head(study.name, split), *figures_section(study, split, len(study.trials))]
    rows = opened_rows(study, latest)
    chosen = latest.of(rows[0].trials[0]) if rows else None
    if chosen is not None:
        of_what = f"trial {chosen.trial}, the best on validation"
        parts += class_sections(chosen, of_what) if chosen.classes else []
        parts += right_section(chosen, of_what) if chosen.right_by_class else []
    parts += [Text(), *(Text(line, style="yellow") for line in _missing(latest))]
    return Group(*parts)


def figures_section(study: StudySnapshot, split: OpenedSplit, most: int) -> list[RenderableType]:
    """A table of the best by validation and of the baselines, with the count of openings."""
    title = f"Test figures (opened {split.times})"
    if split.latest is None:
        return section(title, Text("their file is gone or damaged"))
    rows = opened_rows(study, split.latest)
    names = [name for name in FIGURES if any(name in row.means for row in rows)]
    columns = [wide(""), *_columns(names, rows), number("seeds")]
    lines = [_line(row, names, rows) for row in rows[:most]]
    lines += [
        [each.name, *_cells(each.figures.get, names, rows), "–"] for each in split.latest.baselines
    ]
    metric = study.objectives[0].metric
    basis = f"Ordered by {metric}, not by test figures; 95 % intervals: {_basis(rows)}."
    more = f" {len(rows) - most} more variants: study evaluate." if len(rows) > most else ""
    return section(title, Group(table(columns, lines), Text(basis + more, style="dim")))


def trial_sections(split: OpenedSplit, trial: int) -> list[RenderableType]:
    """The test figures of one trial, with the count of openings; nothing where it has none."""
    found = split.of(trial)
    if found is None:
        return []
    interval = found.accuracy_interval
    rows = [(name, figure(value)) for name, value in found.figures.items()]
    if interval is not None:
        basis = f"{span(*interval)} (Wilson for {whole(found.images)} images)"
        rows.insert(1, (f"95 % interval of {rows[0][0]}", basis))
    return [
        *section(f"Test figures (opened {split.times})", pairs(rows)),
        *(class_sections(found, "the test images") if found.classes else ()),
        *(right_section(found, "the test images") if found.right_by_class else ()),
    ]


def right_section(found: TrialEvaluation, of_what: str) -> list[RenderableType]:
    """The share of images where each class is answered right."""
    rows = [(name, figure(share)) for name, share in found.right_by_class.items()]
    return section(
        f"Right for each class of {of_what}", table([wide("class"), number("right")], rows)
    )


def model_page(name: str, split: OpenedSplit, trial: int) -> RenderableType:
    """One model on the test images, and what is had without a network.

    Args:
        name: Of the model.
        split: Its test split.
        trial: Its number in there.
    """
    assert split.latest is not None
    beside = [each for each in split.latest.baselines if trial in each.trials]
    rows = [
        (each.name, ", ".join(f"{name} {figure(value)}" for name, value in each.figures.items()))
        for each in beside
    ]
    return Group(
        *_head(name, split),
        *trial_sections(split, trial),
        *section("Without a network", pairs(rows)),
    )


def class_sections(found: TrialEvaluation, of_what: str) -> list[RenderableType]:
    """Figures of each class, and the confusion matrix in counts and in shares of the true class."""
    columns = [wide("class"), *map(number, ("images", "precision", "recall", "F1"))]
    rows = [
        (each.name, whole(each.images), *map(figure, (each.precision, each.recall, each.f1)))
        for each in found.classes
    ]
    names = [each.name for each in found.classes]
    shares = [[f"{share:.3f}" for share in row] for row in found.normalized]
    return [
        *section(f"Classes of {of_what}", table(columns, rows)),
        *section("Confusion: true class by predicted one", _matrix(names, found.confusion)),
        *section("The same as shares of the true class", _matrix(names, shares)),
    ]


def _head(name: str, split: OpenedSplit) -> list[RenderableType]:
    when = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in split.openings)
    line = Text(f"The test split was opened {split.times}: {when}.")
    if split.count > 1:
        line.append(" What was chosen after the first may have been chosen for these images.")
    return [Text(name, style="bold"), line]


def _columns(names: Sequence[str], rows: Sequence[TestRow]) -> list[Column]:
    columns = []
    for name in names:
        columns.append(number(name.removeprefix("test_")))
        if _has_interval(name, rows):
            columns.append(wide("95 % interval"))
    return columns


def _line(row: TestRow, names: Sequence[str], rows: Sequence[TestRow]) -> list[str]:
    cells = []
    for name in names:
        mean, interval = row.means.get(name), row.interval(name)
        cells.append(figure(mean.mean if mean else None))
        if _has_interval(name, rows):
            cells.append("–" if interval is None else span(interval.low, interval.high))
    return [row.name, *cells, str(len(row.trials))]


def _cells(
    known: Callable[[str], float | None], names: Sequence[str], rows: Sequence[TestRow]
) -> list[str]:
    cells = []
    for name in names:
        cells += [figure(known(name)), *(["–"] if _has_interval(name, rows) else [])]
    return cells


def _has_interval(name: str, rows: Iterable[TestRow]) -> bool:
    return name in WITH_INTERVAL and any(row.interval(name) for row in rows)


def _basis(rows: Sequence[TestRow]) -> str:
    if any(len(row.trials) > 1 for row in rows):
        return "Student's t over the seeds"
    if any(row.sampling for row in rows):
        return f"Wilson for {whole(rows[0].images)} images; another seed would add to it"
    return "none, for there is one seed"


def _matrix(names: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    lines = [[name, *map(str, row)] for name, row in zip(names, rows, strict=True)]
    return table([wide(""), *map(number, names)], lines)


def _missing(found: Evaluation) -> list[str]:
    return [f"trial {number} has no test figures: {why}" for number, why in found.missing.items()]
