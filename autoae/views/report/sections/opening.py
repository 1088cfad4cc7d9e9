"""The test split: sealed, or opened so many times, with what it showed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoae.analysis.opening import TestRow, opened_rows
from autoae.store.evaluations import Baseline, Evaluation, OpenedSplit, TrialEvaluation
from autoae.views.evaluation import FIGURES, WITH_INTERVAL
from autoae.views.numbers import figure, whole
from autoae.views.plots.confusion import confusion_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Table, Text, table
from autoae.views.report.material import Material
from autoae.views.report.sections.knobs import between

_SHOWN = 10


def opening_section(material: Material) -> Section:
    """The figures of the test split beside the baselines, and how often it was opened."""
    split, title, name = material.split, "Test figures", material.study.name
    if split is None:
        reason = f"the test split is sealed; `autoae study evaluate {name}` opens it"
        return Section("test", title, (Missing(reason),))
    on_test = material.evidence.spec.selects_on_test
    head = Text(_opened(split, on_test=on_test))
    if split.latest is None:
        again = f"`autoae study evaluate {name} --again` looks at all of them"
        reason = again if on_test else "their file is gone or damaged"
        return Section("test", title, (head, Missing(reason)))
    rows = opened_rows(material.study, split.latest)
    chosen = split.latest.of(rows[0].trials[0]) if rows else None
    blocks: list[Block] = [head, *_tables(material, split.latest, rows), *_missing(split.latest)]
    if chosen is not None:
        blocks += _classes(chosen) if chosen.classes else []
        blocks += _right(chosen) if chosen.right_by_class else []
    return Section("test", title, tuple(blocks))


def _opened(split: OpenedSplit, *, on_test: bool) -> str:
    when = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in split.openings)
    if on_test:
        first = "the first time to select epochs and trials by its images, as an original protocol"
        return f"The test split was opened {split.times} ({when}), {first} did."
    text = f"The test split was opened {split.times} ({when}), for all finished trials together."
    if split.count == 1:
        return text
    return f"{text} What was chosen after the first opening may have been chosen for these images."


def _tables(material: Material, found: Evaluation, rows: Sequence[TestRow]) -> list[Block]:
    """The best on validation beside the baselines, and the others folded."""
    by = f"Ordered by {material.study.objectives[0].metric}, not by test figures"
    caption = (
        f"{by}; images of {', '.join(found.datasets)}. Baselines were fitted to the training "
        "images; PCA has as many components as the latent has numbers."
    )
    names = [name for name in FIGURES if any(name in row.means for row in rows)]
    show = _Columns(found, rows, tuple(names))
    blocks: list[Block] = [show.table("test", rows[:_SHOWN], caption, baselines=True)]
    if len(rows) > _SHOWN:
        blocks.append(show.table("test-all", rows, "", summary=f"all {len(rows)}"))
    return blocks


@dataclass(frozen=True)
class _Columns:
    """The columns that a table of test figures needs.

    Attributes:
        found: What was evaluated.
        rows: All of it, in order.
        names: Of the figures.
    """

    found: Evaluation
    rows: Sequence[TestRow]
    names: tuple[str, ...]

    def table(
        self,
        name: str,
        rows: Sequence[TestRow],
        caption: str,
        *,
        baselines: bool = False,
        summary: str = "",
    ) -> Table:
        lines = [
            [row.name, *self._figures(row), *self._pca(row), str(len(row.trials))] for row in rows
        ]
        if baselines:
            lines += [self._baseline(each) for each in self.found.baselines if not _is_pca(each)]
        return table(name, ["", *self._titles(), "#seeds"], lines, caption, summary)

    def _titles(self) -> list[str]:
        titles = []
        for name in self.names:
            titles.append(f"#{name.removeprefix('test_')}")
            titles += ["95 % interval"] if self._has_interval(name) else []
        return [*titles, *(["#PCA's mse"] if self._has_pca else [])]

    def _has_interval(self, name: str) -> bool:
        return name in WITH_INTERVAL and any(row.interval(name) for row in self.rows)

    @property
    def _has_pca(self) -> bool:
        return any(map(_is_pca, self.found.baselines))

    def _figures(self, row: TestRow) -> list[str]:
        cells = []
        for name in self.names:
            mean = row.means.get(name)
            cells.append(figure(mean.mean if mean else None))
            cells += [between(row.interval(name))] if self._has_interval(name) else []
        return cells

    def _pca(self, row: TestRow) -> list[str]:
        """The error of PCA at the latent size of a row."""
        alike = (b for b in self.found.baselines if _is_pca(b) and row.trials[0] in b.trials)
        beside = next(alike, None)
        value = beside.figures.get("test_mse") if beside else None
        return [figure(value)] if self._has_pca else []

    def _baseline(self, each: Baseline) -> list[str]:
        cells = [each.name]
        for name in self.names:
            cells.append(figure(each.figures.get(name)))
            cells += ["–"] if self._has_interval(name) else []
        return [*cells, *(["–"] if self._has_pca else []), "–"]


def _is_pca(baseline: Baseline) -> bool:
    return baseline.name.startswith("PCA")


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
    shared = f"The same, normalised: per cent of the true class, test images of {which}."
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
        Plot("test-confusion-shares", confusion_figure(counts, names, normalized=True), shared),
        table("test-classes", columns, rows, f"Classes of {which}.", "each class"),
        table(
            "test-shares",
            ("true class", *(f"#{name}" for name in names)),
            shares,
            "Confusion as shares of the true class.",
            "confusion as shares",
        ),
    ]


def _right(found: TrialEvaluation) -> list[Block]:
    """How often each class is answered right, of the trial that validation chose."""
    rows = [(name, figure(share)) for name, share in found.right_by_class.items()]
    caption = f"Share of the test images where trial {found.trial}, the best on validation, is "
    return [table("test-right", ("class", "#right"), rows, f"{caption}right about each class.")]
