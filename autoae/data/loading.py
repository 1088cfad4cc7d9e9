"""From the `data` section of a study to images: find, decode once, split, normalise."""

from dataclasses import replace

import numpy as np

from autoae.data.blurring import softened
from autoae.data.cache import Decoded, decoded
from autoae.data.datasets import dataset_named
from autoae.data.errors import DataError
from autoae.data.images import Facts, ImageData, Integers, Split, groups_of
from autoae.data.normalize import normalization
from autoae.data.sampling import constrained, constrained_classes, oversampled, undersampled
from autoae.data.smote import enlarged
from autoae.data.source import Source
from autoae.data.splits import training_and_validation
from autoae.data.transform import shape_after
from autoae.spec.composition import check_composition
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError

_VALIDATION_SHARE = 10


def find(options: DataOptions) -> Source:
    """Find the data set of a study on this machine.

    Raises:
        SpecError: No such data set, or an option with one that takes none.
        MissingData: It is not on this machine.
    """
    dataset = dataset_named(options.dataset)
    if options.path is not None and not dataset.takes_path:
        raise SpecError(
            f"the data set {dataset.name!r} takes no path",
            hint="set data.dataset to folder, or name the directory of known data sets with "
            "AUTOAE_DATA_DIR",
            key="data.path",
        )
    check_composition(options)
    if dataset.known is not None:
        # Before it is found: a name is wrong on a machine without the images, too.
        constrained_classes(options, dataset.known.classes)
    return dataset.find(options)


def facts(options: DataOptions) -> Facts:
    """The shape, classes and sizes of a data set as a study uses it.

    The first call decodes the images into the cache, so that what is wrong with them is told
    before anything is trained; later calls read a few lines. Images of a known size are decoded
    as they are: a size that only one of many trials asks for is made when that trial loads it.

    Raises:
        SpecError: The options do not fit the images.
        DataError: The images are missing or damaged, or the cache cannot be written.
    """
    if dataset_named(options.dataset).known is None:
        return _checked(options).facts
    found = _checked(options.model_copy(update={"resize": None, "center_crop": None})).facts
    return replace(found, shape=shape_after(found.shape, options, found.name))


def prepare(options: DataOptions) -> None:
    """Decode everything that `load` needs, so that what is wrong is told and no trial waits for it.

    Raises:
        SpecError: The options do not fit the images.
        DataError: The images are missing or damaged, or the cache cannot be written.
    """
    _decoded(options)


def load(options: DataOptions) -> ImageData:
    """Load a data set: images mapped from the cache, splits fixed for every study and seed.

    Raises:
        SpecError: The options do not fit the images.
        DataError: The images are missing or damaged, or the cache cannot be written.
    """
    cached = _decoded(options)
    count = cached.facts.train
    rows, held_out = _divided(options, cached)
    train, moments = _trained_on(options, cached, rows)
    mean, std = normalization(options, moments, cached.facts.shape[1] * cached.facts.shape[2])
    test = _split(cached, slice(count, None), np.arange(cached.facts.test))
    on_test = options.select_on == "test"
    validation = test if on_test else _split(cached, slice(0, count), held_out)
    return ImageData(cached.facts, train, validation, test, mean, std)


def sizes(options: DataOptions) -> tuple[int, int]:
    """How many images are trained on and validated on, without SMOTE making any.

    Raises:
        SpecError: The options do not fit the images.
        DataError: The images are missing or damaged, or the cache cannot be written.
    """
    if options.resample == "smote":
        options = options.model_copy(update={"resample": "oversample"})
    cached = _checked(options)
    rows, held_out = _divided(options, cached)
    return len(rows), cached.facts.test if options.select_on == "test" else len(held_out)


def _divided(options: DataOptions, cached: Decoded) -> tuple[Integers, Integers]:
    """The rows to train on and to validate on.

    Validation images are held out first, and the limit comes next: neither depends on what is
    then done to some classes of the rest.
    """
    groups = groups_of(cached.labels[: cached.facts.train])
    held_out = 0 if options.select_on == "test" else _validation(options, cached.facts.train)
    train, validation = training_and_validation(groups, held_out, options.limit)
    classes = constrained_classes(options, cached.facts.classes)
    train = constrained(train, groups, classes, options.constrained_share)
    if options.resample in _BY_ROWS:
        train = _BY_ROWS[options.resample](train, groups)
    return train, validation


_BY_ROWS = {"undersample": undersampled, "oversample": oversampled}
"""Ways of resampling that need no new images."""


def _trained_on(options: DataOptions, cached: Decoded, rows: Integers) -> tuple[Split, Integers]:
    """The training images, and the moments of each."""
    if options.resample == "smote":
        made = enlarged(cached, rows, options.dataset)
        return _split(made, slice(None), np.arange(made.facts.train)), made.moments
    return _split(cached, slice(0, cached.facts.train), rows), cached.moments[rows]


def _decoded(options: DataOptions) -> Decoded:
    cached = _checked(options)
    return softened(cached, options) if options.blur else cached


def _checked(options: DataOptions) -> Decoded:
    cached = decoded(options.dataset, find(options), options)
    _check_validation(options, cached.facts)
    _check_channels(options, cached.facts)
    _check_test(options, cached.facts)
    constrained_classes(options, cached.facts.classes)
    return cached


def _split(cached: Decoded, part: slice, rows: Integers) -> Split:
    return Split(cached.images[part], cached.labels[part], rows)


def _validation(options: DataOptions, train: int) -> int:
    """Images held out for validation: as many as given, else a tenth."""
    if options.validation is not None:
        return options.validation
    return max(1, train // _VALIDATION_SHARE)


def _check_validation(options: DataOptions, found: Facts) -> None:
    count = _validation(options, found.train)
    if count < found.train:
        return
    if options.validation is None:
        raise DataError(
            f"{found.name} has a single training image", hint="two are needed: train, validate"
        )
    raise SpecError(
        f"{count:,} images for validation of the {found.train:,} training images of {found.name} "
        "leave none to train on",
        hint=f"set data.validation below {found.train}",
        key="data.validation",
    )


def _check_test(options: DataOptions, found: Facts) -> None:
    if options.select_on == "test" and not found.test:
        raise SpecError(f"{found.name} has no test images", key="data.select_on")


def _check_channels(options: DataOptions, found: Facts) -> None:
    if options.normalize == "imagenet" and found.shape[0] != 3:
        raise SpecError(
            f"the statistics of ImageNet are for 3 channels, {found.name} has {found.shape[0]}",
            hint="set data.normalize to dataset or none",
            key="data.normalize",
        )
