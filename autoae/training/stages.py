"""The stages of a training: all at once, or one part after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from torch import nn
from torch.nn import Parameter

from autoae.data.resident import ResidentData
from autoae.models import Network
from autoae.spec.config import Configuration
from autoae.training.loss import Loss
from autoae.training.scores import scores_loss

_ENCODING = frozenset({"encoder", "to_latent"})
_ANSWERING = frozenset({"bridge", "head"})
_ALL = _ENCODING | _ANSWERING | {"decoder"}


@dataclass(frozen=True)
class Stage:
    """Some epochs in which some parts of a network are trained; the others are frozen.

    Attributes:
        loss: What is minimised.
        epochs: How many.
        parts: The names of those that are trained.
    """

    loss: Loss
    epochs: int
    parts: frozenset[str]

    def weights(self, network: Network) -> list[Parameter]:
        """The weights that it trains, in the order of the network."""
        return [
            weight
            for name, part in network.named_children()
            if name in self.parts
            for weight in part.parameters()
        ]

    @contextmanager
    def training(self, network: Network) -> Iterator[None]:
        """Within, the network trains, but for what is frozen.

        A frozen part gets no gradients, drops nothing out, and keeps the statistics of its
        batch normalisation.
        """
        network.train()
        frozen = list(self._frozen(network))
        for part in frozen:
            part.eval().requires_grad_(False)
        try:
            yield
        finally:
            for part in frozen:
                part.requires_grad_(True)

    def _frozen(self, network: Network) -> Iterator[nn.Module]:
        return (part for name, part in network.named_children() if name not in self.parts)


def stages_of(configuration: Configuration, data: ResidentData) -> tuple[Stage, ...]:
    """One stage, or two where a configuration is not trained end to end.

    Raises:
        TrainingError: There is nothing to minimise, bce lacks probabilities, or the images have
            no such principal components.
    """
    last = last_stage(configuration)
    first = configuration.first_epochs
    if not first:
        return (last,)
    if configuration.training.first_stage == "pca":
        return Stage(scores_loss(configuration, data), first, _ENCODING), last
    reconstruction = replace(Loss.of(configuration), alpha=0.0)
    return Stage(reconstruction, first, _ENCODING | {"decoder"}), last


def last_stage(configuration: Configuration) -> Stage:
    """The stage that decides: its best epoch is the best one, its loss is that of the training.

    Raises:
        TrainingError: There is nothing to minimise, or bce lacks probabilities.
    """
    loss, first = Loss.of(configuration), configuration.first_epochs
    epochs = configuration.training.epochs - first
    if not first:
        return Stage(loss, epochs, _ALL)
    if configuration.training.first_stage == "pca":
        return Stage(loss, epochs, _ALL - _ENCODING)
    return Stage(replace(loss, beta=0.0, delta=0.0), epochs, _ANSWERING)
