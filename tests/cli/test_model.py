import json
from pathlib import Path
from typing import Any

import pytest

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.neighbours import middle
from autoae.training.weights import load_network
from tests.cli.conftest import Autoae, Said

FIXED = ("--set", "model.encoder.depth=1", "--set", "model.encoder.width=4", "--set",
         "model.latent=4", "--set", "training.lr=0.01", "--set", "data.limit=200")  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (FloatRange(1e-4, 1e-2, log=True), 1e-3),
        (FloatRange(0.0, 3.0), 1.5),
        (IntRange(2, 8), 5),
        (IntRange(2, 32, log=True), 8),
        (IntRange(2, 10, step=4), 6),
        (Choices(("relu", "gelu", "silu")), "relu"),
    ],
)
def test_the_middle_of_a_range_is_geometric_where_it_is_logarithmic(
    domain: Domain, expected: Value
) -> None:
    assert middle(domain) == expected


def test_the_summary_adds_up(autoae: Autoae, study_file: Path) -> None:
    facts = autoae("model", "summary", str(study_file), *FIXED, "--json").json
    layers, costs = facts["layers"], facts["costs"]
    assert isinstance(layers, list)
    assert isinstance(costs, dict)
    assert sum(layer["params"] for layer in layers) == costs["params"]
    assert facts["network"] == "C(4) > L'(4) | L'(10)"


def test_a_trial_has_a_summary(filled: Autoae) -> None:
    said = filled("model", "summary", "small:3")
    assert said.code == 0
    assert "C(4) > L'(5) | L'(10)" in said.out


def test_open_ranges_are_named_with_what_to_set(autoae: Autoae, study_file: Path) -> None:
    for verb in ("summary", "train"):
        said = autoae("model", verb, str(study_file))
        assert said.code == 2
        assert "model.encoder.depth, model.encoder.width, model.latent, training.lr" in said.err
        assert "--middle" in said.err
        assert "--set model.encoder.width=4" in said.err
    assert autoae("model", "summary", str(study_file), "--middle").code == 0


def _trained(said: Said) -> tuple[dict[str, Any], Path]:
    assert said.code == 0, said.err
    facts = json.loads(said.out)
    return facts["model"], Path(facts["folder"])


def test_a_configuration_is_trained_into_a_folder_that_can_be_used(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae("model", "train", str(study_file), *FIXED, "--json", "--epochs", "2")
    model, folder = _trained(said)
    assert folder == Path("storage/models/small")
    assert said.err.count("epoch ") == 2
    network, description = load_network(folder / "best.safetensors")
    assert description.epoch == model["epoch"]
    assert network.plan.notation == model["notation"]
    assert len((folder / "metrics.jsonl").read_text().splitlines()) == 2
    assert {"configuration.json", "environment.json", "arrays.npz"} <= {
        path.name for path in folder.iterdir()
    }


def test_a_found_trial_is_trained_longer_on_the_validation_images_too(filled: Autoae) -> None:
    words = ("--from", "small:9", "--epochs", "3", "--with-validation", "--json")
    said = filled("model", "train", *words, "--set", "data.limit=100")
    model, folder = _trained(said)
    assert folder.name == "small-9"
    assert (model["epoch"], model["epochs"]) == (3, 3)
    assert "no figure says how good" in said.err
    assert not [name for name in model["metrics"] if name.startswith("val_")]
    data = json.loads((folder / "configuration.json").read_text())["data"]
    assert data["limit"] == 100 + 143


def test_an_interrupted_training_leaves_what_was_reached(
    autoae: Autoae, study_file: Path, tmp_path: Path
) -> None:
    from autoae.cli.chosen import Choice, from_file
    from autoae.cli.training import HowTrained, train_model

    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise KeyboardInterrupt

    chosen = from_file(str(study_file), Choice(FIXED[1::2], middle=True))
    with pytest.raises(KeyboardInterrupt):
        train_model(chosen, tmp_path / "model", HowTrained(), tell)
    assert said[-1].startswith("interrupted after epoch 2")
    assert load_network(tmp_path / "model" / "best.safetensors")[1].epoch in (1, 2)


def test_models_never_overwrite_each_other(autoae: Autoae, study_file: Path) -> None:
    train = ("model", "train", str(study_file), *FIXED, "--epochs", "1", "--json")
    assert _trained(autoae(*train))[1].name == "small"
    assert _trained(autoae(*train))[1].name == "small-2"
    said = autoae(*train, "--name", "small")
    assert said.code == 2
    assert "exists" in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name either a study file or --from"),
        (("digits-hybrid", "--from", "small:1"), "name either a study file or --from"),
        (("--from", "small"), "expected STUDY:TRIAL"),
        (("--from", "small:99"), "has no trial 99"),
        (("--from", "smal:1"), "did you mean 'small'?"),
        (("--from", "small:1", "--set", "training.lrr=1"), "did you mean 'lr'?"),
        (("--from", "small:1", "--set", "training.lrr=1"), "--set training.lrr=1: training.lrr"),
        (("--from", "small:1", "--profile", "quick"), "--profile: is for study files"),
        (("--from", "small:1", "--middle"), "--middle: is for study files"),
        (("--from", "small:1", "--device", "tpu"), "device"),
        (("--from", "small:1", "--name", "a/b"), "no name"),
    ],
)
def test_wrong_wishes_are_answered(filled: Autoae, words: tuple[str, ...], said: str) -> None:
    answer = filled("model", "train", *words)
    assert answer.code in (1, 2)
    assert said in answer.err
    assert not Path("storage/models").exists()


def test_one_variant_of_a_list_is_chosen_by_its_name(autoae: Autoae, tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text(
        'model: {encoder: "C(4)", latent: 4, task: classify}\n'
        "search: {method: list}\n"
        "variants: {narrow: {model.latent: 2}, wide: {model.latent: 8}}\n"
    )
    said = autoae("model", "summary", "list.yaml", "--variant", "wide", "--json")
    assert said.json["network"] == "C(4) > L'(8) | L'(10)"
    assert "narrow, wide" in autoae("model", "summary", "list.yaml").err
    assert "did you mean 'wide'?" in autoae("model", "summary", "list.yaml", "--variant", "wid").err
    said = autoae("model", "summary", "digits-hybrid", "--variant", "wide")
    assert said.code == 2
