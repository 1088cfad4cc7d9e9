"""A trial of a bundle, trained again as far as possible as it was."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import torch

from autoae.analysis.repetition import Repetition, Side, repetition
from autoae.cli.chosen import Chosen
from autoae.cli.output import note
from autoae.cli.training import HowTrained, train_model
from autoae.spec.config import Configuration
from autoae.spec.settings import Objective
from autoae.spec.validation import build_configuration
from autoae.store.bundle import BundledTrial
from autoae.store.runs import RunFolder
from autoae.training import device_of
from autoae.training.errors import TrainingError


def train_again(
    study: str, trial: BundledTrial, objectives: Sequence[Objective], device: str | None
) -> Repetition:
    """Train a trial again in a folder that is thrown away, and compare.

    Device, precision and number of threads are those of the trial, where this machine has them.

    Args:
        study: The name of the study.
        trial: Complete.
        objectives: Of the study.
        device: Where, as the user gave it, or None.

    Raises:
        SpecError: The configuration is none that this autoae can read.
        UserError: The images are missing here, or the device.
    """
    configuration = _as_it_was(trial, device)
    if isinstance(threads := trial.environment.get("threads"), int):
        torch.set_num_threads(threads)
    outcome = trial.outcome
    note(
        f"training trial {outcome.number} of {study} again, {configuration.training.epochs} epochs"
    )
    chosen = Chosen(f"{study}-{outcome.number}", configuration, tuple(objectives))
    with tempfile.TemporaryDirectory(prefix="autoae-verify-") as temporary:
        folder = Path(temporary) / "model"
        trained = train_model(chosen, folder, HowTrained(), tell=note)
        environment, epochs = RunFolder(folder).read_environment(), RunFolder(folder).read_metrics()
    before = Side(trial.environment, trial.epochs, {**outcome.metrics, **outcome.costs})
    here = Side(environment, epochs, {**trained.metrics, "params": trained.params})
    return repetition(before, here, objectives)


def _as_it_was(trial: BundledTrial, device: str | None) -> Configuration:
    """The configuration, with what the machine had chosen because the study file left it open."""
    configuration = build_configuration(dict(trial.configuration))
    changes = dict(_chosen_then(trial.environment))
    if device is not None:
        changes["device"] = device
    tree = configuration.model_dump(mode="json")
    return build_configuration({**tree, "training": {**tree["training"], **changes}})


def _chosen_then(environment: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    precision, device = environment.get("precision"), environment.get("device")
    if isinstance(precision, str):
        yield "precision", precision
    if isinstance(device, str):
        # Where this machine has none of that name, it takes what the configuration says.
        with suppress(TrainingError):
            device_of(device)
            yield "device", device
