"""Which images a reconstruction is compared with."""

from torch import Tensor

from autoae.data.resident import ResidentData
from autoae.spec.config import Configuration


def target_of(images: Tensor, configuration: Configuration, data: ResidentData) -> Tensor:
    """What the network should give back for normalised images, (N, C, H, W).

    A sigmoid gives numbers between 0 and 1, so its target is the images de-normalised; a
    linear output reconstructs the images as the network saw them.
    """
    if configuration.model.output == "linear":
        return images
    # De-normalised pixels may leave 0-1 by a rounding error, for which bce has no value.
    unit = data.to_unit(images)
    return unit if configuration.data.normalize == "none" else unit.clamp(0.0, 1.0)


def pictures_of(reconstruction: Tensor, configuration: Configuration, data: ResidentData) -> Tensor:
    """A reconstruction as 0-1 images, (N, C, H, W), whatever it was trained towards."""
    sigmoid = configuration.model.output == "sigmoid"
    return reconstruction if sigmoid else data.to_unit(reconstruction)
