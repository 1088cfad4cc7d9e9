"""Whether a training in two stages makes sense."""

from collections.abc import Iterable

from autoae.spec.config import Configuration
from autoae.spec.document import Tree
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.ranges import is_range

_KEYS = ("first_stage", "first_epochs")


def check_stages(configuration: Configuration) -> None:
    """Refuse two stages where one of them has nothing to train, or no epoch.

    Raises:
        Unbuildable: With the key and the reason.
    """
    if configuration.training.end_to_end:
        return
    if not configuration.has_decoder:
        raise Unbuildable("the first of two stages needs a decoder", key="training.end_to_end")
    if configuration.beta == 0:
        raise Unbuildable(
            "the first of two stages is weighed by `loss.beta`, which is 0",
            key="training.end_to_end",
        )
    if configuration.training.first_stage == "pca":
        _check_scores(configuration)
    else:
        _check_head(configuration)
    _check_epochs(configuration)


def check_stage_keys(trees: Iterable[Tree]) -> None:
    """Refuse keys of the first stage in a study of which nothing is trained in stages.

    Args:
        trees: Of the study, or of its variants.

    Raises:
        SpecError: With the key.
    """
    sections = [tree.get("training") for tree in trees]
    trainings = [each for each in sections if isinstance(each, dict)]
    if any(_may_be_staged(each.get("end_to_end", True)) for each in trainings):
        return
    for key in _KEYS:
        if any(key in each for each in trainings):
            raise SpecError(
                "there is a first stage only with `end_to_end: false`", key=f"training.{key}"
            )


def _may_be_staged(end_to_end: object) -> bool:
    if isinstance(end_to_end, dict) and is_range(end_to_end):
        values = end_to_end.get("values")
        return isinstance(values, list) and False in values
    return end_to_end is not True


def _check_scores(configuration: Configuration) -> None:
    if not isinstance(configuration.model.latent, int):
        raise Unbuildable(
            "`pca` trains towards as many components as the latent has numbers",
            key="training.first_stage",
            hint="set `model.latent` to a number",
        )


def _check_head(configuration: Configuration) -> None:
    """After a first stage that trains encoder and decoder, only the head is left."""
    if not configuration.has_head:
        raise Unbuildable(
            "the second of two stages trains a head, and `model.task` is none",
            key="training.end_to_end",
            hint="set `task: classify`, or `first_stage: pca`, after which the decoder is trained",
        )
    if configuration.alpha == 0:
        raise Unbuildable(
            "the second of two stages is weighed by `loss.alpha`, which is 0",
            key="training.end_to_end",
        )


def _check_epochs(configuration: Configuration) -> None:
    epochs, first = configuration.training.epochs, configuration.first_epochs
    if epochs < 2:
        raise Unbuildable("two stages need two epochs at least", key="training.epochs")
    if first >= epochs:
        raise Unbuildable(
            f"leaves the second stage no epoch: `epochs` counts both, and is {epochs}",
            key="training.first_epochs",
        )
