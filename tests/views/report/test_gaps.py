"""Training beside validation in a report, and a row of reconstructions for every variant."""

from dataclasses import replace
from functools import partial

import pytest

from autoae.spec.domains import Domain, Value
from autoae.spec.runs import Run
from autoae.store.snapshot import StudySnapshot
from autoae.views.report.blocks import Pictures, Plot, Table
from autoae.views.report.sections.gaps import gaps_section
from autoae.views.report.sections.training import reconstructions_section
from tests import studies
from tests.views.report.conftest import MakeMaterial

STEPS = """\
data: {dataset: digits, validation: 300}
model: {encoder: "C(8)", task: classify}
training: {epochs: 8}
objectives: [{metric: val_accuracy, direction: maximize}]
variants:
  plain: {}
  plain beta 0: {loss.beta: 0.0}
  dropout: {model.dropout: 0.3}
  gamma: {model.dropout: 0.3, loss.gamma: 0.001}
  no decoder: {model.decoder: none}
search: {method: list, seeds: 2}
"""
SPEC = studies.spec(STEPS, "steps")


def _of_run(run: Run, key: str, _: Domain) -> Value:
    return run[key]


def trained(*, figures: bool = True) -> StudySnapshot:
    """Every variant with both seeds complete, worse on validation images by a tenth."""
    study = studies.repeated(SPEC)
    runs = SPEC.runs()
    metrics = {"train_accuracy": 0.9, "val_accuracy": 0.8} if figures else {}
    trials = [
        replace(
            trial,
            state="COMPLETE",
            values=(0.8,),
            metrics=metrics,
            configuration=SPEC.configuration(partial(_of_run, run)).model_dump(mode="json"),
        )
        for trial, run in zip(study.trials, runs, strict=True)
    ]
    return replace(study, trials=tuple(trials))


def test_every_variant_has_its_gap(material: MakeMaterial) -> None:
    section = gaps_section(material(trained(), SPEC))
    assert section is not None
    compared, gaps = (block for block in section.blocks if isinstance(block, Table))
    assert gaps.rows[0][:5] == ("plain", "accuracy", "0.9000", "0.8000", "+0.1000")
    assert gaps.rows[0][6] == "2"
    assert [row[0] for row in gaps.rows] == list(SPEC.settings.variants)
    assert [row[1:3] for row in compared.rows] == [
        ("plain", "plain beta 0"), ("plain", "no decoder")
    ]  # fmt: skip
    assert {row[-1] for row in compared.rows} == {"no evidence"}


@pytest.mark.parametrize("kept", [True, False])
def test_the_steps_of_regularisation_have_their_curves(material: MakeMaterial, kept: bool) -> None:
    study = trained()
    made = material(study, SPEC)
    for trial in study.trials if kept else ():
        folder = made.folders.of(trial.number)
        folder.metrics.unlink()
        for epoch in (1, 2):
            folder.append_metrics(epoch, {"train_task": 1 / epoch, "val_task": 2 / epoch})
    section = gaps_section(made)
    assert section is not None
    plots = [block for block in section.blocks if isinstance(block, Plot)]
    assert [plot.name for plot in plots] == (["regularisation-1"] if kept else [])
    for plot in plots:
        names = [trace.name for trace in plot.figure.data]
        assert names == [
            f"{name}, {images}"
            for name in ("plain", "dropout", "gamma")
            for images in ("validation", "training")
        ]


def test_without_figures_of_both_there_is_no_section(material: MakeMaterial) -> None:
    assert gaps_section(material(trained(figures=False), SPEC)) is None
    search = studies.searched(studies.spec(), 12)
    assert gaps_section(material(search, studies.spec())) is None


def test_every_variant_that_reconstructs_has_a_row(material: MakeMaterial) -> None:
    study = trained()
    (drawn,) = reconstructions_section(material(study, SPEC)).blocks
    assert isinstance(drawn, Pictures)
    names = [strip.label.partition(" (")[0] for strip in drawn.strips]
    assert names == ["originals", "plain", "dropout", "gamma"]
    assert "not trained have no row" in drawn.caption


def test_more_variants_than_stand_out_elsewhere_have_rows(material: MakeMaterial) -> None:
    many = "\n".join(f"  wide {n}: {{model.encoder: C({n})}}" for n in range(1, 18))
    spec = studies.spec(STEPS.replace("  plain: {}", f"  plain: {{}}\n{many}"), "steps")
    study = studies.repeated(spec)
    (drawn,) = reconstructions_section(material(study, spec)).blocks
    assert isinstance(drawn, Pictures)
    # Two of them have no decoder that is trained.
    assert len({strip.label for strip in drawn.strips}) == 1 + len(spec.settings.variants) - 2
