"""The model card: what a model is, how good it is, and where its limits are, in Markdown.

After Mitchell et al., 2019, Model Cards for Model Reporting.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from autoae.analysis.classification import wilson
from autoae.analysis.groups import mean_of
from autoae.inference.exporting import Exported
from autoae.inference.model import Model
from autoae.models.costs import costs
from autoae.spec.config import Configuration, DataOptions
from autoae.spec.jsontext import read_json
from autoae.spec.protocol import original_protocol
from autoae.store.evaluations import OpenedSplit, TrialEvaluation
from autoae.store.runs import RunFolder
from autoae.training.tasks import task_of
from autoae.version import __version__
from autoae.views.numbers import figure, size, span, whole

Row = tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where a model comes from, as far as that is known.

    Attributes:
        name: Of the model.
        test: The test split of its study or its own, once it was opened.
        trial: Its number in there.
    """

    name: str
    test: OpenedSplit | None
    trial: int


def card(model: Model, origin: Origin, exported: Exported) -> str:
    """The card of a model that was exported."""
    sections = (
        ("Data", _table(("", ""), _data(model))),
        ("Architecture", _table(("", ""), _architecture(model))),
        ("Figures on validation images", _validation(model)),
        ("Figures on test images", _test(origin)),
        ("Training", _table(("", ""), _training(model))),
        ("This export", _export(exported)),
        ("Limits", "\n".join(f"- {line}" for line in _limits(model, origin))),
    )
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return f"# {origin.name}\n\n{_task(model)}\n\n{body}\n"


def _task(model: Model) -> str:
    task = model.description.configuration.model.task
    parts = {
        "reconstruction": "reconstructs images",
        "logits": _TASKS[task].format(", ".join(model.classes)),
    }
    does = [text for name, text in parts.items() if name in model.network.outputs]
    return f"A network that {' and '.join(does or ['encodes images'])}, trained with autoae."


_TASKS = {
    "none": "",
    "classify": "tells classes apart ({})",
    "count": "counts the objects of an image",
    "digits": "says which objects an image holds ({})",
}


def _data(model: Model) -> Iterator[Row]:
    options, (channels, height, width) = model.description.configuration.data, model.shape
    yield "data set", options.dataset + (f" ({options.path})" if options.path else "")
    yield "images", f"{channels} x {height} x {width} (channels, height, width), between 0 and 1"
    if options.limit is not None:
        yield "trained on", f"{options.limit:,} images at most"
    yield from _sampling(options)
    held_out = {None: "a tenth of the training images", 0: "none"}
    yield "held out", held_out.get(options.validation, f"{options.validation} training images")
    yield "selected on", f"{options.select_on} images"
    yield "augmentation", ", ".join(options.augment) or "none"
    normalized = options.normalize != "none"
    yield "normalisation", f"{options.normalize}, done by the export" if normalized else "none"


def _sampling(options: DataOptions) -> Iterator[Row]:
    """What was done to the images beside normalisation, where something was."""
    if options.constrained:
        classes = ", ".join(map(str, options.constrained))
        yield "constrained", f"{options.constrained_share:.0%} of the training images of {classes}"
    if options.resample != "none":
        yield "classes made equal", f"{options.resample}, training images only"
    if options.blur:
        yield (
            "blurred",
            f"all images, by a Gaussian of {options.blur:g} pixels; "
            "those that the model is given are taken as they are",
        )


def _architecture(model: Model) -> Iterator[Row]:
    cost = costs(model.network.network)
    yield "network", f"`{model.notation}`"
    yield "parameters", whole(cost.params)
    yield "operations of one image", whole(cost.flops)
    yield "latent per input number", figure(cost.latent_ratio)
    yield "outputs", ", ".join(model.network.outputs)


def _validation(model: Model) -> str:
    described = model.description
    intervals = dict(_intervals(model))
    rows = [
        (name, figure(value), intervals.get(name, "not known"))
        for name, value in sorted(described.metrics.items())
        if name.startswith("val_")
    ]
    if not rows:
        return "There are none: no images were held out."
    basis = (
        "Of the best epoch, which was chosen on these images: a little too good. Intervals are for "
        "so many images and this one training; another seed would add to them."
    )
    return f"{_table(('metric', 'value', '95 % interval'), rows)}\n\n{basis}"


