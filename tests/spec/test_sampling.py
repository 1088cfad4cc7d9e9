"""Constrained and resampled classes in a study file."""

from pathlib import Path

import pytest

from autoae.spec.errors import SpecError
from autoae.spec.reading import read_study, study_from_text
from tests.spec.studies import SMALL, study

COUNTED = ("data.dataset=double-mnist", "model.task=count")


@pytest.mark.parametrize(
    ("overrides", "key", "said"),
    [
        (("data.constrained_share=0.2",), "data.constrained_share", "no class"),
        (("data.constrained_share=0",), "data.constrained_share", "greater than 0"),
        (("data.constrained=bird",), "data.constrained", "a list"),
        (("data.constrained=[-1]",), "data.constrained.0", "expected"),
        (("data.resample=smot",), "data.resample", "did you mean 'smote'?"),
        (("data.blur=-1",), "data.blur", "greater than or equal to 0"),
        ((*COUNTED, "data.constrained=[1]"), "data.constrained", "no single class"),
        ((*COUNTED, "data.resample=oversample"), "data.resample", "no single class"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, overrides: tuple[str, ...], key: str, said: str
) -> None:
    with pytest.raises(SpecError, match=said) as refused:
        study(tmp_path, SMALL, *overrides)
    assert refused.value.key == key
    assert refused.value.place


def test_a_share_may_be_given_where_one_variant_constrains_nothing() -> None:
    spec = read_study("cifar-constrained", overrides=["data.constrained_share=0.2"])
    assert spec.settings.variants["complete"] == {"data.constrained": []}


def test_every_key_can_be_searched(tmp_path: Path) -> None:
    spec = study(
        tmp_path,
        SMALL,
        "data.constrained={values: [[3], [3, '5']]}",
        "data.constrained_share={min: 0.1, max: 1.0}",
        "data.resample={values: [none, smote]}",
        "data.blur={values: [0, 1, 2.5]}",
    )
    assert {"data.constrained", "data.constrained_share", "data.resample", "data.blur"} <= set(
        spec.domains()
    )


@pytest.mark.parametrize("resample", ["smote", "{values: [none, smote]}"])
def test_smote_without_its_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resample: str
) -> None:
    study(tmp_path, SMALL, f"data.resample={resample}")
    monkeypatch.setattr("autoae.spec.sampling.find_spec", lambda _: None)
    with pytest.raises(SpecError, match="imbalanced-learn") as refused:
        study(tmp_path, SMALL, f"data.resample={resample}")
    assert refused.value.hint == "pip install 'autoae[smote]'"
    assert refused.value.key == "data.resample"
    assert refused.value.place
    study(tmp_path, SMALL, "data.resample=oversample")


def test_a_stored_study_is_read_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.spec.sampling.find_spec", lambda _: None)
    text = SMALL.replace("dataset: digits", "dataset: digits\n  resample: smote")
    assert study_from_text(text, name="kept", source="storage").name == "kept"
