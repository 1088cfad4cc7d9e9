"""A search as people write it: torchvision, DataLoader, one process, Optuna with SQLite.

After Optuna's own example for PyTorch. torch has its default number of threads. Network, loss and
optimizer are made by autoae, and its study file says what is searched, so that only the way
differs. Started by `ways.py`.
"""

import sys
from copy import deepcopy
from math import inf
from time import perf_counter, process_time

import optuna
import torch
from cases import Item
from optuna.trial import FrozenTrial, Trial
from torch import Tensor
from torch.utils.data import DataLoader
from way_images import pair
from way_scores import score
from ways import Answer, Life, Order, answer, best_so_far, orders

from autoae.data import load
from autoae.models import Network, build
from autoae.search.asking import Chooser
from autoae.search.samplers import run_seed
from autoae.spec.config import Configuration, DataOptions
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.training.loss import Loss
from autoae.training.optimizers import make_optimizer

CPU = torch.device("cpu")
PRUNERS: dict[str, type[optuna.pruners.BasePruner]] = {
    "median": optuna.pruners.MedianPruner,
    "none": optuna.pruners.NopPruner,
}
Batches = DataLoader[Item]


class Script:
    """One search.

    Args:
        order: What to run.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.spec: StudySpec = study_from_text(order.study, name="searched", source="benchmark")
        self.larger = self.spec.objectives[0].direction == "maximize"
        self.data = load(DataOptions.model_validate(self.spec.tree["data"]))
        self.train, self.validation = pair(self.data, self.data.facts.name.split()[0])
        self.epochs: dict[int, list[float]] = {}
        self.begun: dict[int, float] = {}
        self.lives: list[Life] = []
        self.best: dict[int, tuple[Network, Configuration]] = {}
        self.start, self.cpu = inf, 0.0
        self._last: tuple[Network, Configuration] | None = None

    def run(self) -> Answer:
        """Ask, train, tell, until trials or time are used up."""
        settings = self.spec.settings.search
        study = optuna.create_study(
            storage=self.order.url,
            sampler=optuna.samplers.TPESampler(seed=run_seed(settings.seed, 0)),
            pruner=PRUNERS[settings.pruner](),
            direction=self.spec.objectives[0].direction,
        )
        self.start, self.cpu = perf_counter(), process_time()
        study.optimize(self.objective, n_trials=self.order.trials, callbacks=[self.ended])
        used, metric = process_time() - self.cpu, self.spec.objectives[0].metric
        scores = {
            number: score(*model, metric)
            for number, model in self.best.items()
            if self.order.scored
        }
        return Answer(tuple(self.lives), used, scores)

    def objective(self, trial: Trial) -> float:
        """Train one network and validate it after every epoch."""
        self.begun[trial.number] = self._now()
        configuration = self.spec.configuration(Chooser(trial))
        network = build(
            configuration.model,
            self.data.facts.shape,
            len(self.data.facts.classes),
            seed=configuration.training.seed,
        )
        self._last, size = (network, configuration), configuration.training.batch_size
        batches = DataLoader(self.train, size, shuffle=True), DataLoader(self.validation, size)
        loss = Loss.of(configuration)
        optimizer = make_optimizer(list(network.parameters()), configuration.training, CPU)
        for epoch in range(configuration.training.epochs):
            train(network, batches[0], loss, optimizer)
            value = self.validated(network, batches[1])
            trial.report(value, epoch)
            self.epochs.setdefault(trial.number, []).append(self._now())
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    def validated(self, network: Network, batches: Batches) -> float:
        """Accuracy, or the mean squared error of a pixel."""
        accuracy = self.spec.objectives[0].metric == "val_accuracy"
        network.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for images, labels in batches:
                output = network(images)
                if accuracy:
                    total += (output.logits.argmax(1) == labels).sum().item()
                else:
                    total += squared_error(output.reconstruction, images)
                count += len(images)
        return total / count

    def ended(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Note a trial's end; keep its model if it is the best one so far."""
        value = trial.value if trial.state == optuna.trial.TrialState.COMPLETE else None
        epochs = tuple(self.epochs[trial.number])
        begun, ended = self.begun[trial.number], self._now()
        life = Life(trial.number, begun, epochs, ended, value, training=epochs[-1] - begun)
        self.lives.append(life)
        assert self._last is not None
        if self.order.scored and best_so_far(self.lives, larger=self.larger)[-1:] == [life]:
            self.best[trial.number] = deepcopy(self._last)
        if life.ended >= self.order.seconds:
            study.stop()

    def _now(self) -> float:
        return perf_counter() - self.start


def train(network: Network, batches: Batches, loss: Loss, optimizer: torch.optim.Optimizer) -> None:
    """One epoch of the loop that every tutorial has."""
    weights = list(network.parameters())
    network.train()
    for images, labels in batches:
        terms = loss.terms(network(images), images, labels, weights)
        optimizer.zero_grad()
        terms.total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def squared_error(reconstruction: Tensor, images: Tensor) -> float:
    """The sum over images of their mean squared error."""
    return float(((reconstruction - images) ** 2).flatten(1).mean(1).sum().item())


def main() -> None:
    """Run what is told on the standard input."""
    answers, sys.stdout = sys.stdout, sys.stderr
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for order in orders(sys.stdin):
        answer(Script(order).run(), answers)


if __name__ == "__main__":
    main()
