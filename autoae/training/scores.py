"""What trains an encoder alone: the principal components of its images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from torch import Tensor
from torch.nn import functional

from autoae.data.resident import ResidentData
from autoae.models import Output
from autoae.spec.config import Configuration
from autoae.training.batches import images_at_once
from autoae.training.errors import TrainingError
from autoae.training.loss import Loss, Terms, half_squares
from autoae.training.principal_components import (
    MOST_NUMBERS,
    PrincipalComponents,
    principal_components,
)
from autoae.training.target import target_of
from autoae.training.tasks import task_of


@dataclass(frozen=True, kw_only=True)
class ScoresLoss(Loss):
    """The distance of the latent from the scores of the principal components.

    It is the squared error of all scores of an image, divided by the numbers of the image: the
    mean squared error per pixel that these scores would add to that of the components. So it has
    the unit of the reconstruction, and its weight.

    Attributes:
        weight: That of the reconstruction.
        components: Fitted to what a reconstruction of the training images is compared with.
    """

    weight: float
    components: PrincipalComponents

    @property
    def compares(self) -> bool:
        """It does: scores are of the target."""
        return True

    @property
    def scale(self) -> float:
        """What the mean squared error of the scores is multiplied with."""
        return self.weight * self.components.directions.shape[1] / len(self.components.mean)

    def terms(
        self,
        output: Output,
        target: Tensor,
        labels: Tensor,
        weights: Sequence[Tensor],
        solved: Tensor | None = None,
    ) -> Terms:
        """The loss of one batch; the error of the scores is the total without the penalty."""
        del labels, solved
        error = functional.mse_loss(output.latent, self.components.scores(target.flatten(1)))
        return self.of_scores(error, half_squares(weights) if self.gamma else None)

    def of_scores(self, error: Tensor, penalty: Tensor | None) -> Terms:
        """The terms, by the mean squared error of the scores."""
        total = self.scale * error
        total = total if penalty is None else total + self.gamma * penalty
        return Terms(total, None, None, penalty)


def scores_loss(configuration: Configuration, data: ResidentData) -> ScoresLoss:
    """Fit the components to the training images, as many as the latent has numbers.

    Raises:
        TrainingError: The images are too large, or too few or too small for so many components.
    """
    count = configuration.model.latent
    assert isinstance(count, int), "another latent is refused when the study file is read"
    _check(data, count)
    found = principal_components(lambda: _targets(configuration, data))
    components = found.largest(count).to(data.device)
    return ScoresLoss(
        0.0,
        0.0,
        configuration.loss.gamma,
        configuration.loss.task,
        configuration.loss.reconstruction,
        task_of(configuration),
        weight=configuration.beta,
        components=components,
    )


def _targets(configuration: Configuration, data: ResidentData) -> Iterator[Tensor]:
    for batch in data.train_images(images_at_once(data.facts.shape, data.device)):
        yield target_of(batch.images, configuration, data).flatten(1).cpu()


def _check(data: ResidentData, count: int) -> None:
    numbers = prod(data.facts.shape)
    if numbers > MOST_NUMBERS:
        raise TrainingError(
            f"images of {numbers:,} numbers are too large for principal components; "
            f"at most {MOST_NUMBERS:,}",
            hint="set a smaller data.resize, or training.first_stage: reconstruction",
            key="training.first_stage",
        )
    most = min(numbers, data.train_size)
    if count > most:
        raise TrainingError(
            f"{data.train_size} images of {numbers} numbers have no {count} principal components",
            hint=f"set model.latent to {most} at most",
            key="model.latent",
        )