def _intervals(model: Model) -> Iterator[tuple[str, str]]:
    """Of the accuracy by Wilson, of the squared error by Student's t over the images."""
    kept = model.arrays
    if "confusion" in kept:
        counts = np.asarray(kept["confusion"], np.int64)
        right, count = int(counts.trace()), int(counts.sum())
        found = wilson(right, count)
        task = task_of(model.description.configuration)
        name = f"val_{task.right}" if task else ""
        yield name, f"{span(found.low, found.high)} (Wilson, {whole(count)} images)"
    if "errors" in kept:
        mean = mean_of(kept["errors"].tolist())
        if mean is not None and mean.interval is not None:
            low, high = mean.interval.low, mean.interval.high
            yield "val_mse", f"{span(low, high)} (Student's t, {whole(mean.count)} images)"


def _test(origin: Origin) -> str:
    found = origin.test.of(origin.trial) if origin.test else None
    if found is None or origin.test is None:
        return "None: the test split is sealed. `autoae model evaluate` opens it, and counts it."
    rows = [(name, figure(value), _tested(found, name)) for name, value in found.figures.items()]
    opened = f"{whole(found.images)} images; the test split was opened {origin.test.times}."
    return f"{_table(('metric', 'value', '95 % interval'), rows)}\n\n{opened}"


def _tested(found: TrialEvaluation, name: str) -> str:
    if name != "test_accuracy" or found.accuracy_interval is None:
        return "not known"
    return f"{span(*found.accuracy_interval)} (Wilson)"


def _training(model: Model) -> Iterator[Row]:
    configuration = model.description.configuration
    training = configuration.training
    seed = str(training.seed)
    if configuration.data.order_seed is not None:
        seed += f", of the order of images {configuration.data.order_seed}"
    yield "seed", seed
    yield "weights", f"of epoch {model.description.epoch} of {training.epochs}"
    yield "optimizer", f"{training.optimizer}, learning rate {training.lr:g}"
    yield "loss", _loss(configuration)
    yield from _environment(model).items()
    yield "exported with", f"autoae {__version__}"
    yield "checksum of the weights", f"sha256 `{model.description.sha256}`"


def _loss(configuration: Configuration) -> str:
    loss = configuration.loss
    return (
        f"{configuration.alpha:g} x task ({loss.task}) + {configuration.beta:g} x reconstruction "
        f"({loss.reconstruction}) + {loss.gamma:g} x half the squared weights"
    )


def _environment(model: Model) -> dict[str, str]:
    """Versions and device of the training, where they were kept."""
    with suppress(OSError, ValueError, AttributeError):
        found = read_json(RunFolder(model.folder).environment.read_bytes())
        versions = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
        return {
            "versions": f"{versions}, Python {found['python']}",
            "device": f"{found['device_name']}, {found['precision']}",
        }
    return {}


def _export(exported: Exported) -> str:
    kind = exported.format + (", int8" if exported.int8 else "")
    total = sum(file.stat().st_size for file in exported.files)
    images = "validation images" if exported.real else "images of noise"
    measure = "root mean square" if exported.int8 else "largest"
    checks = [(c.output, f"{c.difference:.2e}", f"{c.tolerance:.2e}") for c in exported.checks]
    return "\n\n".join(
        (
            f"`{exported.files[0].name}` ({kind}, {size(total)}). It takes `images`, "
            "(N, channels, height, width) in float32 between 0 and 1.",
            f"Beside the network in PyTorch, on {exported.images} {images}:",
            _table(("output", f"{measure} difference", "allowed"), checks),
            f"One image takes {figure(exported.latency_ms)} ms here, "
            f"{figure(exported.original_latency_ms)} ms in PyTorch "
            "(medians, one thread of the CPU).",
        )
    )


def _limits(model: Model, origin: Origin) -> Iterator[str]:
    configuration = model.description.configuration
    if label := original_protocol(configuration.model_dump(mode="json")):
        yield label
    yield f"It has seen images of {configuration.data.dataset} alone; nothing is known of others."
    if "logits" in model.network.outputs:
        yield "It answers for every image, unlike those of its training too; nothing is calibrated."
    if "errors" not in model.arrays:
        yield "No errors of validation images were kept, so anomalies cannot be told."
    if origin.test is not None and origin.test.count > 1:
        yield "The test split was opened more than once: its figures may be too good."
    yield "Its figures are those of one training with one seed."


def _table(head: Row, rows: Iterator[Row] | Sequence[Row]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
