"""Which trainings can be one stack: networks of one shape that are trained side by side."""

import json
from collections.abc import Iterator

from autoae.spec.config import Configuration
from autoae.spec.engines import written_layers

FREE: dict[str, frozenset[str]] = {
    "data": frozenset({"order_seed"}),
    "model": frozenset({"init"}),
    "loss": frozenset({"alpha", "beta", "gamma"}),
    "training": frozenset(
        {
            "lr",
            "momentum",
            "weight_decay",
            "seed",
            "epochs",
            "schedule",
            "schedule_every",
            "schedule_factor",
            "schedule_patience",
            "schedule_threshold",
            "schedule_least_lr",
            "early_stopping",
            "checkpoint_every",
        }
    ),
}
"""The leaves in which the trainings of a stack may differ, by section."""

_KINDS = frozenset({"mlp", "conv"})


def is_free(parameter: str) -> bool:
    """Whether trials of a study that differ in this parameter alone can be one stack.

    Args:
        parameter: As a study names it; `seed` repeats the runs of a list or an ablation.
    """
    section, _, leaf = parameter.partition(".")
    return parameter == "seed" or leaf in FREE.get(section, frozenset())


def stacking_key(configuration: Configuration) -> str | None:
    """What trainings have in common that can be one stack; None for one that trains alone.

    A weight of 0 leaves a part of the network without gradients, so trainings that differ in
    which weights are 0 do not stack.
    """
    return None if why_alone(configuration) else shape_key(configuration)


def shape_key(configuration: Configuration) -> str:
    """What trainings have in common whose steps are alike but for their numbers."""
    tree = configuration.model_dump(mode="json")
    kept = {
        name: {leaf: value for leaf, value in section.items() if leaf not in FREE[name]}
        for name, section in tree.items()
    }
    weights = configuration.alpha, configuration.beta, configuration.loss.gamma
    return json.dumps([kept, [weight > 0 for weight in weights]], sort_keys=True)


def why_alone(configuration: Configuration) -> str:
    """Why a training is in no stack, in words; empty where it may be in one."""
    return next(_reasons(configuration), "")


def _reasons(configuration: Configuration) -> Iterator[str]:
    model, training = configuration.model, configuration.training
    if training.engine != "torch":
        yield "`training.engine: numpy` trains one network at a time"
    if model.encoder.kind not in _KINDS:
        yield f"an encoder {model.encoder.kind!r} is large enough to be trained alone"
        return
    if model.dropout or any(layer.dropout for _, layer in written_layers(model)):
        yield "what dropout draws would depend on the others of the stack"
    if not training.end_to_end:
        yield "it is trained in two stages"
    if configuration.loss.delta:
        yield "the pieces of a jigsaw are shuffled for one network at a time"
    if training.gradients:
        yield "the gradients of its layers are kept"
