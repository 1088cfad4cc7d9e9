"""The arrays that views draw from."""

from math import prod

import numpy as np
import pytest
import torch

from autoae.data.resident import ResidentData
from autoae.training import Selection, Training, artifacts, batches, fit, look
from autoae.training.artifacts import Array, arrays, confusion
from autoae.training.feature_maps import feature_maps
from autoae.training.stacks import validation
from tests.training.toy import (
    CPU,
    TRAIN,
    VALIDATION,
    Section,
    toy_configuration,
    toy_data,
    toy_images,
    train,
)

WORST = Selection("val_loss", "maximize")
"""A first epoch is the worst one, and others follow it."""


def _arrays(data: ResidentData, model: dict[str, object], select: str) -> dict[str, Array]:
    configuration = toy_configuration(model=model, training={"epochs": 2})
    training, _ = train(configuration, data=data, select=select)
    return arrays(training.member(0), data)


def test_pictures_are_the_images_themselves_one_of_each_class_first() -> None:
    found = _arrays(toy_data(mean=[0.4], deviation=[0.2]), {}, "val_loss")
    images, labels = toy_images()
    rows = [
        int(np.flatnonzero(labels[TRAIN : TRAIN + VALIDATION] == label)[0]) for label in range(3)
    ]
    assert found["originals"].shape == found["reconstructions"].shape == (10, 1, 8, 8)
    assert found["originals"].dtype == found["reconstructions"].dtype == np.uint8
    assert found["picture_labels"][:3].tolist() == [0, 1, 2]
    assert np.array_equal(found["originals"][:3], images[[TRAIN + row for row in rows]])


def test_confusion_counts_every_validation_image() -> None:
    data = toy_data()
    configuration = toy_configuration(training={"epochs": 4})
    training, _ = train(configuration, data=data, select="val_accuracy")
    member = training.member(0)
    counts = arrays(member, data)["confusion"]
    _, labels = toy_images()
    expected = np.bincount(labels[TRAIN : TRAIN + VALIDATION], minlength=3)
    assert counts.dtype == np.int64
    assert counts.sum(axis=1).tolist() == expected.tolist()
    accuracy = member.best_metrics["val_accuracy"]
    assert np.trace(counts) / VALIDATION == pytest.approx(accuracy)


def test_confusion_has_the_truth_in_its_rows() -> None:
    counts = confusion(np.array([0, 0, 1]), np.array([2, 2, 1]), 3)
    assert counts.tolist() == [[0, 0, 2], [0, 1, 0], [0, 0, 0]]


def test_latents_are_flat_and_labelled() -> None:
    found = _arrays(toy_data(), {"encoder": "C(4)", "latent": "spatial"}, "val_loss")
    assert found["latent"].shape == (VALIDATION, 4 * 4 * 4)
    assert found["latent"].dtype == np.float32
    assert found["latent_labels"].shape == (VALIDATION,)


def test_feature_maps_of_a_few_images_and_channels() -> None:
    model: dict[str, object] = {"encoder": "C'(12) > C(4) > L(5)"}
    found = _arrays(toy_data(), model, "val_loss")
    maps = {name: each.shape for name, each in found.items() if name.startswith("features")}
    assert maps == {"features_1": (3, 8, 8, 8), "features_2": (3, 4, 4, 4)}


def test_feature_maps_are_bounded_and_each_channel_uses_all_levels() -> None:
    flat, large = torch.full((5, 1, 100, 70), 3.0), torch.rand(5, 19, 100, 70)
    lively = torch.arange(20) % 2 == 1
    layers = torch.cat([large * lively[:19, None, None] * 9, flat], dim=1)
    found = feature_maps((layers,) * 30)
    assert list(found) == [f"features_{number}" for number in range(1, 9)]
    maps = found["features_1"]
    assert maps.shape == (3, 8, 48, 48)
    assert maps.min(axis=(0, 2, 3)).tolist() == [0] * 8
    # Only channels that vary were taken, though most do not come first.
    assert maps.max(axis=(0, 2, 3)).tolist() == [255] * 8


def test_a_channel_that_never_changes_stays_dark() -> None:
    assert not feature_maps((torch.full((2, 1, 4, 4), 7.0),))["features_1"].any()


def test_fewer_latents_are_kept_where_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "LATENT_NUMBERS", 6 * 9)
    found = _arrays(toy_data(), {}, "val_loss")
    assert found["latent"].shape == (9, 6)
    assert found["latent_labels"].shape == (9,)
    assert found["confusion"].sum() == VALIDATION


