"""The figures of the test split: held against what plain NumPy and scikit-learn give."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from autoae.data import load
from autoae.data.images import ImageData
from autoae.data.resident import resident
from autoae.search.errors import SearchError
from autoae.search.opening import evaluate_study
from autoae.spec.config import Configuration, DataOptions
from autoae.store.errors import StorageError
from autoae.store.evaluations import (
    Evaluation,
    TrialEvaluation,
    read_evaluation,
    write_evaluation,
)
from autoae.store.runs import run_root, trial_folder
from autoae.training.baselines import Baselines
from autoae.training.evaluation import evaluate
from autoae.training.similarity import structural_similarity
from autoae.training.weights import load_network
from tests.search.support import create, run, snapshot, tiny

Images = NDArray[np.float64]


def similarity_by_hand(one: Images, other: Images, size: int = 11) -> float:
    """SSIM of two gray images, pixel by pixel, as the paper writes it."""
    places = np.arange(size) - size // 2
    weights = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    values = []
    for row in range(one.shape[0] - size + 1):
        for column in range(one.shape[1] - size + 1):
            x = one[row : row + size, column : column + size]
            y = other[row : row + size, column : column + size]
            mx, my = (weights * x).sum(), (weights * y).sum()
            vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
            covariance = (weights * (x - mx) * (y - my)).sum()
            c1, c2 = 0.01**2, 0.03**2
            values.append(
                (2 * mx * my + c1) * (2 * covariance + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
            )
    return float(np.mean(values))


@pytest.mark.parametrize(("height", "width", "size"), [(16, 13, 11), (8, 8, 7), (5, 20, 5)])
def test_similarity_is_that_of_the_paper(height: int, width: int, size: int) -> None:
    random = np.random.default_rng(3)
    one = random.random((height, width))
    other = np.clip(one + random.normal(0, 0.2, one.shape), 0, 1)
    found = structural_similarity(*(torch.tensor(each)[None, None] for each in (one, other)))
    assert found.item() == pytest.approx(similarity_by_hand(one, other, size), abs=1e-9)


def test_channels_are_averaged() -> None:
    random = np.random.default_rng(4)
    one, other = random.random((2, 3, 12, 12))
    found = structural_similarity(torch.tensor(one)[None], torch.tensor(other)[None])
    expected = np.mean([similarity_by_hand(a, b) for a, b in zip(one, other, strict=True)])
    assert found.item() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 14), st.integers(1, 14))
def test_similarity_is_one_for_equal_images_and_less_for_others(
    seed: int, height: int, width: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    one, other = torch.rand(2, 3, 1, height, width, generator=generator)
    torch.testing.assert_close(structural_similarity(one, one), torch.ones(3))
    assert torch.all(structural_similarity(one, other) < 1)


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load(DataOptions(limit=400, validation=300))


def floats(data: ImageData) -> tuple[Images, Images]:
    train, test = (
        split.images[split.indices].reshape(len(split), -1).astype(np.float64) / 255
        for split in (data.train, data.test)
    )
    return train, test


def test_baselines_are_fitted_to_the_training_images_alone(digits: ImageData) -> None:
    train, test = floats(digits)
    baselines = Baselines(digits)
    assert baselines.mean_image()["mse"] == pytest.approx(((test - train.mean(0)) ** 2).mean())
    common = np.bincount(digits.train.labels[digits.train.indices]).argmax()
    share = (digits.test.labels[digits.test.indices] == common).mean()
    model = {"encoder": "L(8)", "task": "classify"}
    configuration = Configuration.model_validate({"model": model})
    assert baselines.majority(configuration) == {"accuracy": pytest.approx(share)}


@pytest.mark.parametrize("count", [1, 5, 20])
def test_principal_components_are_those_of_scikit_learn(digits: ImageData, count: int) -> None:
    train, test = floats(digits)
    known = PCA(count, svd_solver="full").fit(train)
    expected = ((known.inverse_transform(known.transform(test)) - test) ** 2).mean()
    found = Baselines(digits).principal_components(count)
    assert found is not None
    assert found["mse"] == pytest.approx(expected, rel=1e-4)


def test_a_code_as_large_as_the_image_loses_nothing(digits: ImageData) -> None:
    found = Baselines(digits).principal_components(1000)
    assert found is not None
    assert found["mse"] < 1e-10


def test_large_images_have_no_principal_components(
    digits: ImageData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.training.baselines.MOST_NUMBERS", 63)
    assert Baselines(digits).principal_components(2) is None


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of three classifying autoencoders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOAE_CACHE_DIR", os.environ["AUTOAE_TEST_CACHE"])
        url = f"sqlite:///{tmp_path_factory.mktemp('opening')}/studies.db"
        create(url, tiny("search: {trials: 3, method: random, pruner: none}\n"))
        run(url)
    return url


def opened(url: str) -> Evaluation:
    return evaluate_study(snapshot(url), run_root(url), 1, tell=lambda _: None)


def test_figures_are_those_of_a_plain_look_at_the_test_images(trained: str) -> None:
    evaluation = opened(trained)
    assert [each.trial for each in evaluation.trials] == [0, 1, 2]
    for found in evaluation.trials:
        path = trial_folder(run_root(trained), "tiny", found.trial).weights
        network, described = load_network(path)
        options = described.configuration.data
        data = resident(load(options), options, torch.device("cpu"))
        expected = evaluate(
            network, described.configuration, data.test_batches(512), data, "float32"
        )
        assert found.figures["test_accuracy"] == pytest.approx(expected["accuracy"])
        assert found.figures["test_mse"] == pytest.approx(expected["mse"])
        assert found.figures["test_psnr"] == pytest.approx(expected["psnr"], rel=1e-5)
        assert found.figures["test_bce"] == pytest.approx(expected["bce"], rel=1e-5)
        assert found.figures["test_bce_excess"] == pytest.approx(expected["bce_excess"], rel=1e-4)
        assert found.images == 360 == sum(map(sum, found.confusion))
        assert [sum(row) for row in found.normalized] == pytest.approx([1.0] * 10)
        assert found.accuracy_interval is not None
        low, high = found.accuracy_interval
        assert low < found.figures["test_accuracy"] < high


def test_baselines_stand_beside_the_trials_of_their_latent_size(trained: str) -> None:
    evaluation, params = opened(trained), {t.number: t.params for t in snapshot(trained).trials}
    names = [each.name for each in evaluation.baselines]
    assert names[:2] == ["majority class", "mean image"]
    codes = {n: f"PCA of {each['model.latent']}" for n, each in params.items()}
    assert set(names[2:]) == set(codes.values())
    for each in evaluation.baselines[2:]:
        assert each.trials == tuple(n for n, name in codes.items() if name == each.name)


def test_what_has_lost_its_weights_is_named(trained: str, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    shutil.copytree(run_root(trained), root)
    trial_folder(root, "tiny", 0).weights.unlink()
    trial_folder(root, "tiny", 1).weights.write_bytes(b"torn")
    evaluation = evaluate_study(snapshot(trained), root, 1, tell=lambda _: None)
    assert [each.trial for each in evaluation.trials] == [2]
    assert set(evaluation.missing) == {0, 1}
    trial_folder(root, "tiny", 2).best.unlink()
    with pytest.raises(SearchError, match="has its weights"):
        evaluate_study(snapshot(trained), root, 1, tell=lambda _: None)


def test_an_evaluation_is_read_as_it_was_written(trained: str, tmp_path: Path) -> None:
    evaluation = opened(trained)
    path = write_evaluation(tmp_path, evaluation)
    assert path == tmp_path / "tiny" / "evaluation-1.json"
    assert read_evaluation(tmp_path, "tiny", 1) == evaluation
    assert isinstance(evaluation.of(1), TrialEvaluation)
    assert evaluation.of(7) is None
    path.write_text(path.read_text()[:-30])
    with pytest.raises(StorageError, match="damaged"):
        read_evaluation(tmp_path, "tiny", 1)
    with pytest.raises(StorageError, match="no such file"):
        read_evaluation(tmp_path, "tiny", 2)


def test_trials_of_other_images_have_baselines_of_their_own(url: str) -> None:
    text = """\
data: {limit: 200, validation: 100, resize: {values: [8, 6]}}
model: {encoder: L(8), latent: 4}
training: {epochs: 1}
search: {method: grid}
"""
    create(url, tiny(text=text))
    run(url)
    found = opened(url)
    assert len(found.trials) == 2
    assert all(not each.confusion and each.accuracy_interval is None for each in found.trials)
    means = [each for each in found.baselines if each.name.startswith("mean image")]
    assert len(means) == 2
    assert means[0].figures != means[1].figures
    assert len({each.name for each in found.baselines}) == 4
