"""Images blurred by a Gaussian, kept in the cache beside those that are not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np

from autoae.data.cache import Decoded, decoded
from autoae.data.images import Bytes
from autoae.data.source import Originals, Pictures, Source
from autoae.spec.config import DataOptions

_LAYOUT = 1
"""Another number blurs anew, where the same options would now give other images."""


def softened(cached: Decoded, options: DataOptions) -> Decoded:
    """The same images, blurred as `data.blur` says; training and test images alike.

    Args:
        cached: The data set.
        options: The `data` section of the study.

    Raises:
        DataError: The cache cannot be written.
    """
    mark = json.dumps([_LAYOUT, cached.entry, options.blur])
    opened = partial(_opened, cached, options.blur)
    source = Source(cached.facts.name, f"{cached.facts.name}, blurred", mark, opened)
    return decoded(f"{options.dataset}-blurred", source, DataOptions())


@contextmanager
def _opened(cached: Decoded, deviation: float) -> Iterator[Originals]:
    count = cached.facts.train
    train, test = (
        _pictures(cached, part, deviation) for part in (slice(count), slice(count, None))
    )
    yield Originals(cached.facts.classes, train, test)


def _pictures(cached: Decoded, part: slice, deviation: float) -> Pictures:
    images = cached.images[part]

    def read(row: int) -> Bytes:
        return blurred(images[row].transpose(1, 2, 0), deviation)

    return Pictures(cached.labels[part], read, lambda row: f"blurred image {row}")


def blurred(image: Bytes, deviation: float) -> Bytes:
    """Blur an image by a Gaussian that is cut off at four deviations; beyond an edge is its mirror.

    Args:
        image: (H, W, C).
        deviation: In pixels, above 0.

    Returns:
        (H, W, C), rounded to whole bytes.
    """
    # A third of a second to import, needed only when the cache is built.
    from scipy.ndimage import gaussian_filter

    pixels = gaussian_filter(image.astype(np.float32), (deviation, deviation, 0))
    rounded: Bytes = np.rint(pixels).astype(np.uint8)
    return rounded
