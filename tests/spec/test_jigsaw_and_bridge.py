"""A jigsaw or a bridge that makes no sense is refused when the study file is read."""

from pathlib import Path

import pytest

from autoae.cli.survey import survey
from autoae.spec.blocks import Shape
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.space import largest
from tests.spec.studies import study

HYBRID = """\
data: {dataset: digits}
model:
  encoder: "C'(8) > C(8)"
  task: classify
loss: {delta: 0.5}
"""


def digits(_: DataOptions) -> tuple[Shape, int]:
    return (1, 8, 8), 10


@pytest.mark.parametrize(
    ("overrides", "key", "reason"),
    [
        (["model.decoder=none"], "loss.delta", "there is no decoder"),
        (["loss.delta={min: 0.0, max: 1.0}", "model.decoder=none"], "loss.delta", "no decoder"),
        (["model.bridge=4", "model.task=none"], "model.bridge", "leads to the head"),
        (["model.bridge=4", "model.encoder=L(9)"], "model.bridge", "that layer is linear"),
        (["objectives=[{metric: val_jigsaw, direction: minimize}]", "loss.delta=0"],
         "objectives", "needs `loss.delta` above 0"),
        (["loss.jigsaw_grid=1"], "loss.jigsaw_grid", "greater than or equal to 2"),
    ],
)  # fmt: skip
def test_it_is_refused_with_key_and_reason(
    tmp_path: Path, overrides: list[str], key: str, reason: str
) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, HYBRID, *overrides)
    assert caught.value.key == key
    assert caught.value.place.startswith(("--set", str(tmp_path)))
    assert reason in caught.value.message


def test_where_the_decoder_is_searched_such_a_trial_is_pruned(tmp_path: Path) -> None:
    spec = study(tmp_path, HYBRID, "model.decoder={values: [mirror, none]}")
    with pytest.raises(Unbuildable, match="no decoder"):
        spec.configuration(
            lambda key, domain: "none" if key == "model.decoder" else largest(domain)
        )


def test_a_grid_that_does_not_divide_the_image_is_refused_before_a_study_is_made(
    tmp_path: Path,
) -> None:
    spec = study(tmp_path, HYBRID.replace("delta: 0.5", "delta: 0.5, jigsaw_grid: 3"))
    with pytest.raises(Unbuildable) as caught:
        survey(spec, digits)
    assert "a grid of 3 does not divide images of 8x8 pixels" in caught.value.message
    assert "a grid of 2, 4, 8 does" in caught.value.hint
    assert caught.value.place.endswith("small.yaml:5")


def test_a_grid_that_nothing_uses_is_left_alone(tmp_path: Path) -> None:
    spec = study(tmp_path, HYBRID, "loss.delta=0", "loss.jigsaw_grid=3")
    assert survey(spec, digits).candidates


def test_a_searched_grid_is_pruned_where_it_does_not_fit(tmp_path: Path) -> None:
    spec = study(tmp_path, HYBRID, "loss.jigsaw_grid={values: [2, 3, 4]}")
    found = survey(spec, digits)
    assert {each.configuration.loss.jigsaw_grid for each in found.candidates} == {2, 4}
    assert [reason.key for reason, _ in found.refusals] == ["loss.jigsaw_grid"]


def test_a_bridge_may_be_searched(tmp_path: Path) -> None:
    spec = study(tmp_path, HYBRID, "model.bridge={values: [null, 4, 8]}")
    plans = [candidate.plan for candidate in survey(spec, digits).candidates]
    assert {plan.bridge.outputs if plan.bridge else None for plan in plans} == {
        None, (4, 4, 4), (8, 4, 4)
    }  # fmt: skip
