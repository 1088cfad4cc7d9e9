"""The figures of an epoch: on which images, in which units, of which parts."""

from math import isclose

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from autoae.spec.metrics import METRICS, SIGMOID_ONLY
from autoae.training import Training, batches
from autoae.training.batches import images_at_once
from autoae.training.evaluation import evaluate, signal_to_noise
from autoae.training.examination import examine
from tests.training.toy import (
    SIZE,
    TRAIN,
    VALIDATION,
    toy_configuration,
    toy_data,
    toy_images,
    train,
)

Pixels = NDArray[np.float64]
Normal = tuple[tuple[float, ...], tuple[float, ...]]

OTHER_PARTS = {"count", "digits", "jigsaw"}
OF_OTHERS = {name for name, metric in METRICS.items() if metric.part in OTHER_PARTS}
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
DATASET = ((0.31, 0.29, 0.33), (0.17, 0.21, 0.19))


def _pixels_and_pictures(training: Training, normal: Normal, output: str) -> tuple[Pixels, Pixels]:
    """The validation images and their reconstructions, 0-1, worked out without the data room."""
    images, _ = toy_images(3)
    unit = images[TRAIN : TRAIN + VALIDATION].astype(np.float64) / 255
    mean, deviation = (np.asarray(values).reshape(1, 3, 1, 1) for values in normal)
    with torch.no_grad():
        given = torch.from_numpy(((unit - mean) / deviation).astype(np.float32))
        found = training.member(0).network.eval()(given).reconstruction
    assert found is not None
    pictures = found.numpy().astype(np.float64)
    return unit, pictures * deviation + mean if output == "linear" else pictures


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
@pytest.mark.parametrize(("normalize", "normal"), [("dataset", DATASET), ("imagenet", IMAGENET)])
def test_errors_are_of_de_normalised_images(normalize: str, normal: Normal, output: str) -> None:
    data = toy_data(channels=3, mean=normal[0], deviation=normal[1])
    configuration = toy_configuration(
        data={"normalize": normalize}, model={"output": output}, training={"epochs": 1}
    )
    training, reports = train(configuration, data=data)
    metrics = reports[0].metrics[0]
    unit, pictures = _pixels_and_pictures(training, normal, output)
    error = float(((unit - pictures) ** 2).mean())
    assert metrics["val_mse"] == pytest.approx(error, rel=1e-4)
    assert metrics["val_psnr"] == pytest.approx(-10 * np.log10(error), rel=1e-4)
    assert ("val_bce" in metrics) == (output == "sigmoid")


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
def test_the_target_is_the_raw_image_of_a_sigmoid_and_the_normalised_one_else(output: str) -> None:
    data = toy_data(channels=3, mean=IMAGENET[0], deviation=IMAGENET[1])
    configuration = toy_configuration(
        data={"normalize": "imagenet"},
        model={"output": output, "task": "none"},
        training={"epochs": 1},
    )
    metrics = train(configuration, data=data)[1][0].metrics[0]
    raw = isclose(metrics["val_loss"], metrics["val_mse"], rel_tol=1e-4)
    assert raw == (output == "sigmoid")


def test_bce_is_per_pixel_and_clamped_as_torch_clamps() -> None:
    configuration = toy_configuration(loss={"reconstruction": "bce"}, model={"task": "none"})
    metrics = train(configuration, data=toy_data())[1][-1].metrics[0]
    assert metrics["val_bce"] == pytest.approx(metrics["val_loss"], rel=1e-6)


def test_the_excess_is_above_the_entropy_of_the_images() -> None:
    data = toy_data()
    configuration = toy_configuration(loss={"reconstruction": "bce"}, model={"task": "none"})
    metrics = train(configuration, data=data)[1][-1].metrics[0]
    images, _ = toy_images()
    p = images[TRAIN : TRAIN + VALIDATION].astype(np.float64) / 255
    floor = float(-(xlogy(p, p) + xlog1py(1 - p, -p)).mean())
    assert metrics["val_bce_excess"] == pytest.approx(metrics["val_bce"] - floor, rel=1e-4)
    assert 0 < metrics["val_bce_excess"] < metrics["val_bce"]


