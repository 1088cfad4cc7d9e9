"""What a sample of latents looks like, and how much of the classes it tells."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from autoae.analysis.classification import wilson
from autoae.analysis.ledger import Interval

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

COMPONENTS = 3
_FOLDS = 5
_STEPS = 300
"""Of the probe's optimizer at most: on a few hundred images it is there long before."""


@dataclass(frozen=True, eq=False)
class LatentView:
    """A sample of latents of labelled images.

    Attributes:
        numbers: Of one latent.
        points: (images, up to 3), their principal components, the one of most variance first.
        explained: Share of the variance that each of these has.
        labels: (images,), their classes.
        silhouette: Mean over the images of (b - a) / max(a, b), with a the mean distance to
            others of the class and b that to the nearest other class (Rousseeuw, 1987): 1 where
            classes lie apart, 0 where they mix. In all numbers of the latent, not in the
            picture. None where there are no two classes to tell apart.
        probe: Share of the images that a linear classifier on the latents gets right, each by
            one that was not trained on it (5 folds, or as many as the rarest class has images).
        probe_interval: 95 % (Wilson) of the probe, for so many images.
        majority: Share of the most common class: what a probe has to beat.
    """

    numbers: int
    points: Floats
    explained: tuple[float, ...]
    labels: Integers
    silhouette: float | None
    probe: float | None
    probe_interval: Interval | None
    majority: float

    @property
    def images(self) -> int:
        """How many there are."""
        return len(self.labels)

    def facts(self) -> Mapping[str, object]:
        """Its figures without its points."""
        return {
            "images": self.images,
            "numbers": self.numbers,
            "explained": self.explained,
            "silhouette": self.silhouette,
            "probe": self.probe,
            "probe_interval": self.probe_interval,
            "majority": self.majority,
        }


def latent_view(latents: npt.NDArray[np.generic], labels: npt.NDArray[np.generic]) -> LatentView:
    """Look at a sample of latents.

    Args:
        latents: (images, numbers), at least one of both.
        labels: (images,), whole numbers.
    """
    classes = labels.astype(np.int64)
    rotated, variances = _rotated(latents.astype(np.float64))
    total, apart = variances.sum(), _apart(classes)
    known = bool(total > 0) and apart
    probe = _probe(rotated / np.sqrt(total / rotated.shape[1]), classes) if known else None
    right = round(probe * len(classes)) if probe is not None else 0
    return LatentView(
        numbers=latents.shape[1],
        points=rotated[:, :COMPONENTS],
        explained=tuple((variances[:COMPONENTS] / (total or 1.0)).tolist()),
        labels=classes,
        silhouette=float(silhouette_score(rotated, classes)) if known else None,
        probe=probe,
        probe_interval=None if probe is None else wilson(right, len(classes)),
        majority=float(np.unique(classes, return_counts=True)[1].max() / len(classes)),
    )


def _rotated(latents: Floats) -> tuple[Floats, Floats]:
    """Latents along their principal axes, and the variance along each.

    A rotation, so distances, silhouette and the probe are those of the latents themselves, and
    no more axes than images: a feature map of 25,000 numbers is as quick as a small latent.
    """
    centred = latents - latents.mean(0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    # The sign of an axis is arbitrary: the image that is farthest out lies on its positive side.
    rows = np.abs(left).argmax(0)
    signs = np.where(left[rows, np.arange(len(spread))] < 0, -1.0, 1.0)
    return left * signs * spread, spread**2 / len(latents)


def _apart(labels: Integers) -> bool:
    """Whether there are classes to tell apart: two or more, and not one for each image."""
    return 1 < len(np.unique(labels)) < len(labels)


def _probe(points: Floats, labels: Integers) -> float | None:
    _, counts = np.unique(labels, return_counts=True)
    folds = min(_FOLDS, int(counts.min()))
    if folds < 2:
        return None
    guesses = cross_val_predict(
        LogisticRegression(max_iter=_STEPS),
        points,
        labels,
        cv=StratifiedKFold(folds, shuffle=True, random_state=0),
    )
    return float((guesses == labels).mean())