def test_only_what_the_network_has() -> None:
    without_decoder = _arrays(toy_data(), {"decoder": "none"}, "val_loss")
    assert "reconstructions" not in without_decoder
    assert "confusion" in without_decoder
    without_head = _arrays(toy_data(), {"task": "none"}, "val_loss")
    assert "reconstructions" in without_head
    assert "confusion" not in without_head


def test_without_validation_images_there_are_no_confusion_counts() -> None:
    found = _arrays(toy_data(validation=0), {}, "train_loss")
    assert "confusion" not in found
    assert len(found["originals"]) == 10


def test_without_validation_images_the_same_are_shown_however_many_pass_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = toy_data(validation=0)
    monkeypatch.setattr(artifacts, "TRAINING_IMAGES", 40)
    training, _ = train(toy_configuration(), data=data, select="train_loss")
    whole = arrays(training.member(0), data)
    # As many as in training are the fewest: three batches of 16.
    monkeypatch.setattr(batches, "MOST_ON_CPU", 1)
    found = arrays(training.member(0), data)
    assert [len(each["latent"]) for each in (whole, found)] == [40, 48]
    assert found["latent"][:40] == pytest.approx(whole["latent"], abs=1e-5)
    assert all(np.array_equal(found[name], whole[name]) for name in ("originals", "picture_labels"))


_SPATIAL = {"encoder": "C'(4) > C(4)", "latent": "spatial", "batch_norm": True, "dropout": 0.2}


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"model": _SPATIAL},
        {"model": {"encoder": "C(4)"}, "training": {"precision": "bfloat16"}},
        {"model": {"task": "none", "output": "linear"}},
        {"model": {"decoder": "none"}, "loss": {"alpha": 1.0}},
        {"training": {"engine": "numpy"}},
        {"training": {"end_to_end": False, "first_epochs": 1}},
    ],
)
def test_the_best_epoch_has_kept_what_a_pass_with_its_weights_shows(
    sections: dict[str, Section], monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration, data = toy_configuration(**sections), toy_data(mean=[0.4], deviation=[0.2])
    monkeypatch.setattr(look, "LATENTS", 9)
    training = Training.create([configuration], data, select=WORST, device=CPU)
    list(fit(training, data))
    best = training.member(0).best
    assert 0 < best.epoch < training.epoch
    assert best.look is not None
    kept, passed = (_seen(training, data, each) for each in (best.look, None))
    assert _same(kept, passed)


@pytest.mark.parametrize(
    "model",
    [{}, {"encoder": "C(4)", "latent": "spatial"}, {"task": "none"}, {"decoder": "none"}],
)
@pytest.mark.parametrize(("most", "keeps"), [(2, True), (1, False)])
def test_members_of_a_stack_keep_it_where_it_is_not_too_large_for_all(
    model: Section, most: int, keeps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration, data = toy_configuration(model=model), toy_data()
    monkeypatch.setattr(look, "LATENTS", 9)
    training = Training.create([configuration] * 2, data, select=WORST, device=CPU, stacked=True)
    numbers = prod(training.member(0).network.plan.latent)
    monkeypatch.setattr(validation, "STACKED_NUMBERS", most * 9 * numbers)
    list(fit(training, data))
    for member in training.members:
        assert (member.best.look is not None) is keeps
        kept, passed = (arrays(member, data, each) for each in (member.best.look, None))
        assert list(kept) == list(passed)
        for name, each in kept.items():
            assert (each.shape, each.dtype) == (passed[name].shape, passed[name].dtype)
            assert each == pytest.approx(passed[name], rel=1e-4, abs=1e-5)


def test_a_training_that_goes_on_after_its_best_epoch_shows_the_same() -> None:
    configuration, data = toy_configuration(), toy_data()
    whole = Training.create([configuration], data, select=WORST, device=CPU)
    fitting = fit(whole, data)
    next(fitting)
    rest = Training.create([configuration], data, select=WORST, device=CPU)
    rest.load_state_dict(whole.state_dict())
    list(fitting), list(fit(rest, data))
    assert rest.member(0).best.look is None
    assert _same(*(_seen(each, data, each.member(0).best.look) for each in (whole, rest)))


def _seen(training: Training, data: ResidentData, kept: look.Look | None) -> dict[str, Array]:
    return arrays(training.member(0), data, kept)


def _same(one: dict[str, Array], other: dict[str, Array]) -> bool:
    equal = (np.array_equal(one[name], other[name]) for name in one)
    return one.keys() == other.keys() and all(equal)
