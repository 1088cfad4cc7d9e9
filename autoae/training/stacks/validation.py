"""All members of a stack look at the validation images together."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import prod

import torch
from torch import Tensor
from torch.func import vmap

from autoae.data.resident import Batch, ResidentData
from autoae.training.evaluation import judge_answers, judge_pictures, means_of
from autoae.training.forward import arranged, passed
from autoae.training.look import LATENT_NUMBERS, Look, seen_of
from autoae.training.member import Member
from autoae.training.memory import validated_at_once
from autoae.training.stacks.replay import Figures
from autoae.training.stacks.stack import WEIGHTS, called, stacked
from autoae.training.sums import Sums
from autoae.training.target import target_of

STACKED_NUMBERS = 4 * LATENT_NUMBERS
"""Of all latents that a stack keeps of an epoch: 64 MB, and as much of the best epochs."""


@torch.inference_mode()
def validate_together(
    members: Sequence[Member], data: ResidentData, state: Mapping[str, Tensor] | None = None
) -> list[dict[str, float]]:
    """The metrics of each that `validate` gives, of one pass over the images for all of them.

    The images are the same for all, so that the first layer of convolutions is one with the
    filters of every member. Each has its `look` then, or none where those of all would be too
    large.

    Args:
        members: Of one `stacking_key`; the network of the first is left in evaluation mode.
        data: The images.
        state: Their weights and statistics, (members, ...), where they lie together already.

    Raises:
        RuntimeError: `vmap` does not know an operation, or there is too little memory.
    """
    if data.validation_size == 0:
        return [{} for _ in members]
    state = state or stacked([member.network.state_dict() for member in members])
    sums, look = Sums(), _look_of(members)
    members[0].network.eval()
    for batch in data.validation_batches(validated_at_once(members)):
        judge = partial(_judged, members[0], data, batch, look.keep if look else 0)
        judged: tuple[Figures, Figures] = vmap(judge)(state)
        for name, total in judged[0].items():
            sums.add(name, total)
        if look:
            look.add(batch.labels, judged[1])
    if look:
        for member, own in zip(members, look.of_each(len(members)), strict=True):
            member.look = own
    totals = zip(members, sums.read_each(), strict=True)
    return [_metrics(member, figures, data.validation_size) for member, figures in totals]


def _look_of(members: Sequence[Member]) -> Look | None:
    """One for all members, empty yet; None where each would keep too much for so many."""
    network = members[0].network
    look = Look.at(network)
    numbers = len(members) * look.keep * prod(network.plan.latent)
    return look if numbers <= STACKED_NUMBERS else None


def _judged(
    first: Member, data: ResidentData, batch: Batch, keep: int, state: Mapping[str, Tensor]
) -> tuple[Figures, Figures]:
    """Sums over the images of a batch, of one member with this state, and what it saw of them."""
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
    errors = judge_pictures(sums, output, batch, first.configuration, data)
    judge_answers(sums, output, batch.labels, first.loss.task)
    return sums.totals, seen_of(output, errors, first.loss.task, keep)


def _metrics(member: Member, totals: dict[str, float], images: int) -> dict[str, float]:
    """Those of one member: how its loss weighs the terms is its own affair."""
    means = means_of(totals, images)
    weighed = {name: getattr(member.loss, key) for name, key in WEIGHTS.items() if name in means}
    loss = sum(weight * means[name] for name, weight in weighed.items())
    means.pop("penalty", None)
    return {f"val_{name}": value for name, value in {"loss": loss, **means}.items()}
