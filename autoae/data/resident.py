"""Images that stay where the network is: bytes, picked and normalised a batch at a time.

On a CPU the tensors are the memory-mapped cache itself, so all workers of a machine share one
copy. Elsewhere only the images in use are moved, once. There is no loader and no worker process:
picking a batch costs less than handing one over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from autoae.data.augment import Draws, augmented, draw, joined
from autoae.data.errors import DataError
from autoae.data.images import Bytes, Facts, ImageData, Integers, Normalization, Split
from autoae.spec.config import DataOptions


class Batch(NamedTuple):
    """Images and labels, on the device.

    Attributes:
        images: (N, C, H, W) float32, normalised.
        labels: int64, (N,) or (N, classes).
    """

    images: Tensor
    labels: Tensor


@dataclass(frozen=True, eq=False)
class _Rows:
    """The images of one split: all that are mapped, and the rows that count."""

    images: Tensor
    labels: Tensor
    rows: Tensor
    contiguous: bool

    def picked(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        rows = self.rows.index_select(0, positions)
        return self.images.index_select(0, rows), self.labels.index_select(0, rows)

    def between(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        if self.contiguous:
            return self.images[start:stop], self.labels[start:stop]
        rows = self.rows[start:stop]
        return self.images.index_select(0, rows), self.labels.index_select(0, rows)


@dataclass(frozen=True, eq=False)
class _Epoch:
    """In which order images are trained on, (N,), and what happens to each."""

    order: Tensor
    draws: Draws

    @classmethod
    def joined(cls, epochs: "Sequence[_Epoch]") -> Self:
        order = torch.cat([epoch.order for epoch in epochs])
        return cls(order, joined([epoch.draws for epoch in epochs]))

    def picked(self, places: Tensor) -> "_Epoch":
        return _Epoch(self.order[places], self.draws.picked(places))

    def to(self, device: torch.device) -> "_Epoch":
        return _Epoch(self.order.to(device), self.draws.to(device))


class ResidentData:
    """A data set on a device.

    Attributes:
        facts: The data set in numbers.
        device: Where the batches are.
        train_size: Images that are trained on.
        validation_size: Images that are validated on.
        test_size: Images of the test; they are not touched before `test_batches`.
    """

    def __init__(
        self, data: ImageData, options: DataOptions, device: torch.device, channels_last: bool
    ) -> None:
        self.facts: Facts = data.facts
        self.device = device
        self.train_size = len(data.train)
        self.validation_size = len(data.validation)
        self.test_size = len(data.test)
        self._data = data
        self._augment = frozenset(options.augment)
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self._plain = options.normalize == "none"
        self._mean, self._std = (
            torch.from_numpy(values).view(-1, 1, 1).to(device) for values in (data.mean, data.std)
        )

    @property
    def normalization(self) -> Normalization:
        """What the batches are normalised by."""
        return Normalization(tuple(self._data.mean.tolist()), tuple(self._data.std.tolist()))

    def steps(self, batch_size: int) -> int:
        """Batches of one epoch of training."""
        return len(_bounds(self.train_size, batch_size))

    def train_batches(self, batch_size: int, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch: every training image once, shuffled and augmented.

        The last batch holds what remains. A single remaining image joins the batch before it,
        for batch normalisation cannot learn from one.

        Args:
            batch_size: Images of a batch.
            generator: Decides order and augmentation, on whichever device; the same state gives
                the same epoch.
        """
        epoch = self._drawn(generator).to(self.device)
        for start, stop in _bounds(self.train_size, batch_size):
            yield self._augmented(epoch, start, stop)

    def stacked_batches(
        self, batch_size: int, generators: Sequence[torch.Generator]
    ) -> Iterator[Batch]:
        """One epoch of several trainings at once, each as `train_batches` gives it.

        Args:
            batch_size: Images of a batch of each training.
            generators: One for each.

        Yields:
            Images (trainings, N, C, H, W) and labels (trainings, N) or (trainings, N, classes).
        """
        many = len(generators)
        bounds = _bounds(self.train_size, batch_size)
        # All images of a step lie behind one another, so that it takes no longer to pick them.
        places = torch.arange(many * self.train_size, device=self.device).view(many, -1)
        by_step = torch.cat([places[:, start:stop].flatten() for start, stop in bounds])
        # They are moved together: a GPU takes one large piece in the time of a small one.
        drawn = _Epoch.joined([self._drawn(each) for each in generators])
        epoch = drawn.to(self.device).picked(by_step)
        for start, stop in bounds:
            batch = self._augmented(epoch, many * start, many * stop)
            yield Batch(*(each.view(many, -1, *each.shape[1:]) for each in batch))

    def _drawn(self, generator: torch.Generator) -> "_Epoch":
        count, source = self.train_size, generator.device
        order = torch.randperm(count, generator=generator, device=source)
        return _Epoch(order, draw(self._augment, count, generator))

    def _augmented(self, epoch: "_Epoch", start: int, stop: int) -> Batch:
        images, labels = self._train.picked(epoch.order[start:stop])
        return self._batch(augmented(images, epoch.draws.between(start, stop)), labels)

    def train_images(self, batch_size: int) -> Iterator[Batch]:
        """The training images in their order, as they are: neither shuffled nor augmented."""
        return self._in_order(self._train, self.train_size, batch_size)

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        """The validation images in their order."""
        return self._in_order(self._validation, self.validation_size, batch_size)

    def validation_images(self, rows: Sequence[int]) -> Batch:
        """Some of the validation images, in the order of these rows."""
        return self._batch(*self._validation.picked(torch.tensor(rows, device=self.device)))

    def test_batches(self, batch_size: int) -> Iterator[Batch]:
        """The test images in their order."""
        return self._in_order(self._test, self.test_size, batch_size)

    def to_unit(self, images: Tensor) -> Tensor:
        """Undo the normalisation.

        Args:
            images: (..., C, H, W), normalised.

        Returns:
            (..., C, H, W) in 0-1 units.
        """
        return images if self._plain else images * self._std + self._mean

    @cached_property
    def _train(self) -> _Rows:
        return _resident(self._data.train, self.device)

    @cached_property
    def _validation(self) -> _Rows:
        return _resident(self._data.validation, self.device)

    @cached_property
    def _test(self) -> _Rows:
        return _resident(self._data.test, self.device)

    @cached_property
    def _scale(self) -> Tensor:
        return 1 / (255 * self._std)

    @cached_property
    def _shift(self) -> Tensor:
        return -self._mean / self._std

    def _in_order(self, split: _Rows, count: int, batch_size: int) -> Iterator[Batch]:
        for start in range(0, count, batch_size):
            yield self._batch(*split.between(start, min(start + batch_size, count)))

    def _batch(self, images: Tensor, labels: Tensor) -> Batch:
        # Converting first and arranging then is twice as fast as both at once.
        values = images.to(torch.float32).contiguous(memory_format=self._format)
        if self._plain:
            return Batch(values.mul_(1 / 255), labels)
        return Batch(values.mul_(self._scale).add_(self._shift), labels)


