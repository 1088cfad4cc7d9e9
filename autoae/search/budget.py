"""How many trials are left, over all workers, coordinators and runs."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from autoae.store.attributes import REFUSED, RETRIED_FROM


class Census:
    """Counts the trials of one study, again and again.

    One that has ended stays as it is and is looked at once: of ten thousand each look took as long
    as the training of a small network. Wherever trials are given, they are all of the study, by
    number, as they stand now.
    """

    def __init__(self) -> None:
        self._seen = 0
        self._open = list[int]()
        self._ended = 0
        self._repeated = set[int]()

    def open(self, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
        """Those that have not ended."""
        unsettled = [*(trials[number] for number in self._open), *trials[self._seen :]]
        self._seen = len(trials)
        origins = (trial.user_attrs.get(RETRIED_FROM) for trial in unsettled)
        self._repeated |= {each for each in origins if each is not None}
        self._ended += sum(map(_counts, unsettled))
        still_open = [trial for trial in unsettled if not trial.state.is_finished()]
        self._open = [trial.number for trial in still_open]
        return still_open

    def waiting(self, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
        """Those that wait for a worker."""
        return [trial for trial in self.open(trials) if trial.state == TrialState.WAITING]

    def used(self, trials: Sequence[FrozenTrial]) -> int:
        """How many use up the budget: ended, neither refused nor repeated since."""
        self.open(trials)
        return self._used(trials)

    def left(self, budget: int, trials: Sequence[FrozenTrial]) -> int:
        """How many may still be started; those that run, wherever they run, are taken off."""
        running = sum(trial.state == TrialState.RUNNING for trial in self.open(trials))
        return budget - self._used(trials) - running

    def _used(self, trials: Sequence[FrozenTrial]) -> int:
        return self._ended - sum(_counts(trials[number]) for number in self._repeated)


def _counts(trial: FrozenTrial) -> bool:
    """Whether a trial has ended and used up budget, unless another repeats it."""
    return trial.state.is_finished() and trial.user_attrs.get(REFUSED) is not True
