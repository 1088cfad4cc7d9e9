"""Where images lie in the latent space, seen from the side from which they spread most.

In milliseconds, for pictures that are drawn beside a run; `latent` tells more, and takes longer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 300
"""Latents that are looked at: more would hide each other."""


@dataclass(frozen=True)
class Projection:
    """Latents on their first two principal components.

    Attributes:
        points: float64, (latents, 2).
        labels: int64, (latents,).
        shares: Of the whole variance, of each of the two.
    """

    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    shares: tuple[float, float]


def principal_components(
    latents: NDArray[np.generic], labels: NDArray[np.generic]
) -> Projection | None:
    """The first latents on their first two principal components.

    From the eigenvectors of their covariance or of their products with each other, whichever are
    fewer (Jolliffe, Principal Component Analysis, 2002, section 3.5).

    Args:
        latents: (latents, numbers).
        labels: (latents,), the class of each.

    Returns:
        None where there are not two directions to look along, or a number is not finite.
    """
    known = latents[:MOST].astype(np.float64)
    if len(known) < 3 or known.shape[1] < 2 or not np.isfinite(known).all():
        return None
    centred = known - known.mean(axis=0)
    wide = centred.shape[1] > len(centred)
    variances, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    total = float(variances.sum())
    if total <= 0:
        return None
    first, second = (max(float(variances[-rank]), 0.0) for rank in (1, 2))
    widest = vectors[:, [-1, -2]]
    points = widest * np.sqrt([first, second]) if wide else centred @ widest
    return Projection(
        points, labels[: len(known)].astype(np.int64), (first / total, second / total)
    )
