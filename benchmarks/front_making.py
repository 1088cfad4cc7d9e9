"""Makes the table from which `front_pruning.py` replays: draws configurations and trains them.

Each is appended as soon as it is trained, so that making a table goes on where it was interrupted.
Seconds are CPU seconds of one thread: another program on the machine changes them little.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from random import Random
from time import process_time

import torch
from front_table import TABLE, Row, read_table

from autoae.cli.survey import draw
from autoae.search.refusal import accepted
from autoae.search.shelf import Shelf
from autoae.spec.config import Configuration
from autoae.spec.errors import SpecError
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec
from autoae.training import Selection, Training, fit
from autoae.training.errors import Diverged

SPACES = {
    "digits": ("digits-hybrid",),
    "mnist-cae": (
        "mnist-cae",
        "data.limit=800",
        "data.validation=200",
        "training.batch_size=32",
        "training.epochs=10",
    ),
}
"""The preset of each data set and what is changed in it, beside the objectives."""

ALWAYS = (
    "objectives=[{metric: val_mse, direction: minimize}, {metric: params, direction: minimize}]",
    "training.device=cpu",
    "search.method=random",
)
SIZE = 160
"""Configurations of each data set."""


def make_table(size: int = SIZE, path: Path = TABLE) -> None:
    """Train what the table does not have yet."""
    torch.set_num_threads(1)
    shelf = Shelf()
    for space, (preset, *changes) in SPACES.items():
        spec = read_study(preset, overrides=(*changes, *ALWAYS), name=space)
        made = sum(row.space == space for row in read_table(path))
        for number, (configuration, params) in enumerate(_drawn(spec, shelf, size)):
            if number < made:
                continue
            row = _trained(space, configuration, params, shelf)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")


def _drawn(spec: StudySpec, shelf: Shelf, size: int) -> Iterator[tuple[Configuration, int]]:
    """Configurations that can be built and keep the limits, and their parameters."""
    random, found = Random(0), 0
    while found < size:
        with suppress(SpecError):
            configuration = spec.configuration(lambda _, domain: draw(domain, random))
            facts = shelf.data(configuration.data, configuration.device).facts
            limits, classes = spec.settings.limits.given(), len(facts.classes)
            _, costs = accepted(configuration.model, facts.shape, classes, limits)
            yield configuration, int(costs["params"])
            found += 1


def _trained(space: str, configuration: Configuration, params: int, shelf: Shelf) -> Row:
    data = shelf.data(configuration.data, configuration.device)
    training = Training.create([configuration], data, select=Selection.by("val_loss"))
    curve, seconds, start = list[float](), list[float](), process_time()
    try:
        for report in fit(training, data):
            curve.append(_rounded(report.metrics[0]["val_mse"]))
            seconds.append(_rounded(process_time() - start))
            start = process_time()
    except Diverged:
        seconds.append(_rounded(process_time() - start))
        return Row(space, params, tuple(curve), tuple(seconds), None)
    value = _rounded(training.member(0).best_metrics["val_mse"])
    return Row(space, params, tuple(curve), tuple(seconds), value)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
