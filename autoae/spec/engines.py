"""What an engine cannot train."""

from collections.abc import Iterator

from autoae.spec import mirror
from autoae.spec.config import Configuration, ModelOptions
from autoae.spec.errors import Unbuildable
from autoae.spec.notation import Layer
from autoae.spec.plan import parsed

BLAMED = (
    "model.encoder",
    "model.encoder.kind",
    "model.decoder",
    "model.head",
    "model.task",
    "model.batch_norm",
    "model.dropout",
    "training.precision",
    "training.device",
    "loss.softmax_twice",
    "loss.delta",
)
"""The keys that an engine may refuse."""


def check_engine(configuration: Configuration) -> None:
    """Refuse what the engine of a configuration cannot train.

    Raises:
        Unbuildable: With the key and the reason.
    """
    if configuration.training.engine == "torch":
        return
    for key, problem in _problems(configuration):
        raise Unbuildable(
            f"{problem}, which `training.engine: numpy` does not train",
            key=key,
            hint="set `training.engine: torch`",
        )


def _problems(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Each with the key that is to blame: what there is that NumPy cannot do."""
    model, training = configuration.model, configuration.training
    if model.encoder.kind != "mlp":
        yield "model.encoder.kind", f"encoder {model.encoder.kind!r} has more than linear layers"
        return
    for key, layer in written_layers(model):
        yield from ((key, problem) for problem in _problems_of(layer))
    if model.batch_norm:
        yield "model.batch_norm", "there is batch normalisation"
    if model.dropout:
        yield "model.dropout", "there is dropout"
    yield from _problems_of_task(configuration)
    if configuration.loss.delta:
        yield "loss.delta", "there is a jigsaw"
    if training.precision == "bfloat16":
        yield "training.precision", "NumPy has no bfloat16"
    if configuration.device != "cpu":
        yield "training.device", f"{configuration.device} is no CPU"


def _problems_of_task(configuration: Configuration) -> Iterator[tuple[str, str]]:
    task = configuration.model.task
    if task not in {"none", "classify"}:
        yield "model.task", f"task {task!r} has losses of its own"
    if configuration.loss.softmax_twice:
        yield "loss.softmax_twice", "there is a second softmax"


def _problems_of(layer: Layer) -> Iterator[str]:
    if layer.symbol != "L":
        yield f"{layer} is no linear layer"
    if layer.dropout:
        yield f"{layer} has dropout"


def written_layers(model: ModelOptions) -> Iterator[tuple[str, Layer]]:
    """The layers that are written, each with its key."""
    yield from (("model.encoder", layer) for layer in model.encoder.written())
    if model.decoder not in {"none", "mirror"}:
        yield from ((mirror.KEY, layer) for layer in parsed(model.decoder, mirror.KEY))
    if model.head is not None:
        yield from (("model.head", layer) for layer in parsed(model.head, "model.head"))
