"""Constrained and resampled classes: training images alone, and reproducibly."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoae.data import DataError, ImageData, facts, load, sizes
from autoae.data.images import Bytes, Integers
from autoae.data.resident import resident
from autoae.data.sampling import constrained, oversampled, undersampled
from autoae.data.smote import synthetic
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from tests.data import made

WAYS = ("none", "undersample", "oversample", "smote")

labels = st.lists(st.integers(0, 3), min_size=1, max_size=60).map(
    lambda values: np.array(values, np.int64)
)


def digits(**options: object) -> ImageData:
    return load(DataOptions.model_validate(options))


def counts(data: ImageData) -> list[int]:
    """Training images of each class."""
    found: list[int] = np.bincount(data.train.labels[data.train.indices], minlength=10).tolist()
    return found


def pixels(data: ImageData) -> Bytes:
    """The training images."""
    return data.train.images[data.train.indices]


@given(labels, st.floats(0.01, 1.0))
def test_only_the_named_classes_lose_images(labels: Integers, share: float) -> None:
    rows = np.arange(len(labels))
    kept = constrained(rows, labels, {1, 3}, share)
    before, after = (np.bincount(labels[each], minlength=4) for each in (rows, kept))
    assert set(kept) <= set(rows)
    assert (after[[0, 2]] == before[[0, 2]]).all()
    there = before[[1, 3]] > 0
    wanted = np.maximum(1, np.rint(share * before[[1, 3]])) * there
    assert (after[[1, 3]] == wanted).all()


@given(labels)
def test_a_smaller_share_is_a_part_of_a_larger_one(labels: Integers) -> None:
    rows = np.arange(len(labels))
    fewer, more = (constrained(rows, labels, {0, 1}, share) for share in (0.3, 0.6))
    assert set(fewer) <= set(more)


@given(labels)
def test_resampled_classes_are_equally_frequent(labels: Integers) -> None:
    rows = np.arange(len(labels))
    found = np.unique(labels, return_counts=True)[1]
    fewer, more = undersampled(rows, labels), oversampled(rows, labels)
    assert set(np.unique(labels[fewer], return_counts=True)[1]) == {found.min()}
    assert len(set(fewer)) == len(fewer)
    assert set(np.unique(labels[more], return_counts=True)[1]) == {found.max()}
    for label in np.unique(labels):
        repeated = np.bincount(more, minlength=len(labels))[labels == label]
        assert repeated.max() - repeated.min() <= 1
        assert repeated.min() >= 1


@pytest.mark.parametrize("resample", WAYS)
def test_validation_and_test_images_are_those_of_every_variant(resample: str) -> None:
    plain, changed = digits(), digits(constrained=[2, "4"], resample=resample)
    for one, other in ((plain.validation, changed.validation), (plain.test, changed.test)):
        assert np.array_equal(one.images[one.indices], other.images[other.indices])
    assert not set(changed.validation.indices) & set(digits(constrained=[2, "4"]).train.indices)


@pytest.mark.parametrize(
    ("resample", "expected"),
    [
        ("none", [128, 130, 64, 131, 66, 131, 131, 129, 125, 130]),
        ("undersample", [64] * 10),
        ("oversample", [131] * 10),
        ("smote", [131] * 10),
    ],
)
def test_constrained_classes_come_first_then_resampling(resample: str, expected: list[int]) -> None:
    options = DataOptions.model_validate({"constrained": [2, "4"], "resample": resample})
    assert counts(load(options)) == expected
    assert sizes(options) == (sum(expected), 143)


def test_the_limit_is_of_the_images_before() -> None:
    assert sum(counts(digits(limit=400, constrained=[0], resample="none"))) == 380
    assert sum(counts(digits(limit=400, constrained=[0], resample="oversample"))) > 400


def test_statistics_are_of_the_images_trained_on() -> None:
    for way in WAYS:
        data = digits(constrained=[0, 1], constrained_share=0.2, resample=way, normalize="dataset")
        assert data.mean == pytest.approx(pixels(data).mean() / 255, abs=1e-6)


def test_smote_makes_images_between_two_of_a_class() -> None:
    plain, more = digits(constrained=[2]), digits(constrained=[2], resample="smote")
    count = len(plain.train)
    assert np.array_equal(pixels(more)[:count], pixels(plain))
    known = pixels(plain)[plain.train.labels[plain.train.indices] == 2].reshape(-1, 64) / 255
    new = pixels(more)[count:][more.train.labels[count:] == 2].reshape(-1, 64) / 255
    assert len(new) > 60
    for image in new[::10]:
        assert on_a_line(image, known), "it lies between no two images of its class"


def on_a_line(image: np.ndarray, known: np.ndarray) -> bool:
    """Whether an image is on the line between two known ones, but for rounding to bytes."""
    for start in known:
        ways = known - start
        steps = (ways @ (image - start)) / np.maximum((ways * ways).sum(1), 1e-9)
        away = np.abs(start + steps[:, None] * ways - image).max(1)
        if ((away < 1.01 / 255) & (steps >= 0) & (steps <= 1)).any():
            return True
    return False


def test_smote_makes_the_same_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    once = digits(constrained=[2], resample="smote")
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path))
    assert np.array_equal(pixels(once), pixels(digits(constrained=[2], resample="smote")))
    other = digits(constrained=[2], constrained_share=0.4, resample="smote")
    assert not np.array_equal(pixels(once), pixels(other))


def test_smote_of_classes_that_are_equal_makes_nothing() -> None:
    images, even = made.random_images(12, 1, 4, 4), made.labels_of(12, 2)
    new, classes = synthetic(images, even, ("a", "b"))
    assert len(new) == len(classes) == 0


def test_smote_of_too_few_images_is_refused() -> None:
    with pytest.raises(SpecError, match=r"needs 6 images of each class.*'0' has 1"):
        digits(constrained=[0], constrained_share=0.001, resample="smote")


def test_smote_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.data.smote.has_smote", lambda: False)
    with pytest.raises(DataError) as refused:
        synthetic(made.random_images(3, 1, 4, 4), made.labels_of(3, 2), ("a", "b"))
    assert "autoae[smote]" in refused.value.hint


@pytest.mark.parametrize(
    ("wrong", "said"), [("brid", "did you mean 'bird'"), (10, "known: airplane"), ("dogs", "'dog'")]
)
def test_a_class_that_does_not_exist_is_refused_without_its_images(
    root: Path, wrong: object, said: str
) -> None:
    options = DataOptions.model_validate({"dataset": "cifar10", "constrained": ["cat", wrong]})
    with pytest.raises(SpecError, match=said) as refused:
        facts(options)
    assert refused.value.key == "data.constrained"
    assert "0 to 9" in refused.value.hint


def test_classes_of_a_folder_are_known_once_it_is_read(root: Path) -> None:
    folder = made.write_folders(root / "mine", {"apple": 12, "pear": 12}, 8, 8)
    options = {"dataset": "folder", "path": str(folder), "validation": 2}
    with pytest.raises(SpecError, match="did you mean 'apple'"):
        facts(DataOptions.model_validate({**options, "constrained": ["aple"]}))
    data = load(DataOptions.model_validate({**options, "constrained": ["pear"]}))
    first, second = counts(data)[:2]
    assert second == round(first / 2)


def test_repeated_images_are_trained_on_as_often() -> None:
    options = DataOptions.model_validate(
        {"constrained": [2], "constrained_share": 0.1, "resample": "oversample"}
    )
    data = resident(load(options), options, torch.device("cpu"))
    seen = torch.cat([batch.labels for batch in data.train_batches(64, torch.Generator())])
    assert seen.bincount().tolist() == [131] * 10
