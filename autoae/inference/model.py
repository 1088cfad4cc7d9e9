"""A trained network, ready to use on images."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoae.data.images import Floats, Integers, Normalization
from autoae.inference.anomalies import Threshold, threshold
from autoae.inference.arrays import unit_images
from autoae.inference.deployed import Deployed
from autoae.spec.blocks import Shape
from autoae.store.arrays import read_arrays
from autoae.store.runs import RunFolder
from autoae.training.batches import images_at_once
from autoae.training.look import squared_errors
from autoae.training.tasks import task_of
from autoae.training.weights import Description, WeightsError, load_network


@dataclass(frozen=True, eq=False)
class Result:
    """What a model makes of N images; None where it has no such part.

    Attributes:
        latents: (N, units) or (N, channels, height, width), float32.
        reconstructions: (N, channels, height, width), float32; between 0 and 1 with a sigmoid.
        errors: (N,), squared error per pixel of each reconstruction.
        logits: (N, outputs), float32, what the head gives.
        answers: (N,), the class or the number of objects of each image; (N, classes) where the
            task is how many there are of each class.
        task: What the head is for, as `model.task` of a study file.
        classes: The names of the classes, in the order of the logits of a classifier.
    """

    latents: Floats
    reconstructions: Floats | None
    errors: Floats | None
    logits: Floats | None
    answers: Integers | None
    task: str
    classes: tuple[str, ...]

    @property
    def probabilities(self) -> Floats | None:
        """(N, classes), the softmax of the logits of a classifier; None for other tasks."""
        if self.logits is None or self.task != "classify":
            return None
        found: Floats = torch.from_numpy(self.logits).softmax(1).numpy()
        return found

    @property
    def predictions(self) -> tuple[str, ...] | None:
        """The answers in words: the class, the number, or each class as often as it is there."""
        return None if self.answers is None else tuple(self._words(each) for each in self.answers)

    def _words(self, answer: Integers) -> str:
        if self.task == "classify":
            return self.classes[int(answer)]
        if self.task == "count":
            return str(int(answer))
        return " ".join(
            name for name, count in zip(self.classes, answer, strict=True) for _ in range(count)
        )


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network with what one must know to use it.

    Attributes:
        folder: Where its files are.
        network: Takes images between 0 and 1, on the CPU.
        description: Configuration, shape of the images, classes, metrics of the kept epoch.
    """

    folder: Path
    network: Deployed
    description: Description

    @property
    def shape(self) -> Shape:
        """(channels, height, width) of an image."""
        return self.network.network.plan.image

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes that it tells apart; none without a head."""
        return self.description.classes if "logits" in self.network.outputs else ()

    @property
    def notation(self) -> str:
        """Its architecture."""
        return self.network.network.plan.notation

    def __call__(self, images: NDArray[np.generic] | Tensor) -> Result:
        """Look at images.

        Args:
            images: (N, channels, height, width) of this model's shape, or channels last, or
                (N, height, width) if there is one channel; bytes, or numbers between 0 and 1.

        Raises:
            InputError: They are something else.
        """
        unit = unit_images(np.asarray(images), self.shape)
        parts = [*self._batches(torch.from_numpy(unit))]
        found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return Result(
            found["latent"],
            found.get("reconstruction"),
            found.get("errors"),
            found.get("logits"),
            self._answers(found.get("logits")),
            self.description.configuration.model.task,
            self.classes,
        )

    def anomaly_threshold(self, quantile: float) -> Threshold | None:
        """The error above which an image counts as unlike those that the model was trained on.

        Args:
            quantile: The share of validation images that lie below, between 0 and 1.

        Returns:
            None where no errors of validation images were kept: without a decoder, or without
            validation images.
        """
        errors = self.arrays.get("errors")
        return None if errors is None else threshold(errors, quantile)

    @cached_property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What its training kept to look at, see `autoae.training.artifacts`; empty if it is gone.

        Raises:
            WeightsError: The file is damaged.
        """
        path = RunFolder(self.folder).arrays
        try:
            return read_arrays(path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise WeightsError(f"{path}: not a readable file of arrays ({error})") from None

    def _answers(self, logits: Floats | None) -> Integers | None:
        task = task_of(self.description.configuration)
        if logits is None or task is None:
            return None
        answers: Integers = task.answer(torch.from_numpy(logits)).numpy()
        return answers

    @torch.inference_mode()
    def _batches(self, images: Tensor) -> Iterator[dict[str, Floats]]:
        size = images_at_once(self.shape, images.device)
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            found = self.network(batch)
            if "reconstruction" in found:
                found["errors"] = squared_errors(found["reconstruction"], batch)
            yield {name: values.numpy() for name, values in found.items()}


def load_model(path: str | Path) -> Model:
    """Load a trained network, on the CPU.

    Args:
        path: A run folder of a trial, the folder of a model, or its `best.safetensors`.

    Raises:
        WeightsError: There is no model, or its files are damaged, changed or of another network.
    """
    weights = _weights(Path(path))
    network, description = load_network(weights)
    linear = description.configuration.model.output == "linear"
    deployed = Deployed(network, _normalization(description, weights), linear=linear)
    return Model(weights.parent, deployed.eval(), description)


def _weights(path: Path) -> Path:
    if path.suffix == ".safetensors":
        return path
    if path.is_file():
        raise WeightsError(f"{path}: no model; a model is {_EXPECTED}")
    if not path.is_dir():
        raise WeightsError(f"{path}: no such folder; a model is {_EXPECTED}", hint=_LIST)
    weights = RunFolder(path).weights
    if not weights.exists():
        raise WeightsError(f"{path}: holds no weights; a model is {_EXPECTED}", hint=_LIST)
    return weights


_EXPECTED = "a folder with `best.safetensors` and `best.json`"
_LIST = "weights are kept of complete trials; `autoae model list` shows what there is"


def _normalization(description: Description, path: Path) -> Normalization:
    if description.normalization is not None:
        return description.normalization
    if description.configuration.data.normalize != "none":
        raise WeightsError(
            f"{path.with_suffix('.json')}: does not say what its images were normalised by",
            hint="an earlier version wrote it: train again with `autoae model train --from`",
        )
    channels = description.shape[0]
    return Normalization((0.0,) * channels, (1.0,) * channels)
