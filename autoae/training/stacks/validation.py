"""All members of a stack look at the validation images together."""

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.func import vmap

from autoae.data.resident import Batch, ResidentData
from autoae.training.evaluation import judge_answers, judge_pictures, means_of
from autoae.training.forward import arranged, passed
from autoae.training.member import Member
from autoae.training.memory import validated_at_once
from autoae.training.stacks.replay import Figures
from autoae.training.stacks.stack import WEIGHTS, called
from autoae.training.sums import Sums
from autoae.training.target import target_of


@torch.inference_mode()
def validate_together(members: Sequence[Member], data: ResidentData) -> list[dict[str, float]]:
    """The metrics of each that `validate` gives, of one pass over the images for all of them.

    The images are the same for all, so that the first layer of convolutions is one with the
    filters of every member.

    Args:
        members: Of one `stacking_key`; their networks are left in evaluation mode.
        data: The images.

    Raises:
        RuntimeError: `vmap` does not know an operation, or there is too little memory.
    """
    if data.validation_size == 0:
        return [{} for _ in members]
    state, sums = _state(members), Sums()
    for batch in data.validation_batches(validated_at_once(members)):
        judged: Figures = vmap(partial(_judged, members[0], data, batch))(state)
        for name, total in judged.items():
            sums.add(name, total)
    totals = zip(members, sums.read_each(), strict=True)
    return [_metrics(member, own, data.validation_size) for member, own in totals]


def _state(members: Sequence[Member]) -> dict[str, Tensor]:
    """All weights and statistics, those too that are not trained, (members, ...)."""
    states = [member.network.eval().state_dict() for member in members]
    return {name: torch.stack([own[name] for own in states]) for name in states[0]}


def _judged(
    first: Member, data: ResidentData, batch: Batch, state: Mapping[str, Tensor]
) -> Figures:
    """Sums over the images of a batch, of one member with this state."""
    network = partial(called, first.network, state)
    images = arranged(batch.images, first.precision)
    output = passed(network, images, first.precision, reconstruct=True, classify=True)
    target = target_of(batch.images, first.configuration, data)
    weights = [state[name] for name, _ in first.network.named_parameters()]
    terms, sums = first.loss.terms(output, target, batch.labels, weights), Sums()
    for name in WEIGHTS:
        term: Tensor | None = getattr(terms, name)
        if term is not None:
            sums.add(name, term, len(batch.labels))
    judge_pictures(sums, output, batch, first.configuration, data)
    judge_answers(sums, output, batch.labels, first.loss.task)
    return sums.totals


def _metrics(member: Member, totals: dict[str, float], images: int) -> dict[str, float]:
    """Those of one member: how its loss weighs the terms is its own affair."""
    means = means_of(totals, images)
    weighed = {name: getattr(member.loss, key) for name, key in WEIGHTS.items() if name in means}
    loss = sum(weight * means[name] for name, weight in weighed.items())
    means.pop("penalty", None)
    return {f"val_{name}": value for name, value in {"loss": loss, **means}.items()}
