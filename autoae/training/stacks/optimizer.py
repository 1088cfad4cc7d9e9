"""One optimizer for a stack, in the place of those of its members."""

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter

from autoae.training.member import Member
from autoae.training.stacks.layout import Layout
from autoae.training.stacks.rules import RULES, Rates, begun

State = dict[str, Tensor]
"""What an optimizer of torch keeps for one weight."""

_RATES = ("lr", "momentum", "weight_decay")


class StackOptimizer:
    """Steps of all members at once.

    Args:
        name: Of the optimizer of all members.
        layout: Of the weights.
        weights: Of the stack, (members, numbers); stepped in place.
    """

    def __init__(self, name: str, layout: Layout, weights: Tensor) -> None:
        self._rule, self._layout, self._weights = RULES[name], layout, weights
        self.memory = begun(self._rule, weights)
        size = (len(weights), 1)
        self.rates = Rates(
            *(torch.zeros(size, dtype=torch.float64, device=weights.device) for _ in _RATES)
        )

    def step(self, gradients: Tensor) -> None:
        """Follow gradients (members, numbers), which are spoilt."""
        self._rule.step(self._weights, gradients, self.memory, self.rates)

    def load_rates(self, members: Sequence[Member]) -> None:
        """Take the learning rates in force, and what does not change."""
        options = [member.configuration.training for member in members]
        self._put(self.rates.lr, (member.learning_rate for member in members))
        self._put(self.rates.momentum, (each.momentum for each in options))
        self._put(self.rates.weight_decay, (each.weight_decay for each in options))

    def load(self, members: Sequence[Member]) -> None:
        """Take what the optimizers of the members have kept so far; nothing before a first step."""
        self.load_rates(members)
        for member in members:
            # No step without gradients; but schedules complain of an optimizer that took none.
            member.optimizer.zero_grad()
            member.optimizer.step()
        for name in self._rule.arrays:
            rows = [self._layout.row(self._kept(member, name)) for member in members]
            self.memory[name].copy_(torch.stack(rows))
        for name, first in self._rule.counts.items():
            self._put(self.memory[name], (self._count(member, name, first) for member in members))

    def states(self, members: Sequence[Member]) -> Iterator[tuple[Member, Parameter, State]]:
        """What the optimizer of each member would keep for each weight now, in new memory."""
        counts = {name: self.memory[name].flatten().tolist() for name in self._rule.counts}
        for place, member in enumerate(members):
            rows = {name: self.memory[name][place] for name in self._rule.arrays}
            kept = {name: self._layout.parts(row) for name, row in rows.items()}
            for name, weight in self._trained(member):
                # Laid out as the weight is: torch's fused steps go through both in one order.
                arrays = {
                    key: torch.empty_like(weight).copy_(parts[name]) for key, parts in kept.items()
                }
                own = {key: _as_count(at[place], member, weight) for key, at in counts.items()}
                yield member, weight, {**arrays, **own}

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

    def _put(self, target: Tensor, values: Iterable[float]) -> None:
        # From pinned memory a GPU takes them when it is their turn; else the CPU waits for it.
        found = torch.tensor(list(values), dtype=torch.float64, pin_memory=target.is_cuda)
        target.copy_(found[:, None], non_blocking=True)


def _as_count(value: float, member: Member, weight: Tensor) -> Tensor:
    """As torch keeps it: in float32, beside the weight where the step is fused."""
    fused = bool(member.optimizer.param_groups[0].get("fused"))
    # A fill: a number that is copied to a GPU would have the CPU wait for it, once a weight.
    return torch.full((), value, dtype=torch.float32, device=weight.device if fused else "cpu")
