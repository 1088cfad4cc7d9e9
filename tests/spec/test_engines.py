"""What the NumPy engine cannot train is refused when the study file is read."""

from pathlib import Path

import pytest

from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.space import largest
from tests.spec.studies import study

PERCEPTRON = """\
data: {dataset: digits}
model:
  encoder: {kind: mlp, depth: {values: [1, 2]}, width: 16}
  decoder: none
  task: classify
training:
  engine: numpy
"""


@pytest.mark.parametrize(
    ("override", "key", "reason"),
    [
        ("model.encoder={kind: conv}", "model.encoder.kind", "'conv' has more than linear layers"),
        ("model.encoder=C(8) > L(9)", "model.encoder.kind", "'conv' has more than linear layers"),
        ("model.encoder={values: ['L(8)', 'C(8)']}", "model.encoder.kind", "'conv' has more"),
        ("model.encoder=L(8) > R(8)", "model.encoder", "R(8) is no linear layer"),
        ("model.encoder=L(8,d0.5)", "model.encoder", "L(8,d0.5) has dropout"),
        ("model.decoder=C(8) > C'(1)", "model.decoder", "C(8) is no linear layer"),
        ("model.head=R(8) > L'(10)", "model.head", "R(8) is no linear layer"),
        ("model.batch_norm=true", "model.batch_norm", "batch normalisation"),
        ("model.batch_norm={values: [false, true]}", "model.batch_norm", "batch normalisation"),
        ("model.dropout={min: 0.0, max: 0.5}", "model.dropout", "there is dropout"),
        ("training.precision=bfloat16", "training.precision", "no bfloat16"),
        ("training.device=cuda", "training.device", "cuda is no CPU"),
    ],
)
def test_it_is_refused_with_key_place_and_reason(
    tmp_path: Path, override: str, key: str, reason: str
) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, PERCEPTRON, override)
    error = caught.value
    assert (error.key, error.place) == (key, f"--set {override}")
    assert reason in error.message
    assert "training.engine: torch" in error.hint


def test_a_jigsaw_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is a jigsaw") as caught:
        study(tmp_path, PERCEPTRON, "model.decoder=mirror", "loss.delta=0.5")
    assert (caught.value.key, caught.value.place) == ("loss.delta", "--set loss.delta=0.5")


def test_the_place_is_a_line_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, PERCEPTRON.replace("kind: mlp", "kind: conv"))
    assert caught.value.place.endswith("small.yaml:3")
    with pytest.raises(SpecError) as caught:
        study(tmp_path, PERCEPTRON + "  precision: bfloat16\n")
    assert caught.value.place.endswith("small.yaml:8")


def test_the_same_file_is_read_for_torch(tmp_path: Path) -> None:
    study(tmp_path, PERCEPTRON, "model.batch_norm=true", "training.engine=torch")


def test_where_the_engine_is_searched_such_a_trial_is_pruned(tmp_path: Path) -> None:
    engines = "training.engine={values: [torch, numpy]}"
    spec = study(tmp_path, PERCEPTRON, "model.batch_norm=true", engines)
    with pytest.raises(Unbuildable, match="batch normalisation"):
        spec.configuration(
            lambda key, domain: "numpy" if key == "training.engine" else largest(domain)
        )


def test_the_engine_chooses_the_cpu(tmp_path: Path) -> None:
    chosen = study(tmp_path, PERCEPTRON).configuration(lambda _, domain: largest(domain))
    assert (chosen.training.device, chosen.device) == ("auto", "cpu")
