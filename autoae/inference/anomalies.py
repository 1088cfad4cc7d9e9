"""Which images a model reconstructs worse than those that it was trained on."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Threshold:
    """An error that few images like those of the training exceed.

    Attributes:
        value: Squared error per pixel; what lies above is an anomaly.
        quantile: The share of new images like the validation images that lie at or below, at
            least; lower than asked for where there were too few of them to say so much.
        images: Validation images that it rests on.
    """

    value: float
    quantile: float
    images: int


def threshold(errors: NDArray[np.generic], quantile: float) -> Threshold:
    """The threshold by the errors of N images that the model has not seen.

    It is the k-th smallest error, k the least whole number of at least (N + 1) * quantile: of
    images drawn like these a share of at most 1 - quantile lies above, in the mean over draws
    (Laxhammar and Falkman, 2010, Conformal Prediction for Distribution-Independent Anomaly
    Detection; the rank is that of Vovk, Gammerman and Shafer, 2005).

    Args:
        errors: (N,), at least one.
        quantile: Between 0 and 1.
    """
    count = len(errors)
    rank = min(max(ceil((count + 1) * quantile), 1), count)
    value = float(np.sort(errors)[rank - 1])
    return Threshold(value, min(quantile, count / (count + 1)), count)