def resident(
    data: ImageData, options: DataOptions, device: torch.device, *, channels_last: bool = False
) -> ResidentData:
    """Put a data set on a device.

    Args:
        data: From `autoae.data.load`.
        options: The `data` section that it was loaded with.
        device: Where the network is.
        channels_last: Arrange batches as convolutions in bfloat16 want them; values are the same.

    Raises:
        DataError: The images do not fit into the memory of the device; at the first batch.
    """
    return ResidentData(data, options, device, channels_last)


def _bounds(count: int, size: int) -> list[tuple[int, int]]:
    starts = list(range(0, count, size))
    if size > 1 and len(starts) > 1 and count - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], count], strict=True))


def _resident(split: Split, device: torch.device) -> _Rows:
    if device.type == "cpu":
        images, labels, rows = split.images, split.labels, split.indices
    else:
        # Images that are repeated are moved once.
        used, rows = np.unique(split.indices, return_inverse=True)
        images, labels = split.images[used], split.labels[used]
    contiguous = bool(np.array_equal(rows, np.arange(len(rows))))
    on_device = _moved(_shared(images), device)
    return _Rows(on_device, _copied(labels, device), _copied(rows, device), contiguous)


def _copied(numbers: Integers, device: torch.device) -> Tensor:
    return torch.from_numpy(numbers.astype(np.int64)).to(device)


def _shared(images: Bytes) -> Tensor:
    """A tensor of the same memory, which nobody writes: the map is copy-on-write at that."""
    view = images.view(np.ndarray)
    try:
        view.flags.writeable = True
    except ValueError:
        view = images.copy()
    return torch.from_numpy(view)


def _moved(images: Tensor, device: torch.device) -> Tensor:
    try:
        return images.to(device)
    except torch.OutOfMemoryError as error:
        raise DataError(
            f"{images.numel():,} bytes of images do not fit into the memory of {device}",
            hint="set data.limit or a smaller data.resize, or training.device to cpu",
        ) from error
