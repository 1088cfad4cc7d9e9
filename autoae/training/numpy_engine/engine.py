"""The NumPy engine behind the interface of all engines."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from autoae.data.resident import Batch
from autoae.models import Network
from autoae.models.blocks import FeatureStack
from autoae.spec.blocks import Block
from autoae.training.engines import Passed
from autoae.training.loss import Loss, Terms, half_squares
from autoae.training.numpy_engine.activations import ACTIVATIONS, IDENTITY, Array
from autoae.training.numpy_engine.layers import Dense, Gradient
from autoae.training.numpy_engine.losses import (
    RECONSTRUCTIONS,
    TASKS,
    Cost,
    Labels,
    mean_squared_error,
)
from autoae.training.numpy_engine.perceptron import NO_GOAL, Goal, Perceptron
from autoae.training.numpy_engine.perceptron import Passed as ThroughLayers
from autoae.training.scores import ScoresLoss


class NumpyEngine:
    """Forward and backward by hand, on the memory of the network's own weights.

    From the first one on, NumPy's matrix products take one thread in this process.

    Args:
        network: Of linear layers, on the CPU; `autoae.spec.engines` says what else may not be.
        loss: What is minimised.
    """

    def __init__(self, network: Network, loss: Loss) -> None:
        # Products this small gain little by a second thread; on busy cores they lose eighteenfold.
        threadpool_limits(1, user_api="blas")
        self._loss = loss
        body, decoder, head = _parts(network)
        self._linears = [linear for _, linear in (*body, *decoder, *head)]
        self._perceptron = Perceptron(_layers(body), _layers(decoder), _layers(head))

    def gradients(self, batch: Batch, target: Tensor, puzzle: Tensor | None = None) -> Passed:
        """See `Engine`."""
        assert puzzle is None, "a jigsaw is refused when the study file is read"
        # What is no number shows in the sums of the epoch, which stop the training.
        with np.errstate(all="ignore"):
            passed = self._perceptron.pass_through(
                self._flat(batch.images),
                encode=self._encode(target),
                reconstruct=self._reconstruct(self._flat(target)),
                solve=self._solve(batch.labels.numpy()),
            )
            self._leave(passed.gradients)
            terms = self._terms(passed)
        logits = None if passed.logits is None else torch.from_numpy(passed.logits)
        return Passed(terms, logits)

    def _encode(self, target: Tensor) -> Goal:
        loss = self._loss
        if not isinstance(loss, ScoresLoss):
            return NO_GOAL
        scores = loss.components.scores(target.flatten(1)).numpy()
        return Goal(loss.scale, lambda latent: mean_squared_error(latent, scores))

    def _reconstruct(self, target: Array) -> Goal:
        cost = RECONSTRUCTIONS[self._loss.reconstruction]
        return Goal(self._loss.beta, lambda pictures: cost(pictures, target))

    def _solve(self, labels: Labels) -> Goal:
        cost = TASKS[self._loss.classification]
        return Goal(self._loss.alpha, lambda logits: cost(logits, labels))

    def _flat(self, images: Tensor) -> Array:
        weight = self._linears[0].weight
        flat: Array = images.flatten(1).to(weight.dtype).numpy()
        return flat

    def _leave(self, gradients: Iterable[Gradient | None]) -> None:
        """Put the gradients where every optimizer looks for them."""
        for linear, found in zip(self._linears, gradients, strict=True):
            self._leave_one(linear.weight, found and found.weight)
            self._leave_one(linear.bias, found and found.bias)

    def _leave_one(self, weight: Tensor, gradient: Array | None) -> None:
        if self._loss.gamma:
            shrinking = self._loss.gamma * weight.detach().numpy()
            gradient = shrinking if gradient is None else gradient + shrinking
        frozen = gradient is None or not weight.requires_grad
        weight.grad = None if frozen else torch.from_numpy(gradient)

    def _terms(self, passed: ThroughLayers) -> Terms:
        penalty = half_squares(self._trained()) if self._loss.gamma else None
        if isinstance(self._loss, ScoresLoss) and passed.encoding is not None:
            return self._loss.of_scores(_number_of(passed.encoding), penalty)
        return self._loss.weighed(_number(passed.task), _number(passed.reconstruction), penalty)

    def _trained(self) -> list[Tensor]:
        weights = (weight for linear in self._linears for weight in (linear.weight, linear.bias))
        return [weight.detach() for weight in weights if weight.requires_grad]


def _number(cost: Cost | None) -> Tensor | None:
    return None if cost is None else _number_of(cost)


def _number_of(cost: Cost) -> Tensor:
    return torch.from_numpy(np.asarray(cost.value))


_Part = list[tuple[Block, nn.Linear]]


def _parts(network: Network) -> tuple[_Part, _Part, _Part]:
    """Body, decoder and head, each block with its layer."""
    plan, to_latent = network.plan, network.to_latent
    assert isinstance(network.encoder, FeatureStack)
    body = _part(plan.encoder, network.encoder)
    if plan.to_latent is not None and to_latent is not None:
        body += _part([plan.to_latent], [to_latent])
    return body, _part(plan.decoder, network.decoder or ()), _part(plan.head, network.head or ())


def _part(blocks: Sequence[Block], modules: Iterable[nn.Module]) -> _Part:
    found: _Part = []
    for block, module in zip(blocks, modules, strict=True):
        linear = module.get_submodule("layer")
        assert isinstance(linear, nn.Linear)
        found.append((block, linear))
    return found


def _layers(part: _Part) -> tuple[Dense, ...]:
    return tuple(_dense(block, linear) for block, linear in part)


def _dense(block: Block, linear: nn.Linear) -> Dense:
    """The layer on the very memory of torch's: what moves one moves the other."""
    name = block.activation
    activation = IDENTITY if name is None else ACTIVATIONS[name](block.slope)
    return Dense(linear.weight.detach().numpy(), linear.bias.detach().numpy(), activation)
