"""One epoch of several members at once: train as a stack, then look at each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from torch import Tensor

from autoae.data.resident import Batch, ResidentData
from autoae.training.devices import denormals_flushed
from autoae.training.epoch import NAMES, STEPS_BETWEEN_CHECKS, diverges, means_of
from autoae.training.member import Member
from autoae.training.stacks.replay import Figures
from autoae.training.stacks.stack import Stack
from autoae.training.sums import Sums
from autoae.training.target import target_of

Step = Callable[[Tensor, Tensor, Tensor], Figures]
"""That of a stack, see `Stack.step`."""
Validate = Callable[[Sequence[Member]], list[dict[str, float]]]

_FIGURES = {**NAMES, "right": "train_accuracy", "gradient_norm": "gradient_norm"}
_SUMMED = frozenset({"right", "gradient_norm"})
"""Figures that are sums over the images, or one a step; the others are means over the images."""


def train_stacked(stack: Stack, data: ResidentData, step: Step) -> list[dict[str, float]]:
    """Pass over the training images once, with all members; where that fails, nothing has happened.

    Args:
        stack: Of the members.
        data: The images.
        step: That of the stack, or one that does the same.

    Returns:
        The metrics of each that `train_epoch` gives, and `seconds`: its share of the time.
    """
    start, members = perf_counter(), stack.members
    for member in members:
        member.begin_epoch()
    with denormals_flushed(members[0].device), _undone_by_failure(stack):
        stack.begin_epoch()
        metrics = _train(stack, data, step)
        stack.optimizer.tell_counts()
    share = (perf_counter() - start) / len(members)
    return [{**own, "seconds": share} for own in metrics]


def conclude(
    members: Sequence[Member], metrics: Sequence[dict[str, float]], validate: Validate
) -> Iterator[int]:
    """Evaluate members and take note of the epoch, as `run_epoch` does.

    Members that diverged are stopped, with the failure, and are not looked at any more.

    Args:
        members: That were trained as a stack.
        metrics: From `train_stacked`.
        validate: Gives the metrics that begin with `val_` of some members.

    Yields:
        The places of those that early stopping ends here.
    """
    start = perf_counter()
    sound = [at for at, own in enumerate(metrics) if not diverges(members[at], own)]
    if not sound:
        return
    with denormals_flushed(members[0].device):
        found = validate([members[at] for at in sound])
    share = (perf_counter() - start) / len(sound)
    for at, figures in zip(sound, found, strict=True):
        member, own = members[at], metrics[at] | figures
        seconds = own.pop("seconds") + share
        if not diverges(member, own) and member.finish_epoch(own, seconds):
            yield at


def _train(stack: Stack, data: ResidentData, step: Step) -> list[dict[str, float]]:
    """As `train_epoch` does."""
    start, sums, images, steps = perf_counter(), Sums(), 0, 0
    members = stack.members
    size = members[0].configuration.training.batch_size
    for batch in data.stacked_batches(size, [member.random.batches for member in members]):
        count = batch.labels.shape[1]
        _add(sums, step(*batch, _target(members[0], batch, data)), count)
        _move_rates(stack)
        images, steps = images + count, steps + 1
        if steps % STEPS_BETWEEN_CHECKS == 0 and not sums.finite("train_loss"):
            break
    # The clock is read when the device has done what it was given.
    found, seconds = sums.read_each(), perf_counter() - start
    return [means_of(totals, images, steps, seconds) for totals in found]


def _target(member: Member, batch: Batch, data: ResidentData) -> Tensor:
    compares = member.loss.compares
    return target_of(batch.images, member.configuration, data) if compares else batch.images


def _add(sums: Sums, figures: Figures, count: int) -> None:
    for name, values in figures.items():
        sums.add(_FIGURES[name], values, 1 if name in _SUMMED else count)


def _move_rates(stack: Stack) -> None:
    """Let schedules that move after every step do so."""
    moving = [member for member in stack.members if member.schedule.moves == "step"]
    for member in moving:
        member.schedule.after_step()
    if moving:
        stack.optimizer.load_rates(stack.members)


@contextmanager
def _undone_by_failure(stack: Stack) -> Iterator[None]:
    """Within, a failure leaves the members as they were, so that they can be trained otherwise."""
    members, before = stack.members, stack.copied()
    streams = [member.random.state_dict() for member in members]
    schedules = [dict(member.schedule.state_dict()) for member in members]
    rates = [dict(member.optimizer.param_groups[0]) for member in members]
    try:
        yield
    except BaseException:
        for place, member in enumerate(members):
            member.random.load_state_dict(streams[place])
            member.schedule.load_state_dict(schedules[place])
            member.optimizer.param_groups[0].update(rates[place])
        stack.put(before)
        raise
