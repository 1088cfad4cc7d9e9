"""A network with its normalisation inside: images between 0 and 1 go in and come out."""

import torch
from torch import Tensor, nn

from autoae.data.images import Normalization
from autoae.models import Network

OUTPUTS = ("reconstruction", "logits", "latent")
"""What a network may give, in the order of an export's outputs."""


class Deployed(nn.Module):
    """A network as its users want it: it takes pictures, and gives pictures back.

    Args:
        network: In evaluation mode.
        normalization: Of its training.
        linear: Whether it reconstructs normalised images rather than those between 0 and 1.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: Network, normalization: Normalization, *, linear: bool) -> None:
        super().__init__()
        self.network = network
        self.linear = linear
        for name in ("mean", "deviation"):
            values = torch.tensor(getattr(normalization, name)).view(1, -1, 1, 1)
            self.register_buffer(name, values)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what it gives, those of `OUTPUTS` whose part it has."""
        missing = {"reconstruction": self.network.decoder, "logits": self.network.head}
        return tuple(name for name in OUTPUTS if missing.get(name, self.network) is not None)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Take (N, channels, height, width) in float32 between 0 and 1.

        Returns:
            By name, those that there are: `reconstruction`, in the unit of the images;
            `logits`, (N, classes); `latent`, (N, ...).
        """
        output = self.network((images - self.mean) / self.deviation)
        picture = output.reconstruction
        if picture is not None and self.linear:
            picture = picture * self.deviation + self.mean
        found = dict(zip(OUTPUTS, (picture, output.logits, output.latent), strict=True))
        return {name: value for name, value in found.items() if value is not None}
