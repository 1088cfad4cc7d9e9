"""Reconstructions side by side."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from autoae.views.report.pictures import sheet
from autoae.views.report.runs import Bytes, Seen
from autoae.views.report.strips import PicturesError, side_by_side
from tests.snapshots import trial


def seen(originals: Bytes, shade: int, error: float = 1e-4) -> Seen:
    """A network that paints every picture in one shade."""
    made = replace(trial(0, 0.5), metrics={"val_mse": error}, variant="wide")
    labels = np.arange(len(originals))
    return Seen(made, originals, np.full_like(originals, shade), labels, (), None)


def images(*levels: int, side: int = 8) -> Bytes:
    """One grey picture for each level."""
    found: Bytes = np.stack([np.full((1, side, side), level, np.uint8) for level in levels])
    return found


def shades(png: bytes) -> list[int]:
    """The level in the middle of each picture of a strip."""
    pixels = np.array(Image.open(io.BytesIO(png)))
    return [int(pixels[36, left + 36, 0]) for left in range(0, pixels.shape[1], 76)]


def test_only_images_that_all_saw_are_shown_in_the_same_places() -> None:
    first, second = seen(images(1, 2, 3), 100), seen(images(3, 9, 1), 200, 0.05)
    assert second.reconstructions is not None
    second.reconstructions[2] = 77
    found = side_by_side({"a:0": first, "b:0": second})
    assert [each.label for each in found.strips] == ["originals", "a:0", "b:0"]
    assert [shades(each.png) for each in found.strips] == [[1, 3], [100, 100], [77, 200]]
    assert [each.note for each in found.strips[1:]] == [
        "wide, val_mse 1.00e-04",
        "wide, val_mse 0.05000",
    ]
    assert Image.open(io.BytesIO(sheet(found))).format == "PNG"


def test_a_long_name_does_not_run_into_the_pictures() -> None:
    short, long = (
        Image.open(io.BytesIO(sheet(side_by_side({name: seen(images(1), 1)}))))
        for name in ("a:0", "a-study-of-a-very-long-name-indeed:123")
    )
    assert long.width > short.width
    ink = np.array(long)[-40:, long.width - 76 :].min(axis=2)
    assert (ink[:, :4] == 255).all()


@pytest.mark.parametrize("other", [images(4, 5), images(1, 2, side=9)], ids=["images", "size"])
def test_networks_that_saw_no_image_together_are_refused(other: Bytes) -> None:
    with pytest.raises(PicturesError, match="no image that a:0 and b:0") as caught:
        side_by_side({"a:0": seen(images(1, 2), 1), "b:0": seen(other, 1)})
    assert "data.validation" in caught.value.hint


def test_a_classifier_has_nothing_to_show() -> None:
    with pytest.raises(PicturesError, match="b:1 has no decoder"):
        side_by_side({"b:1": replace(seen(images(1), 1), reconstructions=None)})
