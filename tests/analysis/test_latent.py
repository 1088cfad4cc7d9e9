"""Latents: held against scikit-learn, and against what must and must not be there to see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score

from autoae.analysis.latent import latent_view

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def classes_apart(distance: float, numbers: int = 6, seed: int = 0) -> tuple[Floats, Labels]:
    """Three classes of forty images around places of their own."""
    random = np.random.default_rng(seed)
    labels = np.arange(120) % 3
    places = distance * np.eye(3, numbers)
    return places[labels] + random.normal(size=(120, numbers)), labels


def test_components_and_silhouette_are_those_of_scikit_learn() -> None:
    latents, labels = classes_apart(4.0)
    view = latent_view(latents, labels)
    known = PCA(3).fit(latents)
    assert view.explained == pytest.approx(known.explained_variance_ratio_.tolist())
    assert np.abs(view.points) == pytest.approx(np.abs(known.transform(latents)))
    assert view.silhouette == pytest.approx(silhouette_score(latents, labels))
    assert (view.images, view.numbers) == (120, 6)


def test_a_probe_finds_classes_that_lie_apart_and_none_where_there_are_none() -> None:
    apart, nothing = (latent_view(*classes_apart(distance)) for distance in (8.0, 0.0))
    assert apart.probe is not None
    assert apart.probe > 0.97
    assert nothing.probe is not None
    assert abs(nothing.probe - 1 / 3) < 0.15
    assert nothing.probe_interval is not None
    assert nothing.probe_interval.low < 1 / 3 < nothing.probe_interval.high
    assert apart.majority == pytest.approx(1 / 3)


def test_a_probe_is_judged_on_images_that_it_did_not_learn() -> None:
    """With more numbers than images any labels can be learned by heart."""
    random = np.random.default_rng(1)
    view = latent_view(random.normal(size=(60, 500)), np.arange(60) % 2)
    assert view.probe is not None
    assert view.probe < 0.75


@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
@settings(max_examples=10, deadline=None)
def test_turning_and_scaling_a_latent_changes_nothing(seed: int, scale: float) -> None:
    latents, labels = classes_apart(3.0, seed=seed)
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))
    one, other = latent_view(latents, labels), latent_view(scale * latents @ turn + 5, labels)
    assert other.explained == pytest.approx(one.explained)
    assert other.silhouette == pytest.approx(one.silhouette)
    assert other.probe == pytest.approx(one.probe, abs=0.02)


@pytest.mark.parametrize(
    ("latents", "labels"),
    [
        (np.zeros((10, 4)), np.arange(10) % 2),
        (np.random.default_rng(0).normal(size=(10, 4)), np.zeros(10, np.int64)),
        (np.random.default_rng(0).normal(size=(10, 4)), np.arange(10)),
        (np.ones((1, 4)), np.zeros(1, np.int64)),
    ],
    ids=["collapsed", "one class", "a class each", "one image"],
)
def test_where_no_classes_can_be_told_apart_nothing_is_claimed(
    latents: Floats, labels: Labels
) -> None:
    view = latent_view(latents, labels)
    assert (view.silhouette, view.probe, view.probe_interval) == (None, None, None)
    assert 0 < view.majority <= 1
    assert np.isfinite(view.points).all()


def test_a_class_of_one_image_leaves_no_probe() -> None:
    latents, _ = classes_apart(3.0)
    view = latent_view(latents, (np.arange(120) == 0).astype(np.int64))
    assert view.probe is None
    assert view.silhouette is not None


@pytest.mark.parametrize("numbers", [1, 2, 3])
def test_there_are_no_more_components_than_numbers(numbers: int) -> None:
    latents, labels = classes_apart(3.0)
    view = latent_view(latents[:, :numbers], labels)
    assert view.points.shape == (120, numbers)
    assert sum(view.explained) == pytest.approx(1.0)
