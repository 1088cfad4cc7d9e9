"""What the run folders of a study hold for its report: pictures, losses, environments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autoae.spec.jsontext import mapping_in
from autoae.store.arrays import arrays_in
from autoae.store.runs import RunFolder, trial_folder
from autoae.store.snapshot import Curve, TrialSnapshot
from autoae.views.plots.curves import LossCurves

if TYPE_CHECKING:
    from autoae.analysis.latent import LatentView

Bytes = NDArray[np.uint8]

_FEATURES = "features_"
_MOST_LAYERS = 64

_SEEN = (
    "originals",
    "reconstructions",
    "picture_labels",
    "confusion",
    *(f"{_FEATURES}{number}" for number in range(1, _MOST_LAYERS + 1)),
)


@dataclass(frozen=True)
class Seen:
    """What one trial made of the same few images.

    Attributes:
        trial: It.
        originals: uint8, (pictures, channels, height, width).
        reconstructions: The same shape; None without a decoder.
        labels: The class of each picture, an index.
        classes: Their names; none where they are not known.
        confusion: Counts on validation images, true class by predicted one; None without.
        features: Feature maps of the first pictures by the number of their layer, uint8,
            (pictures, channels, height, width) each.
    """

    trial: TrialSnapshot
    originals: Bytes
    reconstructions: Bytes | None
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    confusion: NDArray[np.int64] | None
    features: Mapping[int, Bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerCurves:
    """How large the gradients of one trial's layers were.

    Attributes:
        name: Of the trial or variant.
        epochs: By epoch, by the dotted name of the layer in order: the mean norm over batches.
    """

    name: str
    epochs: Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class Folders:
    """The run folders of one study.

    Attributes:
        root: Of all studies.
        study: Its name.
    """

    root: Path
    study: str

    def of(self, number: int) -> RunFolder:
        """The folder of a trial; it need not be there."""
        return trial_folder(self.root, self.study, number)

    def seen(self, trials: Sequence[TrialSnapshot]) -> list[Seen]:
        """What trials made of their images; those that left nothing readable are left out."""
        found = ((trial, arrays_in(self.of(trial.number).arrays, _SEEN)) for trial in trials)
        return [
            _seen(trial, arrays, self.classes(trial))
            for trial, arrays in found
            if len(arrays.get("originals", ())) == len(arrays.get("picture_labels", ())) > 0
        ]

    def latent(self, trial: TrialSnapshot) -> "LatentView | None":
        """What the sample of latents that a trial left looks like; None where it left none."""
        # It imports scikit-learn, a second that pictures beside a run must not cost.
        from autoae.analysis.latent import latent_view

        found = self.latents(trial)
        return None if found is None else latent_view(*found)

    def latents(
        self, trial: TrialSnapshot
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]] | None:
        """The sample of latents, (images, numbers), and classes, (images,), that a trial left."""
        arrays = arrays_in(self.of(trial.number).arrays, ("latent", "latent_labels"))
        latents, labels = arrays.get("latent"), arrays.get("latent_labels")
        if latents is None or labels is None or not latents.size or labels.ndim != 1:
            return None
        return latents, labels

    def classes(self, trial: TrialSnapshot) -> tuple[str, ...]:
        """The names of the classes that a trial knew; none where they are not known."""
        names = mapping_in(self.of(trial.number).best).get("classes")
        return tuple(map(str, names)) if isinstance(names, list) else ()

    def losses(self, trials: Mapping[str, TrialSnapshot]) -> list[LossCurves]:
        """Training and validation loss of trials that kept both; each trial has a name."""
        found = [_losses(self.of(trial.number), name) for name, trial in trials.items()]
        return [each for each in found if each.training and each.validation]

    def curves(self, number: int) -> dict[str, Curve]:
        """Every metric of a trial by epoch, as far as it kept them."""
        lines = _lines(self.of(number))
        names = dict.fromkeys(name for line in lines for name in line if name != "epoch")
        return {name: _curve(lines, name) for name in names}

    def gradients(self, trials: Mapping[str, TrialSnapshot]) -> list[LayerCurves]:
        """The gradients of trials that kept them; each trial has a name."""
        found = [_gradients(self.of(trial.number), name) for name, trial in trials.items()]
        return [each for each in found if each.epochs]

    def environments(self, trials: Sequence[TrialSnapshot]) -> list[dict[str, object]]:
        """Where each trial ran, where it is known; nested facts by dotted names."""
        found = [self.of(trial.number).read_environment() for trial in trials]
        return [_flat(each) for each in found if each]


def _seen(
    trial: TrialSnapshot, arrays: Mapping[str, NDArray[np.generic]], classes: tuple[str, ...]
) -> Seen:
    originals, confusion = arrays["originals"], arrays.get("confusion")
    pictures = arrays.get("reconstructions", originals[:0])
    return Seen(
        trial,
        originals.astype(np.uint8),
        pictures.astype(np.uint8) if pictures.shape == originals.shape else None,
        arrays["picture_labels"].astype(np.int64),
        classes,
        None if confusion is None else confusion.astype(np.int64),
        _features(arrays),
    )


def _features(arrays: Mapping[str, NDArray[np.generic]]) -> dict[int, Bytes]:
    layers = (name.removeprefix(_FEATURES) for name in arrays if name.startswith(_FEATURES))
    numbers = sorted(int(layer) for layer in layers if layer.isdecimal())
    return {number: arrays[f"{_FEATURES}{number}"].astype(np.uint8) for number in numbers}


def _lines(folder: RunFolder) -> Sequence[Mapping[str, float | None]]:
    try:
        return folder.read_metrics()
    except (OSError, ValueError):
        return []


def _losses(folder: RunFolder, name: str) -> LossCurves:
    lines = _lines(folder)
    return LossCurves(name, _curve(lines, "train_loss"), _curve(lines, "val_loss"))


def _gradients(folder: RunFolder, name: str) -> LayerCurves:
    try:
        lines = folder.read_gradients()
    except (OSError, ValueError):
        lines = []
    epochs = {int(line["epoch"] or 0): _layers(line) for line in lines}
    return LayerCurves(name, {epoch: layers for epoch, layers in epochs.items() if layers})


def _layers(line: Mapping[str, float | None]) -> dict[str, float]:
    """The layers of one epoch, without those whose gradient was not finite."""
    return {name: norm for name, norm in line.items() if name != "epoch" and norm is not None}


def _curve(lines: Sequence[Mapping[str, float | None]], name: str) -> Curve:
    pairs = ((line.get("epoch"), line.get(name)) for line in lines)
    return tuple((int(e), value) for e, value in pairs if e is not None and value is not None)


def _flat(facts: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in facts.items():
        inner = value if isinstance(value, dict) else {"": value}
        flat |= {f"{name}.{key}" if key else name: each for key, each in inner.items()}
    return flat
