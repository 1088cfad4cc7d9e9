"""Train one configuration in this process and leave a run folder behind."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from autoae.cli.chosen import Chosen
from autoae.data import load
from autoae.data.resident import ResidentData, resident
from autoae.models.costs import parameters
from autoae.search.figures import selecting
from autoae.search.results import Results
from autoae.spec.config import Configuration
from autoae.spec.errors import SpecError
from autoae.spec.metrics import SHARES
from autoae.spec.protocol import labelled
from autoae.store.runs import RunFolder, run_root
from autoae.store.storage import storage_url
from autoae.store.studies import check_name
from autoae.training import Selection, Training, device_of, fit
from autoae.training.weights import Description, save_weights
from autoae.views.numbers import figure

TOLD = (*(f"val_{name}" for name in SHARES), "val_mse", "train_accuracy", "train_loss")


@dataclass(frozen=True)
class HowTrained:
    """What is said of a training beside its configuration.

    Attributes:
        with_validation: Train on the validation images too and keep the last epoch.
        tensorboard: Write event files.
    """

    with_validation: bool = False
    tensorboard: bool = False


@dataclass(frozen=True)
class Trained:
    """A network that was trained.

    Attributes:
        notation: Its architecture.
        params: Trainable parameters.
        epoch: Whose weights were kept.
        epochs: That were trained.
        metrics: Of that epoch.
    """

    notation: str
    params: int
    epoch: int
    epochs: int
    metrics: Mapping[str, float]


def models_root(storage: str | None) -> Path:
    """The folder of all models that were trained on their own: `models` beside the runs."""
    return run_root(storage_url(storage)).parent / "models"


def model_folder(storage: str | None, given: str | None, suggested: str) -> Path:
    """Where a model's files go: `models/NAME` beside the runs of the storage.

    Args:
        storage: As the user gave it.
        given: The name that the user gave, or None.
        suggested: Used otherwise, with a number where it is taken.

    Raises:
        SpecError: The given name is taken or not allowed.
    """
    root = models_root(storage)
    if given is not None:
        check_name(given)
        if (root / given).exists():
            raise SpecError(f"{root / given} exists", hint="give another --name")
        return root / given
    names = [suggested, *(f"{suggested}-{number}" for number in range(2, 10_000))]
    return next(root / name for name in names if not (root / name).exists())


def train_model(
    chosen: Chosen, folder: Path, how: HowTrained, tell: Callable[[str], None]
) -> Trained:
    """Train a configuration and write its run folder.

    Args:
        chosen: What to train.
        folder: Where to; created.
        how: On which images, and whether with event files.
        tell: Is told a line after each epoch.

    Raises:
        UserError: Data, device or loss do not allow it.
        KeyboardInterrupt: Passed on, after what was reached has been saved.
    """
    configuration, select = chosen.configuration, _selection(chosen)
    if how.with_validation:
        configuration, select = with_all_images(configuration), Selection.by("train_loss")
    device = device_of(configuration.device)
    data = resident(load(configuration.data), configuration.data, device)
    training = Training.create([configuration], data, select=select, device=device)
    results = Results(RunFolder(folder), training, data, tensorboard=how.tensorboard)
    with closing(results):
        return _Run(training, data, results, RunFolder(folder), how).to_the_end(tell)


class _Run:
    """A training and its run folder.

    Args:
        training: Of one member.
        data: What it is trained on.
        results: Writes its files.
        folder: Where they go.
        how: With the validation images, the weights of the last epoch are kept.
    """

    def __init__(
        self,
        training: Training,
        data: ResidentData,
        results: Results,
        folder: RunFolder,
        how: HowTrained,
    ) -> None:
        self.results = results
        self._training = training
        self._data = data
        self._folder = folder
        self._last = how.with_validation

    def to_the_end(self, tell: Callable[[str], None]) -> Trained:
        """Train every epoch; what was reached is saved where the user breaks it off."""
        training = self._training
        self.results.begin()
        try:
            for metrics in _epochs(training, self._data):
                self.results.epoch()
                tell(_line(training, metrics))
        except KeyboardInterrupt:
            if training.epoch:
                self.save()
                folder = self._folder.path
                tell(f"interrupted after epoch {training.epoch}; what was reached is in {folder}")
            raise
        return self.save()

    def save(self) -> Trained:
        """Write the weights that are kept, and what there is to see of them."""
        if not self._last:
            self._training.restore_best()
        self.results.end()
        kept = self._kept()
        if self._last:
            self._describe(kept)
        return kept

    def _kept(self) -> Trained:
        member = self._training.member(0)
        return Trained(
            notation=labelled(
                member.network.plan.notation, member.configuration.model_dump(mode="json")
            ),
            params=parameters(member.network),
            epoch=member.epoch if self._last else member.best_epoch,
            epochs=member.epoch,
            metrics=member.metrics if self._last else member.best_metrics,
        )

    def _describe(self, kept: Trained) -> None:
        """Save the weights with the description of the last epoch, not of the best one."""
        member = self._training.member(0)
        described = Description.of(member.configuration, self._data, kept.metrics, kept.epoch)
        save_weights(member.network, self._folder.weights, described)


def with_all_images(configuration: Configuration) -> Configuration:
    """The same configuration with its validation images among those that it trains on."""
    options, training = configuration.data, configuration.training
    held = len(load(options).validation)
    limit = None if options.limit is None else options.limit + held
    data = options.model_copy(update={"validation": 0, "limit": limit})
    # Early stopping would watch the loss of the images that are learned.
    steady = training.model_copy(update={"early_stopping": 0})
    return configuration.model_copy(update={"data": data, "training": steady})


def _selection(chosen: Chosen) -> Selection:
    """As in a search, so that a trial that is trained again keeps the weights of the same epoch."""
    found = selecting(chosen.objectives, chosen.configuration)
    return Selection(found.metric, found.direction)


def _epochs(training: Training, data: ResidentData) -> Iterator[Mapping[str, float]]:
    """The metrics of each epoch; the network is left as the last one made it."""
    for report in fit(training, data):
        yield report.metrics[0]
        if not training.running:
            return  # Before `fit` puts the best weights back.


def _line(training: Training, metrics: Mapping[str, float]) -> str:
    epochs = training.member(0).configuration.training.epochs
    shown = [name for name in TOLD if name in metrics]
    figures = "  ".join(f"{name} {figure(metrics[name])}" for name in shown)
    return f"epoch {training.epoch:>{len(str(epochs))}}/{epochs}  {figures}"
