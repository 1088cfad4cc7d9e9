"""Gradient accumulation: a batch in parts, one after the other, for a network short of memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import Parameter

from autoae.data.resident import Batch
from autoae.training.engines import Engine, Passed
from autoae.training.loss import Terms


@dataclass(frozen=True)
class SplitEngine:
    """Another engine on parts of each batch, with the mean of their gradients.

    The step is that of the whole batch but for batch normalisation, which sees the parts, and for
    the random numbers of dropout.

    Attributes:
        engine: Passes one part.
        weights: Those that are trained.
        parts: How many; no part has fewer than two images, of which batch normalisation needs two.
    """

    engine: Engine
    weights: Sequence[Parameter]
    parts: int

    def gradients(self, batch: Batch, target: Tensor, puzzle: Tensor | None = None) -> Passed:
        """See `Engine`."""
        size = len(batch.labels)
        parts = max(1, min(self.parts, size // 2))
        rows = torch.arange(size, device=batch.labels.device).chunk(parts)
        totals: dict[Parameter, Tensor] = {}
        passed = list[tuple[float, Passed]]()
        for chosen in rows:
            part = Batch(batch.images[chosen], batch.labels[chosen])
            solved = None if puzzle is None else puzzle[chosen]
            share = len(chosen) / size
            passed.append((share, self.engine.gradients(part, target[chosen], solved)))
            self._add(totals, share)
        for weight in self.weights:
            weight.grad = totals.get(weight)
        return _joined(passed)

    def _add(self, totals: dict[Parameter, Tensor], share: float) -> None:
        for weight in self.weights:
            if weight.grad is not None:
                part = weight.grad * share
                totals[weight] = totals[weight] + part if weight in totals else part


def _joined(passed: Sequence[tuple[float, Passed]]) -> Passed:
    """What one pass over all parts would have told."""
    columns = zip(*(each.terms for _, each in passed), strict=True)
    shares = [share for share, _ in passed]
    total, *terms = (_mean(shares, column) for column in columns)
    assert total is not None
    logits = [each.logits for _, each in passed if each.logits is not None]
    return Passed(Terms(total, *terms), torch.cat(logits) if logits else None)


def _mean(shares: Sequence[float], terms: Sequence[Tensor | None]) -> Tensor | None:
    known = [share * term for share, term in zip(shares, terms, strict=True) if term is not None]
    return torch.stack(known).sum() if known else None
