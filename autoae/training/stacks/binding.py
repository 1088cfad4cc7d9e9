"""Members of a stack whose tensors are views of it, and members that have their own again."""

from collections.abc import Mapping

import torch
from torch import Tensor

from autoae.models import Network
from autoae.training.member import Member
from autoae.training.precision import lay_out


def bind(network: Network, tensors: Mapping[str, Tensor]) -> None:
    """Let weights and statistics of a network lie where these tensors do, by their names.

    They stay the parameters that engine and optimizer know.
    """
    for name, own in (*network.named_parameters(), *network.named_buffers()):
        own.data = tensors[name]


@torch.no_grad()
def release(member: Member) -> None:
    """Let a member have memory of its own, laid out as its precision wants it."""
    network = member.network
    for own in (*network.parameters(), *network.buffers()):
        own.data = own.data.clone()
    lay_out(network, member.precision)
    for weight, kept in member.optimizer.state.items():
        for name, value in kept.items():
            # Laid out as the weight is: torch's fused steps go through both in one order.
            like = weight if value.dim() else value
            kept[name] = torch.empty_like(like).copy_(value)
