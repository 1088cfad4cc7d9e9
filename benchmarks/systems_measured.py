"""What the quick profile of a preset gave, and what has to be beaten."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from math import inf
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter
from systems_listing import ROOT

from autoae.analysis.groups import groups
from autoae.data import load
from autoae.search.observer import Observer
from autoae.search.run import RunOptions, run_study
from autoae.spec.config import Configuration
from autoae.spec.metrics import METRICS
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec
from autoae.store.runs import run_root, trial_folder
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study
from autoae.training.baselines import Baselines

MEASURED = ROOT / "docs" / "systems.json"


class Measured(BaseModel):
    """What came out of one preset.

    Attributes:
        day: When its last trial ended, UTC.
        cores: Of the machine.
        digest: Of the study that was run: another one has to be measured anew.
        images: That were trained on.
        epochs: Of each trial.
        seconds: From the first trial's start to the last one's end.
        best: The best figure of any trial, for every figure that has a baseline.
        baseline: The same figures without a network: majority class, mean image; none where trials
            are too short to beat them.
        trials: The figures of every complete trial, by its variant, or by its number.
        stuck: The variants whose training loss did not fall; None where that was not asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: str
    cores: int
    digest: str
    images: int
    epochs: int
    seconds: float
    best: dict[str, float]
    baseline: dict[str, float]
    trials: dict[str, dict[str, float]]
    stuck: tuple[str, ...] | None = None

    @property
    def unbeaten(self) -> tuple[str, ...]:
        """The figures of which no trial is better than the baseline."""
        return tuple(
            name
            for name, value in self.baseline.items()
            if name not in self.best or not _better(name, self.best[name], value)
        )


def quick(preset: str, *overrides: str) -> StudySpec:
    """The quick profile of a preset."""
    return read_study(preset, profile="quick", overrides=overrides)


def digest(spec: StudySpec) -> str:
    """A few letters that another study would not have."""
    return hashlib.sha256(spec.to_text().encode()).hexdigest()[:12]


def measure(
    spec: StudySpec, url: str, workers: int, observer: Observer, *, learns: bool = False
) -> Measured:
    """Run a study, or go on with it, and look at what came out.

    Args:
        spec: The study.
        url: Of the storage.
        workers: How many processes train.
        observer: Is told what happens.
        learns: Ask whether every training loss falls, in place of baselines.

    Raises:
        UserError: The data are missing, or the storage has another study of that name.
        RuntimeError: A trial failed, or the run was interrupted.
    """
    storage = open_storage(url)
    create_study(storage, spec, reuse=True)
    close_storage(storage)
    run_study(spec.name, url, RunOptions(workers=workers), observer)
    storage = open_storage(url)
    study = read_snapshot(load_study(storage, spec.name))
    close_storage(storage)
    if failed := study.of_state("FAIL"):
        raise RuntimeError(f"{spec.name}: trial {failed[0].number} failed: {failed[0].reason}")
    if len(study.counted) < spec.budget:
        raise RuntimeError(f"{spec.name} is not finished; the same command goes on with it")
    found = _measured(spec, study)
    if not learns:
        return found
    stuck = tuple(_stuck(study, run_root(url)))
    return found.model_copy(update={"best": {}, "baseline": {}, "stuck": stuck})


def _stuck(study: StudySnapshot, runs: Path) -> Iterator[str]:
    """The trials in which the training loss does not fall."""
    for trial in study.of_state("COMPLETE"):
        lines = trial_folder(runs, study.name, trial.number).read_metrics()
        first = Configuration.model_validate(trial.configuration).first_epochs
        if not falls([line["train_loss"] for line in lines], first):
            yield trial.variant or f"trial {trial.number}"


def falls(losses: Sequence[float | None], first: int) -> bool:
    """Whether the losses of each stage end lower than they begin.

    Args:
        losses: By epoch; None where one was not finite.
        first: The epochs of the first of two stages; 0 where there is one.
    """
    finite = [inf if loss is None else loss for loss in losses]
    stages = filter(None, (finite[:first], finite[first:]))
    return all(stage[-1] < stage[0] for stage in stages)


def _measured(spec: StudySpec, study: StudySnapshot) -> Measured:
    trials = study.of_state("COMPLETE")
    configuration = Configuration.model_validate(trials[0].configuration)
    images, baseline = _baseline(configuration)
    ends = [trial.finished for trial in study.trials if trial.finished]
    starts = [trial.started for trial in study.trials if trial.started]
    return Measured(
        day=max(ends).astimezone(UTC).date().isoformat(),
        cores=os.cpu_count() or 1,
        digest=digest(spec),
        images=images,
        epochs=max(trial.epochs for trial in trials),
        seconds=round((max(ends) - min(starts)).total_seconds(), 1),
        best={name: _best(name, trials) for name in baseline},
        baseline=baseline,
        trials=dict(_figures(spec, study)),
    )


def _baseline(configuration: Configuration) -> tuple[int, dict[str, float]]:
    """The images trained on, and what is had without a network, on the validation images."""
    data = load(configuration.data)
    # The baselines know the test images only; here, the validation images take their place.
    known = Baselines(replace(data, test=data.validation))
    found = known.majority(configuration) if configuration.has_head else {}
    if configuration.has_decoder:
        found["mse"] = known.mean_image()["mse"]
    return len(data.train), {f"val_{name}": round(value, 6) for name, value in found.items()}


def _best(name: str, trials: Iterable[TrialSnapshot]) -> float:
    values = [trial.metrics[name] for trial in trials if name in trial.metrics]
    return round(min(values) if METRICS[name].direction == "minimize" else max(values), 6)


def _better(name: str, value: float, than: float) -> bool:
    return value < than if METRICS[name].direction == "minimize" else value > than


def _figures(spec: StudySpec, study: StudySnapshot) -> Iterable[tuple[str, dict[str, float]]]:
    """The figures that the preset asks for, and those that its claims name."""
    # A claim of an ablation speaks of what was changed, not of a trial.
    variants = {trial.number: group.name for group in groups(study) for trial in group.trials}
    objectives = [objective.metric for objective in spec.objectives]
    names = dict.fromkeys([*objectives, *(claim.metric for claim in spec.settings.claims)])
    for trial in study.of_state("COMPLETE"):
        known: Mapping[str, float] = {**trial.costs, **trial.metrics}
        figures = {name: float(f"{known[name]:.4g}") for name in names if name in known}
        yield variants.get(trial.number, f"trial {trial.number}"), figures


_KEPT = TypeAdapter(dict[str, Measured])


def read_measured(path: Path = MEASURED) -> dict[str, Measured]:
    """What was measured so far, by preset."""
    return _KEPT.validate_json(path.read_bytes()) if path.exists() else {}


def keep_measured(preset: str, found: Measured, path: Path = MEASURED) -> None:
    """Add what was measured of one preset to the file."""
    kept = dict(sorted({**read_measured(path), preset: found}.items()))
    path.write_bytes(_KEPT.dump_json(kept, indent=2, exclude_none=True) + b"\n")
