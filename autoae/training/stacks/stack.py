"""Several networks of one shape as one, whose weights are the rows of a matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial

import torch
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn import Parameter

from autoae.data.resident import Batch
from autoae.models import Network, Output
from autoae.training.cross_entropy import plain_cross_entropy
from autoae.training.forward import arranged, arranged_together, passed
from autoae.training.loss import Loss
from autoae.training.member import Member
from autoae.training.stacks.binding import bind, release
from autoae.training.stacks.layout import Layout
from autoae.training.stacks.optimizer import StackOptimizer
from autoae.training.stacks.replay import Figures


class Stack:
    """Trains its members together, each on images of its own.

    Every layer is called once: `vmap` makes one grouped convolution, or one batched product of
    matrices, of those of all members. As no member has a part in the loss of another one, the
    gradient of the sum of all losses is that of each, and one that diverges spoils its own row.

    Until `release`, weights, statistics and optimizer states of the members are views of the stack:
    what is trained here is theirs at once. To copy all of it there and back would be hundreds of
    operations a member in every epoch, each of them a launch on a GPU.

    Args:
        members: Of one `stacking_key`, on one device; where there is no memory for a stack of
            them, they are as they were.

    Attributes:
        members: In the order of the rows.
        weights: Trained, (members, numbers).
        buffers: Statistics of batch normalisation, by name, (members, ...).
        optimizer: Of all.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        first = members[0]
        self.members = tuple(members)
        self._network, self._precision = first.network, first.precision
        # Which terms have a weight is the same for all members; how large it is, is not.
        self._loss = _StackedLoss(*(getattr(first.loss, each.name) for each in fields(Loss)))
        self._layout = Layout.of(_trained(first.network, first.loss))
        networks = [member.network for member in members]
        rows = [self._layout.row(_trained(each, self._loss).values()) for each in networks]
        self.weights = torch.stack(rows).requires_grad_()
        self.buffers = stacked([dict(each.named_buffers()) for each in networks])
        self._untrained = stacked([self._without_part(each) for each in networks])
        self._of_terms = {
            name: self.weights.new_tensor([getattr(member.loss, key) for member in members])
            for name, key in WEIGHTS.items()
        }
        name = first.configuration.training.optimizer
        self.optimizer = StackOptimizer(name, self._layout, self.weights, members)
        self._bind()

    def _without_part(self, network: Network) -> dict[str, Tensor]:
        """The weights that are not trained."""
        trained = self._layout.shapes
        return {name: own for name, own in network.named_parameters() if name not in trained}

    def _bind(self) -> None:
        """Let the members be views of what has their numbers already."""
        whole = self.whole
        for place, member in enumerate(self.members):
            bind(member.network, {name: values[place] for name, values in whole.items()})
        self.optimizer.bind(self.members)

    def release(self) -> None:
        """Give every member memory of its own again."""
        for member in self.members:
            release(member)

    @property
    def whole(self) -> dict[str, Tensor]:
        """All weights and statistics, those too that are not trained, by name, (members, ...)."""
        return {**self._layout.parts(self.weights.detach()), **self._untrained, **self.buffers}

    def begin_epoch(self) -> None:
        """Take the learning rates in force, and train: a validation lies between two epochs."""
        self.optimizer.load_rates(self.members)
        self._network.train()

    @property
    def state(self) -> dict[str, Tensor]:
        """All that a step changes, by name."""
        return {"weights": self.weights, **self.buffers, **self.optimizer.memory}

    @torch.no_grad()
    def copied(self) -> Figures:
        """A copy of `state`."""
        return {name: values.clone() for name, values in self.state.items()}

    @torch.no_grad()
    def put(self, state: Figures) -> None:
        """Let all be as it was copied; that takes no memory."""
        for name, values in self.state.items():
            values.copy_(state[name])

    def step(self, images: Tensor, labels: Tensor, target: Tensor) -> Figures:
        """One step of the optimizer.

        Args:
            images: (members, N, C, H, W).
            labels: (members, N) or (members, N, classes).
            target: What should be reconstructed, of the shape of the images.

        Returns:
            Of each member, (members,): the terms of its loss, `right` answers, `gradient_norm`.
        """
        figures, gradients = self.gradients(Batch(images, labels), target)
        with torch.no_grad():
            figures["gradient_norm"] = torch.linalg.vector_norm(gradients, dim=1)
            self.optimizer.step(gradients)
        return figures

    def gradients(self, batch: Batch, target: Tensor) -> tuple[Figures, Tensor]:
        """The terms of all losses, and their gradients, (members, numbers).

        They are not gathered in the `grad` of the weights: what gathers them there belongs to the
        stream of its first use, which a CUDA graph must not touch.
        """
        found = (
            self._together(batch, target) if len(self.weights) > 1 else self._alone(batch, target)
        )
        total = self._total(found)
        (gradients,) = torch.autograd.grad(total.sum(), self.weights)
        terms = {"total": total, **found}
        return {name: each.detach() for name, each in terms.items()}, gradients

    def _together(self, batch: Batch, target: Tensor) -> Figures:
        images = arranged_together(batch.images, self._precision)
        found: Figures = vmap(self._pass)(self.weights, self.buffers, images, batch.labels, target)
        return found

    def _alone(self, batch: Batch, target: Tensor) -> Figures:
        """A stack of one is there to be replayed; it passes as it would alone."""
        buffers = {name: values[0] for name, values in self.buffers.items()}
        images = arranged(batch.images[0], self._precision)
        found = self._pass(self.weights[0], buffers, images, batch.labels[0], target[0])
        return {name: value[None] for name, value in found.items()}

    def _pass(
        self,
        row: Tensor,
        buffers: Mapping[str, Tensor],
        images: Tensor,
        labels: Tensor,
        target: Tensor,
    ) -> Figures:
        """One member: the terms of its loss, those that have a weight, and its right answers."""
        state = {**self._layout.parts(row), **buffers}
        network = partial(called, self._network, state)
        parts = {"reconstruct": bool(self._loss.beta), "classify": bool(self._loss.alpha)}
        output = passed(network, images, self._precision, **parts)
        terms = self._loss.terms(output, target, labels, [row])
        named = zip(terms._fields, terms, strict=True)
        found = {name: term for name, term in named if term is not None and name != "total"}
        if output.logits is not None and self._loss.task is not None:
            found["right"] = self._loss.task.right_answers(output.logits, labels)
        return found

    def _total(self, found: Figures) -> Tensor:
        """The weighted sum of the terms of each member."""
        terms = {name: found[name] for name in WEIGHTS if name in found}
        return torch.stack([self._of_terms[name] * term for name, term in terms.items()]).sum(0)


class _StackedLoss(Loss):
    """The same under `vmap`, to which our own cross-entropy for a CPU is unknown."""

    def _compared(self, images: Tensor | None, target: Tensor) -> Tensor:
        if self.reconstruction == "bce" and images is not None:
            return plain_cross_entropy(images, target)
        return super()._compared(images, target)


WEIGHTS = {"task": "alpha", "reconstruction": "beta", "penalty": "gamma"}
"""The terms of a loss and their weights in it."""


def called(network: Network, state: Mapping[str, Tensor], images: Tensor, **parts: bool) -> Output:
    """What the network gives with other weights and statistics."""
    output: Output = functional_call(network, dict(state), (images,), parts)
    return output


def stacked(own: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Tensors of the same names and shapes, one above the other."""
    return {name: torch.stack([each[name].detach() for each in own]) for name in own[0]}


def _trained(network: Network, loss: Loss) -> dict[str, Parameter]:
    """The weights that have a part in a loss: the others get no gradient, and no step."""
    used = {"decoder": loss.beta, "head": loss.alpha, "bridge": loss.alpha}
    return {
        name: weight
        for name, weight in network.named_parameters()
        if loss.gamma or used.get(name.partition(".")[0], True)
    }
