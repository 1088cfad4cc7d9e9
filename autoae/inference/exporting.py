"""Export a model, and make sure that the export gives what the model gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from autoae.data.images import Floats
from autoae.inference.arrays import unit
from autoae.inference.errors import ExportError
from autoae.inference.formats import Format, Run, runner, torch_runner, write
from autoae.inference.model import Model
from autoae.spec.files import replace_file

TOLERANCE = 1e-4
"""Of the largest number of an output, at least of 1: rounding in another order of summing."""

INT8_TOLERANCE = 0.1
"""Root mean square difference over the standard deviation of the output: 8 bits are coarse."""

REPEATS, SECONDS = 50, 1.0
"""Passes that are timed, fewer where they would take longer."""


@dataclass(frozen=True)
class Check:
    """One output of the export beside that of the model.

    Attributes:
        output: `reconstruction`, `logits` or `latent`.
        difference: Largest absolute difference; with int8 root mean square.
        tolerance: What it may be at most.
    """

    output: str
    difference: float
    tolerance: float


@dataclass(frozen=True)
class Exported:
    """A model that was exported and checked.

    Attributes:
        files: What was written; what runs it is the first.
        format: Of the file.
        int8: Whether its weights and activations have 8 bits.
        checks: One for each output.
        images: That the outputs were compared on.
        real: Whether these were validation images, or noise where none were kept.
        latency_ms: Of the export, one image, median, on one thread of the CPU.
        original_latency_ms: Of the model in PyTorch, measured in turn with the export.
    """

    files: tuple[Path, ...]
    format: Format
    int8: bool
    checks: tuple[Check, ...]
    images: int
    real: bool
    latency_ms: float
    original_latency_ms: float


def export_model(model: Model, form: Format, folder: Path, *, int8: bool = False) -> Exported:
    """Export a model; nothing is left where the export does not give what the model gives.

    Args:
        model: Left as it is.
        form: Of the file.
        folder: Created; files of the same names are replaced.
        int8: Weights and activations of 8 bits, ONNX alone: static quantisation, calibrated on
            training images.

    Raises:
        ExportError: It cannot be exported so, or gives something else.
        DataError: int8 needs the training images, and they are not there.
        OSError: The files cannot be written.
    """
    images, real = _images(model)
    original = torch_runner(model.network)
    with TemporaryDirectory() as place:
        files = write(model, form, Path(place), int8=int8)
        run = runner(form, files[0])
        checks = [
            check
            # A single one too: the number of images must not have become a part of the export.
            for some in ([images] if int8 else [images, images[:1]])
            for check in _checks(original(some), run(some), int8=int8)
        ]
        _refuse(checks, form)
        before, after = _latencies([original, run], images[:1])
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            replace_file(folder / file.name, file.read_bytes())
    names = tuple(folder / file.name for file in files)
    return Exported(names, form, int8, _worst(checks), len(images), real, after, before)


def _images(model: Model) -> tuple[Floats, bool]:
    """The validation images that the training kept, between 0 and 1, or noise."""
    kept = model.arrays.get("originals")
    if kept is not None and kept.shape[1:] == model.shape:
        return unit(kept), True
    return np.random.default_rng(0).random((8, *model.shape), np.float32), False


def _checks(
    expected: Mapping[str, Floats], found: Mapping[str, Floats], *, int8: bool
) -> tuple[Check, ...]:
    if expected.keys() != found.keys():
        raise ExportError(f"the export gives {', '.join(found)}, not {', '.join(expected)}")
    measure = _coarse if int8 else _close
    return tuple(measure(name, values, found[name]) for name, values in expected.items())


def _close(name: str, expected: Floats, found: Floats) -> Check:
    scale = max(1.0, float(np.abs(expected).max()))
    return Check(name, float(np.abs(expected - found).max()), TOLERANCE * scale)


def _coarse(name: str, expected: Floats, found: Floats) -> Check:
    difference = float(np.sqrt(np.square(expected - found).mean()))
    return Check(name, difference, INT8_TOLERANCE * float(expected.std()))


def _refuse(checks: Sequence[Check], form: Format) -> None:
    for check in checks:
        if not check.difference <= check.tolerance:  # So that it refuses what is no number too.
            raise ExportError(
                f"the {form} export gives another {check.output}: it differs by "
                f"{check.difference:.2e}, and {check.tolerance:.2e} is allowed; nothing was kept",
                hint="export without --int8, or in another --format",
            )


def _worst(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Of each output the check of the largest difference."""
    found: dict[str, Check] = {}
    for check in sorted(checks, key=lambda check: check.difference):
        found[check.output] = check
    return tuple(found[name] for name in dict.fromkeys(check.output for check in checks))


def _latencies(runs: Sequence[Run], image: NDArray[np.float32]) -> list[float]:
    """Median milliseconds of each; measured in turn, so that a busy machine is fair to all."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _timed(runs, image)
    finally:
        torch.set_num_threads(threads)


def _timed(runs: Sequence[Run], image: NDArray[np.float32]) -> list[float]:
    warm = [[_seconds(run, image) for run in runs] for _ in range(3)]
    repeats = min(REPEATS, max(3, round(SECONDS / max(sum(warm[-1]), 1e-6))))
    timed = [[_seconds(run, image) for run in runs] for _ in range(repeats)]
    return [1000 * median(column) for column in zip(*timed, strict=True)]


def _seconds(run: Run, image: NDArray[np.float32]) -> float:
    start = perf_counter()
    run(image)
    return perf_counter() - start
