"""Images of a user, from files, folders, zips and arrays, as a model takes them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from autoae.data.files import opened_files
from autoae.data.images import Bytes
from autoae.data.pictures import SUFFIXES, decode, is_grey, is_image, pillow_warnings
from autoae.data.transform import transformed
from autoae.inference.arrays import channels_first, unit
from autoae.inference.errors import InputError
from autoae.spec.blocks import Shape
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from autoae.store.arrays import read_arrays

ARRAYS = (".npz", ".npy")


@dataclass(frozen=True, eq=False)
class Images:
    """Images that a model takes.

    Attributes:
        names: Where each one comes from.
        values: (N, channels, height, width).
        notes: What was done to them, one sentence each.
    """

    names: tuple[str, ...]
    values: Bytes
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a model takes.

    Attributes:
        shape: (channels, height, width).
        options: The `data` section of its training, which says how images are resized.
        fit: Scale and crop what then still has another size, rather than refuse it.
    """

    shape: Shape
    options: DataOptions
    fit: bool = False


def read_images(places: Sequence[Path], wanted: Wanted) -> Images:
    """Read images, and bring them to the size and mode that a model takes.

    Args:
        places: Image files, folders or zips of such (at any depth), `.npz` and `.npy` files.
        wanted: What they are brought to.

    Raises:
        InputError: There are none, or they have another size.
        DataError: A file is damaged.
    """
    names, values, done = list[str](), list[Bytes](), Counter[str]()
    with pillow_warnings():
        for place in places:
            for name, image, converted in _images(place, wanted.shape[0]):
                fitting, changed = _fitting(image, name, wanted)
                names.append(name)
                values.append(fitting)
                done.update(word for word in (converted, changed) if word)
    if not names:
        where = ", ".join(map(str, places))
        raise InputError(f"{where}: there are no images".removeprefix(": "), hint=_HINT)
    notes = tuple(f"{count} of {len(names)} images: {what}" for what, count in done.items())
    return Images(tuple(names), np.stack(values), notes)


_Image = tuple[str, Bytes, str]
"""Name, (height, width, channels), and how its colours were changed, if they were."""


def _images(place: Path, channels: int) -> Iterator[_Image]:
    if not place.exists():
        raise InputError(f"{place}: no such file or folder", hint=_HINT)
    if place.suffix.lower() in ARRAYS:
        yield from _of_array(place, channels)
    elif place.is_dir() or place.suffix.lower() == ".zip":
        yield from _of_folder(place, channels)
    else:
        yield _decoded(place.read_bytes(), str(place), channels)


def _of_folder(place: Path, channels: int) -> Iterator[_Image]:
    with opened_files(place) as files:
        names = [name for name in files.names if is_image(name)]
        if not names:
            kinds = " ".join(sorted(SUFFIXES))
            raise InputError(f"{place} holds no images ({kinds})", hint=_HINT)
        for name in names:
            yield _decoded(files.read(name), f"{place}/{name}", channels)


def _decoded(content: bytes, name: str, channels: int) -> _Image:
    grey = channels == 1
    image = decode(content, name, grey=grey)
    if is_grey(content, name) == grey:
        return name, image, ""
    return name, image, "converted from colour to grey" if grey else "grey, shown in three channels"


def _of_array(place: Path, channels: int) -> Iterator[_Image]:
    try:
        images = channels_first(_bytes(_array(place)), channels)
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from None
    for number, image in enumerate(images):
        yield f"{place}[{number}]", image.transpose(1, 2, 0), ""


def _array(place: Path) -> NDArray[np.generic]:
    """The array of an `.npy`; of an `.npz` the one called `images`, or the only one."""
    try:
        arrays = read_arrays(place)
    except (ValueError, OSError) as error:
        raise InputError(f"not a readable file of arrays ({error})") from None
    if "images" in arrays:
        return arrays["images"]
    if len(arrays) != 1:
        raise InputError(
            f"holds {', '.join(arrays) or 'nothing'}, and none is called `images`",
            hint="save the images under that name: np.savez(file, images=images)",
        )
    return next(iter(arrays.values()))


def _bytes(images: NDArray[np.generic]) -> Bytes:
    levels = unit(images) * 255
    return np.rint(levels).astype(np.uint8)


def _fitting(image: Bytes, name: str, wanted: Wanted) -> tuple[Bytes, str]:
    """The image, channels first, in the wanted size; and what was done to it."""
    size = wanted.shape[1:]
    if image.shape[:2] == size:
        return image.transpose(2, 0, 1), ""
    changed, done = _as_in_training(image, name, wanted), "resized as those of the training were"
    if changed.shape[:2] != size and wanted.fit:
        changed = _scaled_and_cropped(image, size)
        done = f"scaled and cropped to {_size(size)} pixels"
    if changed.shape[:2] != size:
        raise InputError(
            f"{name} has {_size(image.shape)} pixels, the model takes {_size(size)}",
            hint="--fit scales such images and crops what is left over",
        )
    return changed.transpose(2, 0, 1), done


def _as_in_training(image: Bytes, name: str, wanted: Wanted) -> Bytes:
    try:
        return transformed(image, wanted.options, name)
    except SpecError:  # It is smaller than the square that is to be cut out.
        return image


def _scaled_and_cropped(image: Bytes, size: tuple[int, ...]) -> Bytes:
    """The centre of an image that was scaled until it covers a size."""
    height, width = size
    picture = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    covering = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(covering).reshape(height, width, image.shape[2])


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} x {shape[1]}"


_HINT = "give image files, a folder or zip of images, or an .npz file"
