"""What a training leaves in its run folder."""

import io
import time
from collections.abc import Mapping

import numpy as np
import torch

from autoae.data.resident import ResidentData
from autoae.search.event_files import EventFiles
from autoae.store.runs import RunFolder
from autoae.training import Training
from autoae.training.artifacts import Array, arrays
from autoae.training.environment import environment
from autoae.training.weights import Description, save_weights

CHECKPOINT_SECONDS = 1.0
"""No more often than this: where an epoch takes milliseconds, saving it would take as long."""
_QUICK_SECONDS = 0.05
"""Where saving takes longer, checkpoints are as much rarer: a twentieth of the time is for them."""

COMPRESSED_SECONDS = 20.0
"""Of training, from which on what there is to see is compressed."""


class Results:
    """Writes the files of one training.

    Args:
        folder: Where.
        training: Of one member.
        data: What it is trained on.
        tensorboard: Whether event files are written as well.
        together: How many are trained side by side: all of them share the time for checkpoints.
    """

    def __init__(
        self,
        folder: RunFolder,
        training: Training,
        data: ResidentData,
        *,
        tensorboard: bool = False,
        together: int = 1,
    ) -> None:
        self._folder = folder
        self._training = training
        self._member = training.member(0)
        self._data = data
        self._saved, self._together = time.monotonic(), together
        self._took = 0.0
        self._rate = self._member.learning_rate
        self._events = EventFiles(folder.path) if tensorboard else None

    def begin(self) -> None:
        """Before the first epoch: what is trained, and on what."""
        self._folder.write_configuration(self._member.configuration)
        self._folder.write_environment(environment(self._member, self._together))

    def epoch(self) -> None:
        """After an epoch: its metrics, and a checkpoint where one is due."""
        member = self._member
        self._folder.append_metrics(member.epoch, member.metrics)
        gradients = member.layer_gradients.means() if member.layer_gradients else {}
        if gradients:
            self._folder.append_gradients(member.epoch, gradients)
        if self._events is not None:
            self._events.epoch(member.epoch, member.metrics, self._rate, gradients)
        # A schedule has moved it on by now, for the next epoch.
        self._rate = member.learning_rate
        every = member.configuration.training.checkpoint_every
        due = every > 0 and member.epoch % every == 0
        if due and (not member.running or self._waited()):
            self._save()

    def stop(self) -> None:
        """Before the training is told to stop: a trial that repeats it goes on from here."""
        if self._member.configuration.training.checkpoint_every > 0:
            self._save()

    def end(self) -> None:
        """After the last epoch: the best weights, and what there is to see."""
        member, data = self._member, self._data
        description = Description.of(
            member.configuration, data, member.best_metrics, member.best_epoch
        )
        save_weights(member.network, self._folder.weights, description)
        seen = arrays(member, data, member.best.look)
        self._folder.write_bytes(self._folder.arrays, self._packed(seen))
        self._folder.keep()

    def close(self) -> None:
        """Nothing more comes, however the training ended."""
        if self._events is not None:
            self._events.close()

    def _packed(self, seen: Mapping[str, Array]) -> bytes:
        """As `np.load` reads them, compressed where the trial has taken long beside it.

        A free worker waits for it: large latents took 80 ms at zlib's quickest, 170 ms at NumPy's
        level, for a third of the bytes or somewhat less.
        """
        content = io.BytesIO()
        save = np.savez_compressed if self._member.seconds > COMPRESSED_SECONDS else np.savez
        save(content, **seen)  # type: ignore[arg-type]
        return content.getvalue()

    def _waited(self) -> bool:
        rarely = max(1.0, self._took / _QUICK_SECONDS)
        return time.monotonic() - self._saved >= CHECKPOINT_SECONDS * self._together * rarely

    def _save(self) -> None:
        began = time.monotonic()
        # Through memory: torch reports a full disk as anything but that.
        content = io.BytesIO()
        torch.save(self._training.state_dict(), content)
        # Its epochs must be there as well: without their lines it is no use.
        self._folder.keep()
        self._folder.write_bytes(self._folder.checkpoint, content.getvalue())
        self._saved = time.monotonic()
        self._took = self._saved - began
