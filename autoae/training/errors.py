"""What can go wrong in a training that a person can mend."""

import torch

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


def first_line(error: BaseException) -> str:
    """What an error of torch says before it goes into detail."""
    return str(error).strip().partition("\n")[0]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the machine had no memory left for a tensor, or for a library."""
    # On the CPU, and where CUDA itself or a library asks, torch raises a RuntimeError like any
    # other.
    no_room = any(words in str(error) for words in _NO_ROOM)
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and no_room
    )


_NO_ROOM = (
    "can't allocate memory",
    "not enough memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
