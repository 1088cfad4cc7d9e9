"""A trained network on images: what it says is what the network that was trained says."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import autoae
from autoae.data import load
from autoae.data.resident import resident
from autoae.inference.anomalies import threshold
from autoae.inference.errors import InputError
from autoae.store.runs import run_root, trial_folder
from autoae.training import batches
from autoae.training.evaluation import evaluate
from autoae.training.look import squared_errors
from autoae.training.target import pictures_of
from autoae.training.weights import WeightsError, load_network
from tests.inference.conftest import Saved
from tests.training.toy import CLASSES, SIZE, toy_data, toy_images


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
@pytest.mark.parametrize("mean", [None, 0.4])
def test_it_gives_what_the_network_gave_in_training(
    saved: Saved, output: str, mean: float | None
) -> None:
    folder = saved(mean=mean, model={"output": output, "task": "classify"})
    model, images = autoae.load_model(folder), toy_images()[0]
    found = model(images)
    network, description = load_network(folder / "best.safetensors")
    normal = None if mean is None else [mean]
    data = toy_data(mean=normal, deviation=normal)
    expected = [
        (network(batch.images), batch.images)
        for batch in (
            *data.train_images(512),
            *data.validation_batches(512),
            *data.test_batches(512),
        )
    ]
    with torch.no_grad():
        pictures = [pictures_of(o.reconstruction, description.configuration, data)
                    for o, _ in expected]  # fmt: skip
        errors = [squared_errors(p, data.to_unit(i))
                  for p, (_, i) in zip(pictures, expected, strict=True)]  # fmt: skip
    assert found.reconstructions == pytest.approx(torch.cat(pictures).detach().numpy(), abs=1e-5)
    assert found.errors == pytest.approx(torch.cat(errors).detach().numpy(), abs=1e-5)
    assert found.logits == pytest.approx(
        torch.cat([o.logits for o, _ in expected]).detach().numpy(), abs=1e-4
    )
    assert found.probabilities is not None
    assert found.probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert found.predictions is not None
    assert set(found.predictions) <= set(CLASSES)


def test_large_images_pass_a_few_at_a_time(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    model, images = autoae.load_model(saved()), toy_images()[0][:20]
    whole, sizes = model(images), list[int]()
    monkeypatch.setattr(batches, "PIXELS_ON_CPU", 9 * SIZE * SIZE)
    model.network.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    found = model(images)
    assert sizes == [9, 9, 2]
    assert found.reconstructions == pytest.approx(whole.reconstructions, abs=1e-5)


def test_parts_that_are_not_there_are_none(saved: Saved) -> None:
    images = toy_images()[0]
    classifier = autoae.load_model(saved(model={"decoder": "none"}))(images)
    assert classifier.reconstructions is None
    assert classifier.errors is None
    coder = autoae.load_model(saved(model={"task": "none"}))(images)
    assert (coder.logits, coder.probabilities, coder.predictions) == (None, None, None)
    assert coder.latents.shape == (len(images), 6)


def test_images_may_come_in_every_usual_form(saved: Saved) -> None:
    model, images = autoae.load_model(saved(channels=3)), toy_images(3)[0]
    expected = model(images).latents
    for same in (images.transpose(0, 2, 3, 1), images / 255, torch.from_numpy(images)):
        assert model(same).latents == pytest.approx(expected, abs=1e-5)
    grey = autoae.load_model(saved())
    images = toy_images()[0]
    assert np.array_equal(grey(images).latents, grey(images[:, 0]).latents)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 1, 9, 8), np.uint8), "takes images of 8 x 8 pixels, these have 9 x 8"),
        (np.zeros((2, 3, 8, 8), np.uint8), r"expected images \(N, 1, height, width\)"),
        (np.zeros((8, 8), np.uint8), r"found \(8, 8\)"),
        (np.zeros((0, 1, 8, 8), np.uint8), "no images"),
        (np.zeros((2, 1, 8, 8), np.int64), "not int64"),
        (np.full((2, 1, 8, 8), 200.0), "found 200 to 200"),
        (np.full((2, 1, 8, 8), np.nan), "found nan to nan"),
        (np.full((2, 1, 8, 8), "x"), "expected bytes"),
    ],
)
def test_other_images_are_refused(
    saved: Saved, images: np.typing.NDArray[np.generic], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        autoae.load_model(saved())(images)


def test_what_is_no_model_is_refused(saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such folder; a model is a folder with"):
        autoae.load_model(tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="holds no weights"):
        autoae.load_model(tmp_path)
    (tmp_path / "note.txt").write_text("no model")
    with pytest.raises(WeightsError, match=r"note\.txt: no model"):
        autoae.load_model(tmp_path / "note.txt")
    folder = saved()
    (folder / "best.json").unlink()
    with pytest.raises(WeightsError, match=r"best\.json: no such file"):
        autoae.load_model(folder)


def test_an_unknown_normalisation_is_not_guessed(saved: Saved) -> None:
    folder = saved(mean=0.4, data={"normalize": "dataset"})
    described = json.loads((folder / "best.json").read_text())
    del described["normalization"]
    (folder / "best.json").write_text(json.dumps(described))
    with pytest.raises(WeightsError, match="does not say what its images were normalised by"):
        autoae.load_model(folder)


def test_the_errors_of_the_validation_images_are_kept(trained: str) -> None:
    folder = trial_folder(run_root(trained), "tiny", 0)
    model = autoae.load_model(folder.path)
    options = model.description.configuration
    data = load(options.data)
    images = data.validation.images[data.validation.indices]
    errors = model(images).errors
    assert errors is not None
    assert model.arrays["errors"] == pytest.approx(errors, rel=1e-3)
    means = evaluate(
        model.network.network,
        options,
        resident(data, options.data, torch.device("cpu")).validation_batches(512),
        resident(data, options.data, torch.device("cpu")),
        "float32",
    )
    assert errors.mean() == pytest.approx(means["mse"], rel=1e-4)
    found = model.anomaly_threshold(0.9)
    assert found is not None
    assert (errors > found.value).mean() == pytest.approx(0.1, abs=0.011)


def test_too_few_images_say_no_more_than_they_can() -> None:
    errors = np.arange(1.0, 20.0)  # 19 images.
    assert threshold(errors, 0.95).value == 19
    assert threshold(errors, 0.95).quantile == 0.95
    assert threshold(errors, 0.999).quantile == pytest.approx(0.95)
    assert threshold(errors, 0.5).value == 10


def test_new_images_exceed_the_threshold_as_seldom_as_it_says() -> None:
    random = np.random.default_rng(5)
    above = [
        (random.exponential(size=200) > threshold(random.exponential(size=30), 0.9).value).mean()
        for _ in range(2000)
    ]
    assert 0.08 < np.mean(above) <= 0.1


def test_a_damaged_file_of_arrays_is_named(saved: Saved) -> None:
    folder = saved()
    (folder / "arrays.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(WeightsError, match=r"arrays\.npz: not a readable file"):
        autoae.load_model(folder).anomaly_threshold(0.9)


def test_without_validation_errors_there_is_no_threshold(saved: Saved) -> None:
    assert autoae.load_model(saved()).anomaly_threshold(0.99) is None


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        ({"task": "count"}, (156,), r"[0-9]+"),
        ({"task": "digits", "digits": "counts"}, (156, 3), r"((left|middle|right) ?)*"),
    ],
)
def test_other_tasks_have_answers_in_words(
    saved: Saved, model: dict[str, str], shape: tuple[int, ...], words: str
) -> None:
    found = autoae.load_model(saved(model=model))(toy_images()[0])
    assert found.probabilities is None
    assert found.answers is not None
    assert found.answers.shape == shape
    assert found.predictions is not None
    assert all(re.fullmatch(words, each) for each in found.predictions)
