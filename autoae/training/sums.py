"""Sums that stay on the device until the epoch is over."""

import torch
from torch import Tensor


class Sums:
    """Named running sums; adding never waits for the device, only `read` does."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self, name: str, value: Tensor, times: int = 1) -> None:
        """Add a 0-d tensor, or one number for each member of a stack, so many times."""
        if name not in self._sums:
            self._sums[name] = torch.zeros_like(value)
        self._sums[name].add_(value, alpha=times)

    @property
    def totals(self) -> dict[str, Tensor]:
        """All sums so far, on the device."""
        return self._sums

    def finite(self, name: str) -> bool:
        """Whether a sum, or that of any member, is still finite. Waits for the device."""
        return bool(self._sums[name].isfinite().any().item())

    def read(self) -> dict[str, float]:
        """All sums. Waits for the device, once."""
        if not self._sums:
            return {}
        values: list[float] = torch.stack(list(self._sums.values())).tolist()
        return dict(zip(self._sums, values, strict=True))

    def read_each(self) -> list[dict[str, float]]:
        """The sums of each member of a stack. Waits for the device, once."""
        rows: list[list[float]] = torch.stack(list(self._sums.values()), dim=1).tolist()
        return [dict(zip(self._sums, row, strict=True)) for row in rows]
