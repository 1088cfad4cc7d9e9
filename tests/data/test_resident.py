"""Resident batches: every image once, reproducible, normalised, without a copy on a CPU."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from autoae.data import load
from autoae.data.resident import Batch, ResidentData, resident
from autoae.spec.config import DataOptions
from tests.data import made

CPU = torch.device("cpu")


def digits(channels_last: bool = False, **options: object) -> ResidentData:
    """The digits on the CPU."""
    chosen = DataOptions.model_validate(options)
    return resident(load(chosen), chosen, CPU, channels_last=channels_last)


def seeded(seed: int = 0) -> torch.Generator:
    """A generator in a known state."""
    return torch.Generator().manual_seed(seed)


def together(batches: list[Batch]) -> Batch:
    """All batches as one."""
    return Batch(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


def sorted_rows(images: Tensor) -> list[bytes]:
    """The images in an order that does not depend on theirs."""
    return sorted(image.numpy().tobytes() for image in images)


def test_an_epoch_is_every_training_image_once() -> None:
    options = DataOptions()
    data = load(options)
    batches = list(resident(data, options, CPU).train_batches(100, seeded()))
    assert [len(batch.labels) for batch in batches] == [100] * 12 + [94]
    images, labels = together(batches)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    expected = torch.from_numpy(data.train.images[data.train.indices].astype(np.float32) / 255)
    assert torch.allclose(images.sum((1, 2, 3)).sort()[0], expected.sum((1, 2, 3)).sort()[0])
    assert torch.equal(
        labels.bincount(), torch.from_numpy(data.train.labels[data.train.indices]).bincount()
    )


def test_images_keep_their_labels() -> None:
    options = DataOptions()
    data = load(options)
    known = {
        image.tobytes(): int(label)
        for image, label in zip(data.train.images, data.train.labels, strict=True)
    }
    for images, labels in resident(data, options, CPU).train_batches(64, seeded()):
        found = (images * 255).round().to(torch.uint8).numpy()
        assert [known[image.tobytes()] for image in found] == labels.tolist()


@pytest.mark.parametrize("augment", [(), ("flip",), ("crop",), ("flip", "crop")])
def test_the_generator_decides_everything(augment: tuple[str, ...]) -> None:
    data = digits(augment=augment)
    first = together(list(data.train_batches(64, seeded())))
    again = together(list(data.train_batches(64, seeded())))
    other = together(list(data.train_batches(64, seeded(1))))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.labels, other.labels)


def test_the_next_epoch_is_another() -> None:
    data, generator = digits(augment=("flip",)), seeded()
    epochs = [together(list(data.train_batches(64, generator))) for _ in range(2)]
    assert not torch.equal(epochs[0].labels, epochs[1].labels)


def test_augmentation_is_for_training_only() -> None:
    plain, changed = digits(), digits(augment=("flip", "crop"))
    for one, other in zip(
        plain.validation_batches(512), changed.validation_batches(512), strict=True
    ):
        assert torch.equal(one.images, other.images)
    epochs = [together(list(data.train_batches(64, seeded()))) for data in (plain, changed)]
    assert torch.equal(epochs[0].labels, epochs[1].labels)
    assert sorted_rows(epochs[0].images) != sorted_rows(epochs[1].images)


def test_a_single_image_joins_the_batch_before_it() -> None:
    data = digits(limit=129)
    assert [len(batch.labels) for batch in data.train_batches(64, seeded())] == [64, 65]
    assert data.steps(64) == 2
    assert [len(batch.labels) for batch in data.train_batches(43, seeded())] == [43, 43, 43]
    assert data.steps(1) == 129
    assert [len(batch.labels) for batch in digits(limit=1).train_batches(64, seeded())] == [1]


def test_evaluation_is_in_order_and_whole() -> None:
    data = load(DataOptions())
    placed = resident(data, DataOptions(), CPU)
    assert (placed.train_size, placed.validation_size, placed.test_size) == (1294, 143, 360)
    for batches, split in (
        (placed.validation_batches(50), data.validation),
        (placed.test_batches(512), data.test),
    ):
        images, labels = together(list(batches))
        assert torch.equal(labels, torch.from_numpy(split.labels[split.indices]))
        unit = torch.from_numpy(split.images[split.indices].astype(np.float32)) / 255
        assert torch.allclose(images, unit)


def test_nothing_held_out_gives_no_batches() -> None:
    assert list(digits(validation=0).validation_batches(512)) == []


def test_images_are_between_0_and_1_exactly() -> None:
    images, _ = together(list(digits().test_batches(512)))
    assert images.min() == 0.0
    assert images.max() == 1.0


@pytest.mark.parametrize("normalize", ["none", "dataset", "imagenet"])
@pytest.mark.parametrize("channels_last", [False, True])
def test_to_unit_inverts_the_normalisation(root: Path, normalize: str, channels_last: bool) -> None:
    made.write_cifar_batches(root)
    options = DataOptions.model_validate({"dataset": "cifar10", "normalize": normalize})
    data = load(options)
    placed = resident(data, options, CPU, channels_last=channels_last)
    images, _ = together(list(placed.test_batches(512)))
    unit = torch.from_numpy(data.test.images.astype(np.float32)) / 255
    assert torch.allclose(placed.to_unit(images), unit, atol=1e-6)
    assert torch.allclose(placed.to_unit(images[0]), unit[0], atol=1e-6)
    if normalize == "none":
        assert torch.equal(placed.to_unit(images), images)


def test_normalised_training_images_have_mean_0_and_deviation_1() -> None:
    images, _ = together(list(digits(normalize="dataset").train_batches(64, seeded())))
    assert float(images.mean()) == pytest.approx(0, abs=1e-4)
    assert float(images.std()) == pytest.approx(1, abs=1e-3)


def test_channels_last_changes_the_layout_only(root: Path) -> None:
    made.write_cifar_batches(root)
    options = DataOptions(dataset="cifar10", augment=("flip", "crop"), normalize="dataset")
    data = load(options)
    plain, other = (resident(data, options, CPU, channels_last=last) for last in (False, True))
    pairs = zip(plain.train_batches(32, seeded()), other.train_batches(32, seeded()), strict=True)
    for one, two in pairs:
        assert torch.equal(one.images, two.images)
        assert one.images.is_contiguous()
        assert two.images.is_contiguous(memory_format=torch.channels_last)


def test_a_cpu_shares_the_mapped_memory() -> None:
    data = load(DataOptions())
    placed = resident(data, DataOptions(), CPU)
    images = placed._train.images
    assert np.shares_memory(images.numpy(), data.train.images)
    assert not data.train.images.flags.writeable


def test_batches_do_not_touch_the_cache() -> None:
    before = load(DataOptions()).test.images.tobytes()
    data = digits()
    for images, _ in data.test_batches(512):
        images.zero_()
    assert load(DataOptions()).test.images.tobytes() == before
    assert together(list(data.test_batches(512))).images.max() == 1.0


def test_the_test_is_not_touched_before_it_is_opened() -> None:
    data = digits()
    list(data.train_batches(64, seeded()))
    list(data.validation_batches(512))
    assert "_test" not in vars(data)
    list(data.test_batches(512))
    assert "_test" in vars(data)


def test_elsewhere_only_the_images_in_use_are_moved() -> None:
    """The device `meta` holds no values, but every tensor says where it is and how large."""
    options = DataOptions(augment=("flip", "crop"), limit=300)
    placed = resident(load(options), options, torch.device("meta"))
    batches = [*placed.train_batches(64, seeded()), *placed.validation_batches(512)]
    assert {batch.images.device.type for batch in batches} == {"meta"}
    assert [len(batch.labels) for batch in batches] == [64, 64, 64, 64, 44, 143]
    assert len(placed._train.images) == 300
    assert len(placed._validation.images) == 143


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_device_gives_the_same_batches() -> None:
    options = DataOptions(augment=("flip", "crop"), normalize="dataset", limit=300)
    data = load(options)
    here, there = (resident(data, options, torch.device(name)) for name in ("cpu", "cuda"))
    pairs = [
        *zip(here.train_batches(64, seeded()), there.train_batches(64, seeded()), strict=True),
        *zip(here.validation_batches(512), there.validation_batches(512), strict=True),
        *zip(here.test_batches(512), there.test_batches(512), strict=True),
    ]
    for one, two in pairs:
        assert torch.allclose(one.images, two.images.cpu(), atol=1e-6)
        assert torch.equal(one.labels, two.labels.cpu())