@pytest.mark.parametrize(
    ("model", "absent"),
    [
        (
            {"task": "none"},
            {"train_task", "val_task", "train_accuracy", "val_accuracy", "train_penalty"},
        ),
        (
            {"decoder": "none"},
            {
                *("train_reconstruction", "val_reconstruction", "val_mse", "val_psnr"),
                *("train_penalty", *SIGMOID_ONLY),
            },
        ),
        ({"output": "linear"}, {*SIGMOID_ONLY, "train_penalty"}),
    ],
)
def test_metrics_are_those_of_the_parts(model: dict[str, object], absent: set[str]) -> None:
    _, reports = train(toy_configuration(model=model), data=toy_data())
    for report in reports:
        assert set(report.metrics[0]) == set(METRICS) - absent - OF_OTHERS


def test_the_validation_loss_is_the_weighted_sum_of_its_terms() -> None:
    weights = {"alpha": 0.5, "beta": 3.0, "delta": 2.0, "jigsaw_grid": 2}
    metrics = train(toy_configuration(loss=weights), data=toy_data())[1][-1].metrics[0]
    for half in ("train", "val"):
        terms = [metrics[f"{half}_{name}"] for name in ("task", "reconstruction", "jigsaw")]
        expected = 0.5 * terms[0] + 3.0 * terms[1] + 2.0 * terms[2]
        assert metrics[f"{half}_loss"] == pytest.approx(expected, rel=1e-5)


def test_without_validation_images_there_are_no_validation_metrics() -> None:
    _, reports = train(toy_configuration(), data=toy_data(validation=0), select="train_loss")
    assert not any(name.startswith("val_") for name in reports[-1].metrics[0])


def test_evaluation_does_not_depend_on_the_batches() -> None:
    data = toy_data()
    training, _ = train(toy_configuration(loss={"gamma": 0.01}), data=data)
    member = training.member(0)
    whole, parts = (
        evaluate(member.network, member.configuration, batches, data, "float32")
        for batches in (data.validation_batches(512), data.validation_batches(7))
    )
    assert whole == pytest.approx(parts, rel=1e-5)


def test_accuracy_is_a_share_and_speed_is_positive() -> None:
    _, reports = train(toy_configuration(training={"epochs": 20}), data=toy_data())
    last = reports[-1].metrics[0]
    assert last["val_accuracy"] > 0.9
    assert all(0 <= report.metrics[0]["train_accuracy"] <= 1 for report in reports)
    assert last["samples_per_second"] > 0
    assert last["gradient_norm"] > 0


@given(st.floats(0.0, 1.0))
def test_signal_to_noise_is_the_logarithm_of_the_error(error: float) -> None:
    decibels = signal_to_noise(error)
    assert 0.0 <= decibels <= 120.0 + 1e-9
    if error > 1e-11:
        assert 10 ** (-decibels / 10) == pytest.approx(error)


def test_test_images_pass_by_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    data, sizes = toy_data(), list[int]()
    configuration = toy_configuration(training={"epochs": 1})
    network = train(configuration, data=data)[0].member(0).network
    whole = examine(network, configuration, data)
    monkeypatch.setattr(batches, "PIXELS_ON_CPU", 9 * SIZE * SIZE)
    network.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    found = examine(network, configuration, data)
    assert sizes == [9, 9, 2]
    assert found.pictures == pytest.approx(whole.pictures, rel=1e-5)


@pytest.mark.parametrize(
    ("device", "side", "images"),
    [
        ("cpu", 8, 512), ("cpu", 32, 512), ("cpu", 64, 256), ("cpu", 224, 20), ("cpu", 4096, 1),
        ("cuda", 32, 2048), ("cuda", 224, 41),
    ],
)  # fmt: skip
def test_images_pass_in_batches_that_suit_them_and_the_device(
    device: str, side: int, images: int
) -> None:
    assert images_at_once((3, side, side), torch.device(device)) == images
