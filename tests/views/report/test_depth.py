"""Depth and gradients in a report: the four plots and the table, or nothing."""

import math
from dataclasses import replace
from datetime import datetime

import pytest

from autoae.analysis.evidence import TestOpening
from autoae.store.snapshot import StudySnapshot
from autoae.views.report.blocks import Plot, Report, Section, Table
from autoae.views.report.material import Material
from tests import studies
from tests.views.report.conftest import MakeMaterial, report_of

SPEC = studies.spec(studies.DEPTHS, "depths")
NAMES = ["depth 2, plain", "depth 2, residual", "depth 20, plain", "depth 20, residual"]


def study() -> StudySnapshot:
    return studies.repeated(SPEC)


def section(report: Report, key: str) -> Section | None:
    return next((each for each in report.sections if each.key == key), None)


def plots(found: Section | None) -> dict[str, Plot]:
    assert found is not None
    return {block.name: block for block in found.blocks if isinstance(block, Plot)}


def names(plot: Plot) -> list[str]:
    return [trace.name for trace in plot.figure.data]


def opened(made: Material) -> Material:
    figures = {t.number: {"test_accuracy": 0.5 + t.number / 100} for t in made.study.trials}
    opening = TestOpening(1, datetime(2026, 3, 1), figures, {})
    return replace(made, evidence=replace(made.evidence, opening=opening))


def test_losses_and_accuracy_by_depth(material: MakeMaterial) -> None:
    found = plots(section(report_of(material(study(), SPEC)), "depth"))
    assert names(found["depth-losses"]) == NAMES
    accuracy = found["depth-val_accuracy"]
    assert names(accuracy) == ["plain", "residual"]
    assert [tuple(trace.x) for trace in accuracy.figure.data] == [(2, 20), (2, 20)]
    assert "Of validation images" in accuracy.caption


def test_test_figures_stand_there_once_the_split_was_opened(material: MakeMaterial) -> None:
    made = opened(material(study(), SPEC))
    found = section(report_of(made), "depth")
    accuracy = plots(found)["depth-test_accuracy"]
    assert "validation" not in accuracy.caption
    shallow = [t.number for t in made.study.trials if t.variant == "shallow"]
    expected = sum(0.5 + number / 100 for number in shallow) / len(shallow)
    assert accuracy.figure.data[0].y[0] == pytest.approx(expected)
    assert "test_accuracy" in [title for title, _ in _table(found).headings]


def test_the_table_has_every_depth_and_no_test_figures_while_sealed(
    material: MakeMaterial,
) -> None:
    found = _table(section(report_of(material(study(), SPEC)), "depth"))
    assert [row[0] for row in found.rows] == NAMES
    assert [title for title, _ in found.headings] == [
        "network", "val_loss", "val_accuracy", "epochs", "params", "seeds",
    ]  # fmt: skip
    assert "sealed" in found.caption


def _table(found: Section | None) -> Table:
    assert found is not None
    return next(block for block in found.blocks if isinstance(block, Table))


def test_gradients_by_epoch_and_by_layer(material: MakeMaterial) -> None:
    made = material(study(), SPEC)
    for trial in made.study.trials:
        for epoch in (1, 2, 3):
            norms = {"encoder.0.layer": 4.0 / epoch, "encoder.1.layer": 2.0, "x": math.inf}
            made.folders.of(trial.number).append_gradients(epoch, norms)
    found = plots(section(report_of(made), "gradients"))
    assert names(found["gradients"]) == NAMES
    assert tuple(found["gradients"].figure.data[0].y) == (3.0, 2.0, pytest.approx(5 / 3))
    layers = found["gradients-layers"]
    assert names(layers) == [f"{name}, epoch {epoch}" for name in NAMES[2:] for epoch in (1, 3)]
    assert [tuple(trace.y) for trace in layers.figure.data[:2]] == [(4, 2), (4 / 3, 2)]


def test_any_study_shows_the_gradients_that_it_kept(material: MakeMaterial) -> None:
    spec = studies.spec()
    made = material(studies.searched(spec), spec)
    best = made.best[0].number
    made.folders.of(best).append_gradients(1, {"encoder.0.layer": 4.0})
    report = report_of(made)
    assert section(report, "depth") is None
    assert names(plots(section(report, "gradients"))["gradients"]) == [f"trial {best}"]


def test_without_them_there_is_no_section(material: MakeMaterial) -> None:
    assert section(report_of(material(study(), SPEC)), "gradients") is None
