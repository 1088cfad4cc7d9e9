"""The stacks of a training: who is trained with whom, in stacks as large as memory lets them be."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

import torch

from autoae.data.resident import ResidentData
from autoae.spec.stacking import stacking_key
from autoae.training.epoch import run_epoch, validate
from autoae.training.errors import Diverged, first_line, is_out_of_memory
from autoae.training.member import Member
from autoae.training.memory import how_many_fit
from autoae.training.stacks.epoch import Step, conclude, train_stacked
from autoae.training.stacks.replay import Record, Replay, record_for
from autoae.training.stacks.stack import Stack
from autoae.training.stacks.validation import validate_together

Numbers = tuple[int, ...]
Members = Mapping[int, Member]

_DEVICES = frozenset({"cpu", "cuda"})
"""Where stacks can be trained: Metal has no float64, which the rules of the optimizers use."""


def train_alone(running: Members, data: ResidentData) -> Iterator[int]:
    """Train members one after the other for one epoch; one that diverges is left with its failure.

    Yields:
        Those that early stopping ends here.
    """
    for number, member in running.items():
        with suppress(Diverged):
            if run_epoch(member, data):
                yield number


@dataclass(frozen=True)
class _Kept:
    """A stack and its step, replayed where that is possible."""

    stack: Stack
    replay: Replay | None

    @classmethod
    def of(cls, members: Sequence[Member], record: Record | None, notes: list[str]) -> Self:
        stack = Stack(members)
        return cls(stack, Replay(stack.step, stack.state, record, notes) if record else None)

    @property
    def step(self) -> Step:
        return self.replay or self.stack.step


class Stacks:
    """Trains members in stacks.

    Args:
        most: Members of a stack at most.
        record: Records steps; one member alone is a stack of one where they are replayed.

    Attributes:
        most: Members of a stack at most; it falls where memory is short.
        notes: What a person may want to know of the epochs so far.
    """

    def __init__(self, most: int, record: Record | None = None) -> None:
        self.most, self._record = most, record
        self._validates_together = True
        self.notes: list[str] = []
        self._kept: dict[Numbers, _Kept] = {}

    def train(self, running: Members, data: ResidentData) -> Iterator[int]:
        """Train members for one epoch; see `train_alone`."""
        groups = list(self._groups(running))
        # Members that are no longer trained, pruned ones too, leave their stack.
        self._leave(self._kept.keys() - set(groups))
        for group in groups:
            yield from self._together(group, running, data)

    def release(self) -> None:
        """Give all members memory of their own, to load a checkpoint into."""
        self._leave(set(self._kept))

    def _leave(self, groups: AbstractSet[Numbers]) -> None:
        for group in groups:
            self._kept.pop(group).stack.release()

    def _groups(self, running: Members) -> Iterator[Numbers]:
        alike: dict[str, list[int]] = defaultdict(list)
        for number, member in running.items():
            alike[_key(member) or f"alone {number}"].append(number)
        for numbers in alike.values():
            yield from _cut(numbers, self.most)

    def _together(self, group: Numbers, running: Members, data: ResidentData) -> Iterator[int]:
        members = [running[number] for number in group]
        if len(group) == 1 and not self._replays(members[0]):
            self._leave({group} & self._kept.keys())
            yield from train_alone({group[0]: members[0]}, data)
            return
        metrics = self._trained(group, members, data)
        if metrics is None:
            self._save_memory(len(group), members[0].device)
            for part in _cut(group, self.most):
                yield from self._together(part, running, data)
            return
        stack = self._kept[group].stack
        for place in conclude(members, metrics, partial(self._validated, stack, data)):
            yield group[place]
        if not all(member.running for member in members):
            # Next time it is another group; who has ended is measured as it would be alone.
            self._leave({group})

    def _validated(
        self, stack: Stack, data: ResidentData, members: Sequence[Member]
    ) -> list[dict[str, float]]:
        """The figures of all at once, or where that cannot be, of one after the other."""
        if len(members) > 1 and self._validates_together:
            whole = stack.whole if len(members) == len(stack.members) else None
            try:
                return validate_together(members, data, whole)
            except RuntimeError as error:
                self.notes.append(f"validated one after the other: {first_line(error)}")
            self._validates_together = False
            _release(members[0].device)
        return [validate(member, data) for member in members]

    def _replays(self, member: Member) -> bool:
        """Whether a member alone is worth a stack of its own."""
        return self._record is not None and _key(member) is not None

    def _trained(
        self, group: Numbers, members: Sequence[Member], data: ResidentData
    ) -> list[dict[str, float]] | None:
        """The metrics of each; None where memory was short."""
        try:
            if group not in self._kept:
                self._kept[group] = _Kept.of(members, self._record, self.notes)
            kept = self._kept[group]
            metrics = train_stacked(kept.stack, data, kept.step)
            if kept.replay is not None and kept.replay.failed:
                self._record = None
            return metrics
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        return None

    def _save_memory(self, size: int, device: torch.device) -> None:
        """Replay no step any more, or else train stacks of half that size.

        The error is gone by now, and with it what the failed step still held.
        """
        self.release()
        _release(device)
        if self._record is not None:
            self._record = None
            self.notes.append("no memory to replay steps as a CUDA graph")
            return
        self.most = size // 2
        self.notes.append(f"no memory for a stack of {size}: {self.most} at a time")


def stacks_of(members: Sequence[Member]) -> Stacks:
    """Those of a training, as large as memory is expected to let them be."""
    record, many = record_for(members[0].device), len(members)
    if record is not None and how_many_fit(members, replayed=True) == many:
        return Stacks(many, record)
    # One large stack is worth more than the graphs of small ones, each of which keeps its memory.
    stacks = Stacks(max(1, how_many_fit(members, replayed=False)))
    if record is not None:
        stacks.notes.append("no memory to replay steps as a CUDA graph, by estimate")
    if stacks.most < many:
        stacks.notes.append(f"memory for {stacks.most} of {many} at a time, by estimate")
    return stacks


def _key(member: Member) -> str | None:
    if member.device.type not in _DEVICES or member.parts > 1:
        return None
    key = stacking_key(member.configuration)
    return None if key is None else f"{member.precision} {key}"


def _release(device: torch.device) -> None:
    """Give memory back that a failed step has freed."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _cut(numbers: Sequence[int], size: int) -> Iterator[Numbers]:
    yield from (tuple(numbers[at : at + size]) for at in range(0, len(numbers), size))
