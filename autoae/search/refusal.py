"""Networks that are refused before their first epoch."""

from collections.abc import Mapping
from functools import lru_cache

import torch

from autoae.models import Network
from autoae.models.costs import Costs, costs
from autoae.models.encoders import encoder_builder
from autoae.spec.blocks import Shape
from autoae.spec.config import ModelOptions
from autoae.spec.errors import Unbuildable
from autoae.spec.metrics import KNOWN_BEFORE_TRAINING
from autoae.spec.plan import plan_network


def accepted(
    model: ModelOptions, image: Shape, classes: int, limits: Mapping[str, float]
) -> tuple[str, dict[str, float]]:
    """Plan a network and count what it costs, without memory for its weights.

    Args:
        model: What the study file says of it.
        image: (channels, height, width).
        classes: That the data set has.
        limits: What it may cost at most, by name.

    Returns:
        Its notation and its costs.

    Raises:
        Unbuildable: It cannot be built, or breaks a limit.
    """
    notation, counted = _counted(model.model_dump_json(), image, classes)
    for name, limit in limits.items():
        if counted[name] > limit:
            raise Unbuildable(f"{name} {counted[name]:,} is above the limit {limit:,}")
    return notation, dict(counted)


@lru_cache(maxsize=100)  # Many trials of a study differ only in how their network is trained.
def _counted(model: str, image: Shape, classes: int) -> tuple[str, Mapping[str, float]]:
    """The notation and the costs of a model in JSON."""
    options = ModelOptions.model_validate_json(model)
    plan = plan_network(options, image, classes)
    # On the meta device tensors have a shape and no numbers: even a network far beyond the
    # limits, or the memory, is counted in milliseconds.
    with torch.device("meta"):
        network = Network(plan, encoder_builder(options.encoder.kind)(plan.encoder))
    return plan.notation, _numbers(costs(network))


def _numbers(counted: Costs) -> dict[str, float]:
    return {name: getattr(counted, name) for name in KNOWN_BEFORE_TRAINING}
