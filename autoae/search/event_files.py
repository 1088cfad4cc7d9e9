"""Event files: the figures of a training where TensorBoard reads them."""

from collections.abc import Mapping
from importlib.util import find_spec
from math import isfinite
from pathlib import Path

from autoae.search.errors import SearchError


def check_tensorboard() -> None:
    """Refuse to write event files without the package that knows their format.

    Raises:
        SearchError: It is not installed.
    """
    if find_spec("tensorboard") is None:
        raise SearchError(
            "--tensorboard needs the package tensorboard, which is not installed",
            hint="pip install 'autoae[tensorboard]'",
        )


class EventFiles:
    """Adds the figures of each epoch to an event file.

    The package writes in a thread of its own, and what is added is on the disk when the epoch
    ends, so that TensorBoard shows a training that goes on.

    Args:
        folder: Where the file goes; its name in TensorBoard is that of the folder.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary import Writer

        self._writer = Writer(str(folder))

    def epoch(
        self,
        epoch: int,
        metrics: Mapping[str, float],
        learning_rate: float,
        gradients: Mapping[str, float],
    ) -> None:
        """Add one epoch.

        Args:
            epoch: From 1.
            metrics: By name.
            learning_rate: Of its last step.
            gradients: By layer; may be empty.
        """
        figures = {_tag(name): value for name, value in metrics.items()}
        figures["training/learning_rate"] = learning_rate
        figures |= {f"gradients/{layer}": norm for layer, norm in gradients.items()}
        for tag, value in figures.items():
            if isfinite(value):
                self._writer.add_scalar(tag, value, epoch)
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


def _tag(name: str) -> str:
    """Training and validation of one figure stand together: `loss/train`, `loss/val`."""
    split, _, figure = name.partition("_")
    return f"{figure}/{split}" if split in ("train", "val") else f"training/{name}"
