"""The training loop: a generator that holds nothing of its own."""

from collections.abc import Generator, Iterator, Mapping

from autoae.data.resident import ResidentData
from autoae.training.errors import Diverged
from autoae.training.member import Member
from autoae.training.stacks.stacks import train_alone
from autoae.training.training import EpochReport, MemberId, Training


def fit(
    training: Training, data: ResidentData
) -> Generator[EpochReport, frozenset[MemberId], None]:
    """Train epoch by epoch until every member has had its epochs or was stopped.

    `next()` goes on; `send()` first stops the members that it is given. When the generator is
    exhausted, every network has its best weights. Between epochs all there is to know lies in
    `training`: take checkpoints there, and go on later with a new `fit` of the loaded training.
    A generator that is closed or dropped leaves the weights of the last epoch.

    Raises:
        Diverged: The loss of a member is not finite. It is stopped, as `failure` of the member
            says; the others have finished their epoch, and a new `fit` goes on with them.
    """
    while training.running:
        told = yield _epoch(training, data)
        # next() sends None.
        training.stop(told or frozenset())
    training.restore_best()


def _epoch(training: Training, data: ResidentData) -> EpochReport:
    """One epoch of every running member."""
    running = training.running
    train = training.stacks.train if training.stacks else train_alone
    stopped = frozenset(train(running, data))
    failures = list(_failures(running))
    if failures:
        first = failures[0]
        # Not itself: what is raised holds on to all that it passes, and the member holds on to it.
        raise Diverged(first.epoch, first.learning_rate, first.member)
    metrics = {number: member.metrics for number, member in running.items()}
    return EpochReport(training.epoch, metrics, stopped)


def _failures(members: Mapping[MemberId, Member]) -> Iterator[Diverged]:
    """Of the members that diverged in this epoch."""
    for number, member in members.items():
        if member.failure is not None:
            member.failure.member = number
            yield member.failure
