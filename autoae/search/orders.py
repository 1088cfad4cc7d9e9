"""What a worker is told of a trial."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autoae.search.asking import Proposal
from autoae.search.figures import selecting
from autoae.search.judge import Judge
from autoae.search.keeper import Keeper
from autoae.search.messages import Train
from autoae.search.progress import Running
from autoae.search.retrying import parts_of
from autoae.spec.config import Configuration
from autoae.spec.study import StudySpec
from autoae.store.runs import trial_folder


@dataclass(frozen=True)
class Orders:
    """Makes the orders of one run.

    Attributes:
        spec: The study file.
        judge: Says when a worker shall wait for an answer.
        root: The directory of all run folders.
        device: Where to train, or None: where the study file says.
        tensorboard: Whether workers write event files.
        keeper: Has the files of trials that other machines trained.
    """

    spec: StudySpec
    judge: Judge
    root: Path
    device: str | None
    tensorboard: bool
    keeper: Keeper

    def adapted(self, proposal: Proposal) -> Configuration:
        """The configuration of a proposal, on the device of this run."""
        configuration = proposal.configuration
        assert configuration is not None
        if self.device is None:
            return configuration
        training = configuration.training.model_copy(update={"device": self.device})
        return configuration.model_copy(update={"training": training})

    def train(self, running: Running, repeated: Iterable[int] = ()) -> Train:
        """The order to train a trial.

        Args:
            running: The trial.
            repeated: The trials that it repeats, the last one first.
        """
        earlier = tuple(repeated)
        self.keeper.fetch(earlier)
        return Train(
            number=running.number,
            configuration=running.configuration,
            folder=trial_folder(self.root, self.spec.name, running.number),
            select=selecting(self.spec.objectives, running.configuration),
            rungs=self._rungs(running),
            limits=self.spec.settings.limits.given(),
            costs=self._costs(),
            tensorboard=self.tensorboard,
            parts=parts_of(running.trial.user_attrs),
            earlier=tuple(trial_folder(self.root, self.spec.name, each) for each in earlier),
        )

    def _rungs(self, running: Running) -> frozenset[int]:
        """Those of the last stage: what the first one trains is not the objective."""
        if running.unpruned:
            return frozenset()
        first = running.configuration.first_epochs
        return frozenset(rung for rung in self.judge.rungs(running.epochs) if rung > first)

    def _costs(self) -> frozenset[str]:
        objectives = (objective.metric for objective in self.spec.objectives)
        return frozenset((*self.spec.settings.costs, *objectives))
