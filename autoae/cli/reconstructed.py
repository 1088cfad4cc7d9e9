"""Reconstructed images, the worst first, for files and for the screen."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from autoae.data.images import Floats, Integers
from autoae.inference.anomalies import Threshold
from autoae.inference.inputs import Images
from autoae.inference.model import Model, Result
from autoae.inference.outputs import as_bytes, sheet, write_csv, write_npz, write_png
from autoae.training.evaluation import signal_to_noise
from autoae.views.numbers import figure
from autoae.views.tables import number, table, wide, words

if TYPE_CHECKING:
    from rich.console import RenderableType

SHEET = 10
"""Images of worst.png."""


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """N images and what became of them.

    Attributes:
        images: As they went in.
        pictures: (N, channels, height, width), between 0 and 1.
        errors: (N,), squared error per pixel.
        limit: Above which an image is an anomaly; None where no validation errors were kept.
    """

    images: Images
    pictures: Floats
    errors: Floats
    limit: Threshold | None

    @classmethod
    def of(cls, model: Model, images: Images, result: Result, quantile: float) -> Self:
        """What a model with a decoder made of images."""
        assert result.reconstructions is not None
        assert result.errors is not None
        limit = model.anomaly_threshold(quantile)
        return cls(images, result.reconstructions, result.errors, limit)

    @property
    def worst(self) -> Integers:
        """The numbers of the images, the largest error first."""
        return np.argsort(-self.errors, kind="stable")

    def anomaly(self, number: int) -> bool | None:
        """Whether an image is one; None where that is not known."""
        return None if self.limit is None else bool(self.errors[number] > self.limit.value)

    def write(self, folder: Path, *, pictures: bool) -> None:
        """Write errors.csv, reconstructions.npz and worst.png, and each picture where asked for.

        Raises:
            OSError: They cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            [name, error, signal_to_noise(error), {True: 1, False: 0, None: ""}[self.anomaly(n)]]
            for n, (name, error) in enumerate(
                zip(self.images.names, self.errors.tolist(), strict=True)
            )
        ]
        write_csv(folder / "errors.csv", ["image", "mse", "psnr", "anomaly"], rows)
        write_npz(
            folder / "reconstructions.npz",
            names=np.array(self.images.names),
            originals=self.images.values,
            reconstructions=self.pictures,
            errors=self.errors,
        )
        first, drawn = self.worst[:SHEET], as_bytes(self.pictures)
        write_png(folder / "worst.png", sheet(self.images.values[first], drawn[first]))
        if pictures:
            (folder / "pictures").mkdir(exist_ok=True)
            for n, picture in enumerate(drawn):  # In the order of errors.csv.
                write_png(folder / "pictures" / f"{n:05}.png", picture)

    def facts(self, folder: Path) -> dict[str, object]:
        """Everything that is shown, for programs."""
        images = [
            {
                "image": self.images.names[n],
                "mse": float(self.errors[n]),
                "anomaly": self.anomaly(n),
            }
            for n in self.worst
        ]
        return {"threshold": self.limit, "images": images, "folder": folder}

    def page(self, most: int) -> "RenderableType":
        """The worst images, and how many are anomalies."""
        from rich.console import Group
        from rich.text import Text

        rows = [
            [self.images.names[n], figure(float(self.errors[n])), "anomaly" * bool(self.anomaly(n))]
            for n in self.worst[:most]
        ]
        shown = table([wide("worst images"), number("mse"), words("")], rows)
        mean = f"{len(self.errors)} images, mean squared error {figure(float(self.errors.mean()))}"
        return Group(shown, Text(), Text(mean), Text(self._verdict()))

    def _verdict(self) -> str:
        if self.limit is None:
            return "anomalies are not told: no errors of validation images were kept"
        count = int((self.errors > self.limit.value).sum())
        return (
            f"{count} anomalies above {figure(self.limit.value)}, which {self.limit.quantile:.4g} "
            f"of images like the {self.limit.images} validation images stay below"
        )
