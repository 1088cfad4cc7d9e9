"""One network in training and everything that its later epochs depend on."""

from typing import Any

import torch

from autoae.data.resident import ResidentData
from autoae.models import Network, build
from autoae.models.encoders.backbones import load_pretrained
from autoae.spec.config import Configuration
from autoae.spec.engines import check_engine
from autoae.spec.jigsaw import check_grid
from autoae.training.best import Best
from autoae.training.checks import check_batches, check_same
from autoae.training.compact import compact
from autoae.training.engines import Engine, TorchEngine
from autoae.training.errors import Diverged
from autoae.training.layer_gradients import LayerGradients
from autoae.training.look import Look
from autoae.training.loss import Loss
from autoae.training.numpy_engine.engine import NumpyEngine
from autoae.training.optimizers import make_optimizer
from autoae.training.precision import Precision, precision_for, prepare
from autoae.training.randomness import RandomState
from autoae.training.schedules import Horizon, make_schedule
from autoae.training.selection import Selection
from autoae.training.split_engine import SplitEngine
from autoae.training.stages import Stage, stages_of


class Member:
    """One member of a training.

    Attributes:
        configuration: What is trained.
        network: On its device; the best weights are in it once `fit` has ended.
        engine: Finds the gradients, which `optimizer` then follows.
        epoch: Epochs trained so far.
        metrics: Of the last epoch.
        seconds: Time that its epochs took so far, evaluation included.
        layer_gradients: Of the epoch in training, or the last one; None unless asked for.
        look: What the validation images of the epoch in training showed; `best` takes it over.
        precision: `float32` or `bfloat16`, as chosen for it.
        best: The best epoch of its stage; in the end, of the last one.
        stopped: Whether it ended before its last epoch: early, told to, or diverged.
        failure: How it diverged, if it did.
        parts: In how many each batch passes.
    """

    def __init__(
        self,
        configuration: Configuration,
        data: ResidentData,
        selection: Selection,
        device: torch.device,
        parts: int = 1,
    ) -> None:
        """Build a network and what trains it; each batch passes in so many parts.

        Raises:
            TrainingError: The selection or the batches do not go with configuration and data.
            SpecError: The configuration describes no network, or one that its engine cannot train.
        """
        check_engine(configuration)
        selection.check(configuration, validation=data.validation_size > 0)
        check_batches(configuration, data.train_size)
        options = configuration.training
        self.configuration, self.device, self.parts = configuration, device, parts
        self.stages = stages_of(configuration, data)
        first = Selection.of_first_stage(validation=data.validation_size > 0)
        self._selections = (*[first] * (len(self.stages) - 1), selection)
        self._steps = data.steps(options.batch_size)
        self.network = _network(configuration, data, device)
        self.precision: Precision = precision_for(self.network, options, device)
        prepare(self.network, self.precision)
        self._enter(0)
        self.random = RandomState(options.seed, device, order=configuration.data.order_seed)
        self.metrics: dict[str, float] = {}
        self.layer_gradients: LayerGradients | None = None
        self.look: Look | None = None
        self.epoch, self.seconds, self.stopped = 0, 0.0, False
        self.failure: Diverged | None = None

    def _enter(self, stage: int) -> None:
        """Make anew all that belongs to a stage, by its place."""
        options, selection = self.configuration.training, self._selections[stage]
        self._place = stage
        self.weights = self.stage.weights(self.network)
        self.engine = self._engine()
        self.optimizer = make_optimizer(self.weights, options, self.device)
        horizon = Horizon(self._steps, self.stage.epochs, selection.direction)
        self.schedule = make_schedule(self.optimizer, options, horizon)
        self.best = Best(selection)

    @property
    def stage(self) -> Stage:
        """What is trained at this time."""
        return self.stages[self._place]

    @property
    def loss(self) -> Loss:
        """What is minimised at this time."""
        return self.stage.loss

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights are the best, from 1; 0 before the first."""
        return self.best.epoch

    @property
    def best_metrics(self) -> dict[str, float]:
        """All metrics of the best epoch."""
        return self.best.metrics

    @property
    def running(self) -> bool:
        """Whether there are epochs left for it."""
        return not self.stopped and self.epoch < self.configuration.training.epochs

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def begin_epoch(self) -> None:
        """Go over to the next stage, from the best epoch of this one, when it has had its own."""
        if self._place + 1 < len(self.stages) and self.epoch >= self.stage.epochs:
            self.best.restore(self.network)
            self._enter(self._place + 1)
        if self.configuration.training.gradients:
            self.layer_gradients = LayerGradients(self.network)

    def finish_epoch(self, metrics: dict[str, float], seconds: float) -> bool:
        """Take note of an epoch that was trained and evaluated.

        Returns:
            Whether early stopping ends the member here.
        """
        self.epoch += 1
        self.metrics = metrics
        self.seconds += seconds
        self.best.offer(self.epoch, metrics, self.network, self.look)
        self.look = None
        self.schedule.after_epoch(metrics[self.best.selection.metric])
        early = self._waited_enough()
        self.stopped = self.stopped or early
        return early

    def _waited_enough(self) -> bool:
        """Whether early stopping ends it; a first stage has all its epochs."""
        patience = self.configuration.training.early_stopping
        last = self._place + 1 == len(self.stages)
        return last and bool(patience) and self.epoch - self.best.epoch >= patience

    def state_dict(self) -> dict[str, Any]:
        """Everything that later epochs depend on.

        Tensors, numbers, text, lists and dictionaries only: `torch.load` reads a saved one with
        `weights_only=True`. As in torch's own, the tensors are the live ones, but for those that
        are parts of a stack.
        """
        return {
            "configuration": self.configuration.model_dump(mode="json"),
            "precision": self.precision,
            "stage": self._place,
            "network": compact(self.network.state_dict()),
            "optimizer": compact(self.optimizer.state_dict()),
            "schedule": self.schedule.state_dict(),
            "random": self.random.state_dict(),
            "best": self.best.state_dict(),
            "metrics": dict(self.metrics),
            "epoch": self.epoch,
            "seconds": self.seconds,
            "stopped": self.stopped,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there, in the precision that was chosen then.

        Raises:
            TrainingError: The state is of another configuration.
        """
        check_same(self.configuration, state["configuration"], self.schedule)
        if self.precision != state["precision"]:
            self.precision = state["precision"]
            prepare(self.network, self.precision)
        self._enter(state["stage"])
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.random.load_state_dict(state["random"])
        self.best.load_state_dict(state["best"], self.device)
        self.metrics = dict(state["metrics"])
        self.epoch, self.seconds = state["epoch"], state["seconds"]
        self.stopped = state["stopped"]

    def _engine(self) -> Engine:
        engine = self._whole_engine()
        return engine if self.parts == 1 else SplitEngine(engine, self.weights, self.parts)

    def _whole_engine(self) -> Engine:
        if self.configuration.training.engine == "numpy":
            return NumpyEngine(self.network, self.loss)
        return TorchEngine(self.network, self.loss, self.weights, self.precision)


def _network(configuration: Configuration, data: ResidentData, device: torch.device) -> Network:
    check_grid(configuration.loss, data.facts.shape)
    classes, seed = len(data.facts.classes), configuration.training.seed
    network = build(configuration.model, data.facts.shape, classes, seed=seed)
    load_pretrained(network.encoder, configuration.model.encoder)
    return network.to(device)
