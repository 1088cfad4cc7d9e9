"""What the run folders of a study hold for the monitor, each file read as far as it is whole."""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoae.spec.blocks import Block
from autoae.spec.errors import UserError
from autoae.spec.jsontext import mapping_in, read_json
from autoae.spec.plan import NetworkPlan, plan_network
from autoae.spec.validation import build_configuration
from autoae.store.arrays import arrays_in
from autoae.store.log import LogLine, StudyLog
from autoae.store.runs import RunFolder, study_folder, trial_folder
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.tui.source import Curves, Layer, Live, TrialFiles

_ARRAYS = ("originals", "reconstructions", "confusion")
_HEADER = 8
_LINES = 1000
_LONGEST_HEADER = 10_000_000


class RunFiles:
    """The run folders of a storage.

    Args:
        root: As `run_root` gives it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._live: dict[tuple[str, int], tuple[int, Live]] = {}
        self._log: tuple[tuple[str, int], tuple[LogLine, ...]] = ("", -1), ()

    def live(self, study: str, number: int) -> Live | None:
        """The epochs of a running trial so far; None where its folder is elsewhere."""
        folder = trial_folder(self._root, study, number)
        try:
            size = folder.metrics.stat().st_size
        except OSError:
            return None
        known = self._live.get((study, number))
        if known is None or known[0] != size:
            device = str(folder.read_environment().get("device", ""))
            known = size, Live(device, _curves(folder))
            self._live[study, number] = known
        return known[1]

    def log(self, study: str) -> tuple[LogLine, ...]:
        """What the runs of a study had to say, other than what its trials tell."""
        log = StudyLog(study_folder(self._root, study))
        try:
            size = log.path.stat().st_size
        except OSError:
            return ()
        if (study, size) != self._log[0]:
            lines = tuple(line for line in log.read(_LINES) if line.event in ("run", "note"))
            self._log = (study, size), lines
        return self._log[1]

    def of(self, study: StudySnapshot, number: int) -> TrialFiles:
        """Everything in the folder of a trial, or why there is nothing."""
        folder = trial_folder(self._root, study.name, number)
        if not folder.path.is_dir():
            layers = self._layers(study, number, folder)
            return TrialFiles(layers=layers, problem=f"no run folder at {folder.path}")
        arrays = arrays_in(folder.arrays, _ARRAYS)
        confusion = arrays.get("confusion")
        return TrialFiles(
            folder=str(folder.path),
            curves=_curves(folder),
            layers=self._layers(study, number, folder),
            confusion=None if confusion is None else confusion.astype(np.int64),
            originals=_pictures(arrays.get("originals")),
            reconstructions=_pictures(arrays.get("reconstructions")),
            environment=folder.read_environment(),
            error=_text(folder.error),
        )

    def _layers(self, study: StudySnapshot, number: int, folder: RunFolder) -> tuple[Layer, ...]:
        trial = study.trials[number]
        with suppress(UserError, KeyError):
            found = self._images(study, trial, folder)
            if found and trial.configuration:
                model = build_configuration(dict(trial.configuration)).model
                plan = plan_network(model, *found)
                return tuple(_layers(plan, _weights(folder.weights)))
        return ()

    def _images(
        self, study: StudySnapshot, trial: TrialSnapshot, folder: RunFolder
    ) -> tuple[tuple[int, ...], int] | None:
        """Shape and classes of the images: of this trial, else of another on the same data."""
        if found := _image_of(folder):
            return found
        data = trial.configuration.get("data")
        alike = (t.number for t in study.trials if t.configuration.get("data") == data)
        for number in list(alike)[:20]:
            if found := _image_of(trial_folder(self._root, study.name, number)):
                return found
        return None


def _image_of(folder: RunFolder) -> tuple[tuple[int, ...], int] | None:
    best = mapping_in(folder.best)
    shape, classes = best.get("shape"), best.get("classes")
    if isinstance(shape, list) and isinstance(classes, list):
        return tuple(shape), len(classes)
    return None


def _layers(plan: NetworkPlan, weights: Mapping[str, int]) -> Iterator[Layer]:
    yield Layer("input", "", _shape(plan.image), 0)
    latent = [("latent", "to_latent", plan.to_latent)] if plan.to_latent else []
    bridge = [("bridge", "bridge", plan.bridge.block)] if plan.bridge else []
    for part, name, block in [
        *_numbered("encoder", plan.encoder),
        *latent,
        *_numbered("decoder", plan.decoder),
        *bridge,
        *_numbered("head", plan.head),
    ]:
        yield Layer(part, block.notation, _shape(block.outputs), _count(weights, name))


def _numbered(part: str, blocks: tuple[Block, ...]) -> list[tuple[str, str, Block]]:
    return [(part, f"{part}.{number}", block) for number, block in enumerate(blocks)]


def _count(weights: Mapping[str, int], name: str) -> int:
    return sum(size for key, size in weights.items() if key.startswith(f"{name}."))


def _weights(path: Path) -> dict[str, int]:
    """The trainable numbers by name, from the head of the file: nothing is loaded."""
    with suppress(OSError, ValueError, struct.error), path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(_HEADER))
        head = read_json(file.read(min(length, _LONGEST_HEADER)))
        # Statistics of batch normalisation are no weights.
        return {
            name: prod(facts["shape"])
            for name, facts in head.items()
            if name != "__metadata__" and not name.endswith(_STATISTICS)
        }
    return {}


_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _curves(folder: RunFolder) -> Curves:
    curves = defaultdict[str, list[tuple[int, float]]](list)
    with suppress(OSError, ValueError):
        for line in folder.read_metrics():
            epoch = line.get("epoch")
            for name, value in line.items():
                if name != "epoch" and value is not None and epoch is not None:
                    curves[name].append((int(epoch), value))
    return {name: tuple(points) for name, points in curves.items()}


def _pictures(array: NDArray[np.generic] | None) -> NDArray[np.uint8] | None:
    return None if array is None else array.astype(np.uint8)


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""
