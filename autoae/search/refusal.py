"""Networks that are refused before their first epoch."""

from collections.abc import Mapping

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
    plan = plan_network(model, image, classes)
    # On the meta device tensors have a shape and no numbers: even a network far beyond the
    # limits, or the memory, is counted in milliseconds.
    with torch.device("meta"):
        network = Network(plan, encoder_builder(model.encoder.kind)(plan.encoder))
    counted = _numbers(costs(network))
    for name, limit in limits.items():
        if counted[name] > limit:
            raise Unbuildable(f"{name} {counted[name]:,} is above the limit {limit:,}")
    return plan.notation, counted


def _numbers(counted: Costs) -> dict[str, float]:
    return {name: getattr(counted, name) for name in KNOWN_BEFORE_TRAINING}
