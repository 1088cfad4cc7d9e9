"""A training: one or several members that see the same images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import torch

from autoae.data.resident import ResidentData
from autoae.spec.config import Configuration
from autoae.training.allocator import keep_freed_memory
from autoae.training.devices import device_of
from autoae.training.errors import TrainingError
from autoae.training.member import Member
from autoae.training.selection import Selection
from autoae.training.stacks.stacks import stacks_of

MemberId = int
"""The place of a member in its training, from 0."""


@dataclass(frozen=True)
class EpochReport:
    """What `fit` gives after every epoch.

    Attributes:
        epoch: From 1.
        metrics: Of each member that trained in it, by the names of `autoae.spec.metrics`.
        stopped: The members that early stopping ended with this epoch.
    """

    epoch: int
    metrics: Mapping[MemberId, Mapping[str, float]]
    stopped: frozenset[MemberId]


class Training:
    """Members and how they are trained: all that `fit` needs to begin or to go on.

    Attributes:
        members: By their numbers.
        stacks: Train those that are alike together; None where each is trained by itself.
    """

    def __init__(self, members: Sequence[Member], *, stacked: bool = False) -> None:
        assert members, "a training has at least one member"
        self.members = tuple(members)
        self.stacks = stacks_of(self.members) if stacked else None

    @classmethod
    def create(
        cls,
        configurations: Sequence[Configuration],
        data: ResidentData,
        *,
        select: Selection,
        device: torch.device | None = None,
        parts: int = 1,
        stacked: bool = False,
    ) -> Self:
        """Build networks, optimizers and what belongs to them, before the first epoch.

        On a CPU the process keeps the memory that it frees from now on (`keep_freed_memory`).

        Args:
            configurations: One for each member.
            data: The images, on the device.
            select: Which epoch is the best one.
            device: Where; that of the first configuration unless given.
            parts: In how many a batch passes, one after the other, to save memory.
            stacked: Whether members of one `stacking_key` are trained as one stack.

        Raises:
            TrainingError: The device is missing, or selection, data and a configuration do not
                go together.
            SpecError: A configuration describes no network.
        """
        where = device or device_of(configurations[0].device)
        if where.type == "cpu":
            keep_freed_memory()
        members = [Member(each, data, select, where, parts) for each in configurations]
        return cls(members, stacked=stacked)

    def member(self, member: MemberId) -> Member:
        """One of the members."""
        return self.members[member]

    @property
    def running(self) -> Mapping[MemberId, Member]:
        """The members that have epochs left."""
        return MappingProxyType(
            {number: member for number, member in enumerate(self.members) if member.running}
        )

    @property
    def epoch(self) -> int:
        """Epochs trained so far, of the member that has come furthest."""
        return max(member.epoch for member in self.members)

    def stop(self, members: frozenset[MemberId]) -> None:
        """End some members before their last epoch."""
        for member in members:
            self.members[member].stopped = True

    def restore_best(self) -> None:
        """Put its best weights into each network."""
        for member in self.members:
            member.best.restore(member.network)

    def state_dict(self) -> dict[str, Any]:
        """A checkpoint between two epochs; see `Member.state_dict`."""
        return {"members": [member.state_dict() for member in self.members]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint: on the same CPU, later epochs are the same to the bit.

        Raises:
            TrainingError: The checkpoint is of other configurations.
        """
        if self.stacks is not None:
            self.stacks.release()
        saved = state["members"]
        if len(saved) != len(self.members):
            raise TrainingError(
                f"the checkpoint has {len(saved)} members, this training {len(self.members)}"
            )
        for member, own in zip(self.members, saved, strict=True):
            member.load_state_dict(own)
