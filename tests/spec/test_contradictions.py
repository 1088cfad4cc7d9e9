"""Settings that are right alone and make no sense together."""

from pathlib import Path

import pytest

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.space import largest
from tests.spec.studies import SMALL, study


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        (["model.decoder=none", "loss.beta=1.0"], "loss.beta"),
        (["model.decoder=none", "loss.beta={min: 0.0, max: 1.0}"], "loss.beta"),
        (["model.task=none", "loss.alpha=0.5"], "loss.alpha"),
        (["loss.reconstruction=bce", "model.output=linear"], "loss.reconstruction"),
        (["loss.alpha=0", "loss.beta=0"], "loss"),
        (
            ["model.decoder=none", "objectives=[{metric: val_mse, direction: minimize}]"],
            "objectives",
        ),
        (["data.validation=0"], "data.validation"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, overrides: list[str], key: str) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, SMALL, *overrides)
    assert caught.value.key == key


STAGED = SMALL + "  end_to_end: false\n"


@pytest.mark.parametrize(
    ("overrides", "key", "message"),
    [
        (["model.decoder=none"], "training.end_to_end", "needs a decoder"),
        (["model.task=none"], "training.end_to_end", "trains a head"),
        (["loss.beta=0.0"], "training.end_to_end", "`loss.beta`, which is 0"),
        (["loss.alpha=0.0"], "training.end_to_end", "`loss.alpha`, which is 0"),
        (["training.epochs=1"], "training.epochs", "two epochs at least"),
        (["training.first_epochs=2"], "training.first_epochs", "leaves the second stage no epoch"),
        (["training.first_epochs=0"], "training.first_epochs", "greater than 0"),
        (["training.first_stage=pac"], "training.first_stage", "did you mean 'pca'"),
        (
            ["training.first_stage=pca", "model.latent=spatial"],
            "training.first_stage",
            "as many components as the latent",
        ),
        (
            ["training.end_to_end=true", "training.first_stage=pca"],
            "training.first_stage",
            "only with `end_to_end: false`",
        ),
    ],
)
def test_two_stages_that_make_no_sense_are_refused(
    tmp_path: Path, overrides: list[str], key: str, message: str
) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        study(tmp_path, STAGED, *overrides)
    assert caught.value.key == key
    assert caught.value.place


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["training.end_to_end={values: [true, false]}", "training.first_epochs=1"],
        ["training.first_stage=pca", "model.task=none"],
        ["loss.beta={min: 0.0, max: 1.0}"],
        ["training.first_stage={values: [reconstruction, pca]}"],
    ],
)
def test_two_stages_are_read(tmp_path: Path, overrides: list[str]) -> None:
    spec = study(tmp_path, STAGED, *overrides)
    assert spec.configuration(lambda _, domain: domain.ends[-1]).first_epochs == 1


def test_one_contradictory_combination_is_left_to_the_search(tmp_path: Path) -> None:
    spec = study(
        tmp_path, SMALL, "model.decoder={values: [mirror, none]}", "loss.beta={min: 0.5, max: 1.0}"
    )
    chosen: dict[str, Value] = {"model.decoder": "none"}
    with pytest.raises(Unbuildable):
        spec.configuration(lambda key, domain: chosen.get(key, largest(domain)))
