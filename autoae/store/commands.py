"""What a person may do to a study from anywhere: by its storage alone.

Whatever is asked of the coordinators waits in the storage until they read it, within a few
seconds, see `requests`; what is queued waits for the turn of its trial.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoae.spec.allowed import applicable, checked_params
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError, UserError
from autoae.store.attributes import PAUSED, PRUNE, REASON, REFUSED, RETRIED_FROM, STOP, UNPRUNED
from autoae.store.notes import Notes
from autoae.store.queueing import parameters_of, queue
from autoae.store.requests import requests_of
from autoae.store.studies import study_spec

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial


class CommandError(UserError):
    """A trial is not in the state for what was asked of it."""


class StudyCommands:
    """Acts on one study. Nothing is loaded but what a command needs, however large the study.

    Args:
        storage: As `open_storage` gives it.
        study: In that storage.
    """

    def __init__(self, storage: "BaseStorage", study: "Study") -> None:
        self._storage = storage
        self._study = study
        self._id = storage.get_study_id_from_name(study.study_name)

    def pause(self) -> bool:
        """Start no further trial, on any machine; those that run go on to their end.

        A coordinator waits until the study is resumed or stopped; a new one does not begin.

        Returns:
            Whether the study was not paused before.
        """
        if requests_of(self._study).paused:
            return False
        self._study.set_user_attr(PAUSED, time.time())
        return True

    def resume(self) -> bool:
        """Let trials be started again.

        Returns:
            Whether the study was paused.
        """
        if not requests_of(self._study).paused:
            return False
        self._study.set_user_attr(PAUSED, None)
        return True

    def stop(self) -> None:
        """Ask every coordinator of the study to stop as after one Ctrl-C: nothing is lost.

        It binds the coordinators that run now; a later run is not kept from starting.
        """
        self._study.set_user_attr(STOP, time.time())

    def prune(self, number: int) -> None:
        """End a running trial as pruned, wherever it runs.

        Its epoch is not waited for longer than a few seconds. One whose coordinator has died is
        pruned by the next run.

        Raises:
            SpecError: There is no such trial.
            CommandError: It does not run.
        """
        trial = self.trial(number)
        if trial.state.name != "RUNNING":
            raise CommandError(
                f"trial {number} is {_word(trial)}, and only a running trial can be pruned",
                hint=f"`autoae trial list {self._study.study_name} --state running` shows those",
            )
        self._study.set_user_attr(f"{PRUNE}{number}", time.time())

    def retry(self, number: int) -> int:
        """Queue a failed or pruned trial again, with the same parameters and so the same seed.

        The old trial no longer uses up the budget. One that its pruner had ended is trained to
        the end this time, for the pruner would end it again.

        Returns:
            The number of the new trial.

        Raises:
            SpecError: There is no such trial.
            CommandError: It did not fail, would be refused again, or is repeated already.
        """
        trial = self.trial(number)
        self._check_repeatable(trial)
        unpruned = {UNPRUNED: True} if trial.state.name == "PRUNED" else {}
        return queue(
            self._storage, self._id, parameters_of(trial), {RETRIED_FROM: number, **unpruned}
        )

    def enqueue(self, params: Mapping[str, Value]) -> int:
        """Queue a trial; what is not given is drawn by the sampler when its turn comes.

        Args:
            params: Values as a study file writes them, by the name of their parameter.

        Returns:
            The number of the new trial.

        Raises:
            SpecError: A name is unknown, or a value is not allowed.
        """
        return queue(self._storage, self._id, checked_params(study_spec(self._study), params), {})

    def vary(self, number: int, changes: Mapping[str, Value]) -> int:
        """Queue a variation of a trial: its parameters, some of them changed.

        A parameter that the changes bring in, such as the width of a further layer, is drawn by
        the sampler unless it is given.

        Args:
            number: Of the trial, in any state.
            changes: Values as a study file writes them, by the name of their parameter.

        Returns:
            The number of the new trial.

        Raises:
            SpecError: There is no such trial, a name is unknown, or a value is not allowed.
        """
        spec = study_spec(self._study)
        changed = checked_params(spec, changes)
        params = applicable(spec, {**parameters_of(self.trial(number)), **changed})
        for key in changed:
            if key not in params:
                raise SpecError("it does not apply to this variation of the trial", key=key)
        return queue(self._storage, self._id, params, {})

    def note(self, text: str, number: int | None = None) -> None:
        """Add a paragraph to the note on a trial, or on the study where no number is given.

        Raises:
            SpecError: There is no such trial, or nothing in the text.
        """
        if not text.strip():
            raise SpecError("the note is empty")
        if number is not None:
            self.trial(number)
        self.notes.add(text, number)

    @property
    def notes(self) -> Notes:
        """The notes on the study and its trials, as optuna-dashboard shows them."""
        return Notes(self._storage, self._study.study_name)

    def trial(self, number: int) -> "FrozenTrial":
        """One trial, read anew.

        Raises:
            SpecError: There is none of that number.
        """
        try:
            identity = self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
        except KeyError:
            raise self._no_trial(number) from None
        return self._storage.get_trial(identity)

    def _no_trial(self, number: int) -> SpecError:
        name, count = self._study.study_name, self._storage.get_n_trials(self._id)
        has = f"trials 0 to {count - 1}" if count else "no trial yet"
        return SpecError(
            f"study {name!r} has no trial {number}; it has {has}",
            hint=f"`autoae trial list {name}` shows them",
        )

    def _check_repeatable(self, trial: "FrozenTrial") -> None:
        number, name = trial.number, self._study.study_name
        if trial.state.name not in ("FAIL", "PRUNED"):
            raise CommandError(
                f"trial {number} is {_word(trial)}, and only a failed or pruned one can be retried",
                hint=f"train its network anew: autoae model train --from {name}:{number}",
            )
        if trial.user_attrs.get(REFUSED) is True:
            raise CommandError(
                f"trial {number} would be refused again: {trial.user_attrs.get(REASON, '')}",
                hint=f"change it: autoae trial enqueue {name} --like {number} KEY=VALUE",
            )
        trials = self._study.get_trials(deepcopy=False)
        again = (each for each in trials if each.user_attrs.get(RETRIED_FROM) == number)
        for each in again:
            raise CommandError(f"trial {each.number} repeats trial {number}: it is {_word(each)}")


def _word(trial: "FrozenTrial") -> str:
    word = trial.state.name.lower()
    return "failed" if word == "fail" else word
