"""What can go wrong in a training that a person can mend."""

from autoae.spec.errors import UserError


class TrainingError(UserError):
    """This configuration, these data and this machine do not go together."""


class Diverged(UserError):
    """The loss of one member is no longer a finite number.

    Attributes:
        member: Which member of the training it was.
        epoch: The epoch in which it was noticed, from 1.
        learning_rate: The learning rate in force then.
    """

    def __init__(self, epoch: int, learning_rate: float, member: int = 0) -> None:
        super().__init__(
            f"the loss is not finite in epoch {epoch} (learning rate {learning_rate:g})",
            hint="choose a smaller learning rate, or another initialisation",
            key="training.lr",
        )
        self.member = member
        self.epoch = epoch
        self.learning_rate = learning_rate
