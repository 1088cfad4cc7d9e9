"""The random numbers of one member of a training, apart from everyone else's."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


class RandomState:
    """Two streams: one for batches and augmentation, and torch's global one, for dropout.

    The global stream is put in place only while the member works, so that members do not
    touch each other and nothing that happened before in the process has an influence.

    Args:
        seed: Of both streams.
        device: Where the member is.
        order: A seed of its own for the batches, or None.
    """

    def __init__(self, seed: int, device: torch.device, *, order: int | None = None) -> None:
        self.batches = torch.Generator().manual_seed(seed if order is None else order)
        self._places = _places(device)
        other = _other_seed(seed)
        self._dropout = [
            torch.Generator(place).manual_seed(other).get_state() for place in self._places
        ]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let torch's global random numbers be the member's own for a while."""
        outside = [_global_state(place) for place in self._places]
        self._install(self._dropout)
        try:
            yield
        finally:
            self._dropout = [_global_state(place) for place in self._places]
            self._install(outside)

    def _install(self, states: list[Tensor]) -> None:
        for place, state in zip(self._places, states, strict=True):
            _set_global_state(place, state)

    def state_dict(self) -> dict[str, Tensor | list[Tensor]]:
        """Both streams as byte tensors."""
        return {"batches": self.batches.get_state(), "dropout": list(self._dropout)}

    def load_state_dict(self, state: dict[str, Tensor | list[Tensor]]) -> None:
        """Go on from there; a stream of a device that is not in use here is left out."""
        batches, dropout = state["batches"], state["dropout"]
        assert isinstance(batches, Tensor)
        self.batches.set_state(batches.cpu())
        saved = [stream.cpu() for stream in dropout[: len(self._places)]]
        self._dropout = saved + self._dropout[len(saved) :]


def _other_seed(seed: int) -> int:
    """A seed for dropout that shares no stream with the batches."""
    return int(np.random.SeedSequence([seed, 1]).generate_state(1)[0])


def _places(device: torch.device) -> tuple[torch.device, ...]:
    """The devices whose global random numbers a training may draw from."""
    cpu = torch.device("cpu")
    return (cpu,) if device.type == "cpu" else (cpu, device)


def _global_state(place: torch.device) -> Tensor:
    if place.type == "cuda":
        return torch.cuda.get_rng_state(place)
    return torch.mps.get_rng_state() if place.type == "mps" else torch.get_rng_state()


def _set_global_state(place: torch.device, state: Tensor) -> None:
    if place.type == "cuda":
        torch.cuda.set_rng_state(state, place)
    elif place.type == "mps":
        torch.mps.set_rng_state(state)
    else:
        torch.set_rng_state(state)
