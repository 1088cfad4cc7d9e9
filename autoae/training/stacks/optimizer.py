"""One optimizer for a stack, in the place of those of its members."""

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter

from autoae.training.member import Member
from autoae.training.stacks.layout import Layout
from autoae.training.stacks.rules import RULES, Rates, begun


class StackOptimizer:
    """Steps of all members at once.

    Args:
        name: Of the optimizer of all members.
        layout: Of the weights.
        weights: Of the stack, (members, numbers); stepped in place.
        members: Whose optimizers have kept something so far, or nothing before a first step.

    Attributes:
        memory: What it keeps, by torch's names: (members, numbers) or (members, 1).
        rates: Learning rates and what else each member has of its own.
    """

    def __init__(
        self, name: str, layout: Layout, weights: Tensor, members: Sequence[Member]
    ) -> None:
        self._rule, self._layout, self._weights = RULES[name], layout, weights
        self.memory = begun(self._rule, weights)
        options = [member.configuration.training for member in members]
        decays = [each.weight_decay for each in options]
        self.rates = Rates(
            lr=self._column(member.learning_rate for member in members),
            momentum=self._column(each.momentum for each in options),
            weight_decay=self._column(decays) if any(decays) else None,
        )
        where = _place_of_counts(members[0], weights)
        self._counts = {
            key: torch.empty(len(weights), dtype=torch.float32, device=where)
            for key in self._rule.counts
        }
        self._load(members)

    def step(self, gradients: Tensor) -> None:
        """Follow gradients (members, numbers), which are spoilt."""
        self._rule.step(self._weights, gradients, self.memory, self.rates)

    def load_rates(self, members: Sequence[Member]) -> None:
        """Take the learning rates in force."""
        self._put(self.rates.lr, (member.learning_rate for member in members))

    def _load(self, members: Sequence[Member]) -> None:
        for name in self._rule.arrays:
            rows = [self._layout.row(self._kept(member, name)) for member in members]
            self.memory[name].copy_(torch.stack(rows))
        for name, first in self._rule.counts.items():
            self._put(self.memory[name], (self._count(member, name, first) for member in members))
        self.tell_counts()

    def tell_counts(self) -> None:
        """Let the members know the counts, as torch keeps them, and go on from these."""
        for name, told in self._counts.items():
            told.copy_(self.memory[name].flatten())
            # As it would be after a checkpoint: torch has less digits than the rules.
            self.memory[name].copy_(told[:, None])

    def bind(self, members: Sequence[Member]) -> None:
        """Let the optimizer of each member keep views of what this one keeps."""
        parts = {name: self._layout.parts(self.memory[name]) for name in self._rule.arrays}
        for place, member in enumerate(members):
            # No step without gradients; but schedules complain of an optimizer that took none.
            member.optimizer.zero_grad()
            member.optimizer.step()
            counts = {name: told[place] for name, told in self._counts.items()}
            for name, weight in self._trained(member):
                arrays = {key: own[name][place] for key, own in parts.items()}
                member.optimizer.state[weight] = {**arrays, **counts}

    def _trained(self, member: Member) -> Iterator[tuple[str, Parameter]]:
        weights = dict(member.network.named_parameters())
        return ((name, weights[name]) for name in self._layout.shapes)

    def _kept(self, member: Member, name: str) -> Iterable[Tensor]:
        for _, weight in self._trained(member):
            known = member.optimizer.state.get(weight, {}).get(name)
            yield torch.zeros_like(weight) if known is None else known

    def _count(self, member: Member, name: str, first: float) -> float:
        """Torch keeps it with each weight, alike."""
        _, weight = next(iter(self._trained(member)))
        return float(member.optimizer.state.get(weight, {}).get(name, first))

    def _column(self, values: Iterable[float]) -> Tensor:
        found = torch.tensor(list(values), dtype=torch.float64, device=self._weights.device)
        return found[:, None]

    def _put(self, target: Tensor, values: Iterable[float]) -> None:
        # From pinned memory a GPU takes them when it is their turn; else the CPU waits for it.
        found = torch.tensor(list(values), dtype=torch.float64, pin_memory=target.is_cuda)
        target.copy_(found[:, None], non_blocking=True)


def _place_of_counts(member: Member, weights: Tensor) -> torch.device:
    """Where torch keeps them: beside the weights where its step is fused."""
    fused = bool(member.optimizer.param_groups[0].get("fused"))
    return weights.device if fused else torch.device("cpu")
