"""What a network costs: parameters, operations, time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from autoae.models.network import Network
from autoae.spec.plan import NetworkPlan


@dataclass(frozen=True)
class Costs:
    """What is known of a network before it is trained.

    Attributes:
        params: Trainable numbers.
        flops: Floating-point operations of one image, forward; a multiply-add counts as two.
        latent_ratio: Latent numbers per input number.
        uncounted: Operations of the forward pass that compute and of which `flops` knows no
            formula, by torch's names: activations, norms, pools, resizing, sums.
    """

    params: int
    flops: int
    latent_ratio: float
    uncounted: tuple[str, ...]


@dataclass(frozen=True)
class Flops:
    """The operations of one image, forward.

    Attributes:
        total: Of the whole network.
        of_module: By the dotted name of a module; those that have none are left out.
        uncounted: Operations without a formula.
    """

    total: int
    of_module: dict[str, int]
    uncounted: tuple[str, ...]


KEPT = 64
"""Plans whose operations are remembered: a trial asks twice, for its costs and for the precision,
and many trials of a study share an architecture. Counting takes as long as a short epoch."""

_KNOWN: dict[NetworkPlan, Flops] = {}


def costs(network: Network) -> Costs:
    """Count parameters and operations of a network, or of its outline, in evaluation mode."""
    flops = _KNOWN.pop(network.plan, None) or count_flops(network)
    # What was asked for last stands last.
    _KNOWN[network.plan] = flops
    while len(_KNOWN) > KEPT:
        _KNOWN.pop(next(iter(_KNOWN)))
    ratio = prod(network.plan.latent) / prod(network.plan.image)
    return Costs(parameters(network), flops.total, ratio, flops.uncounted)


def parameters(module: nn.Module) -> int:
    """The number of trainable numbers."""
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)


def count_flops(network: Network) -> Flops:
    """Run one image through and count with `torch.utils.flop_counter`."""
    image = torch.zeros(1, *network.plan.image, device=_device(network))
    counter = FlopCounterMode(display=False)
    with _evaluating(network), counter, _Uncounted(counter) as unknown:
        network(image)
    root = f"{type(network).__name__}."
    of_module = {
        name.removeprefix(root): sum(counts.values())
        for name, counts in counter.get_flop_counts().items()
        if name.startswith(root)
    }
    return Flops(counter.get_total_flops(), of_module, tuple(sorted(unknown.names)))


def latency_ms(network: Network, device: torch.device, batch: int) -> float:
    """The median time of a forward pass in evaluation mode, in milliseconds.

    Three passes go before; then up to twenty are measured, fewer if they take above a second.

    Args:
        network: On the device.
        device: Where.
        batch: Images at once.
    """
    images = torch.zeros(batch, *network.plan.image, device=device)
    with _evaluating(network):
        warm = [_seconds(network, images) for _ in range(3)]
        repeats = min(20, max(3, round(1.0 / max(warm[-1], 1e-6))))
        return 1000 * median(_seconds(network, images) for _ in range(repeats))


def _seconds(network: Callable[[Tensor], object], images: Tensor) -> float:
    start = perf_counter()
    network(images)
    if images.device.type != "cpu":
        torch.accelerator.synchronize(images.device)
    return perf_counter() - start


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluate within, and train afterwards if that was so."""
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(training)


class _Uncounted(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the operations for which a counter, entered before, counts nothing."""

    def __init__(self, counter: FlopCounterMode) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counter = counter
        self.names: set[str] = set()

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload[..., object],
        types: Sequence[type],
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        before = self.counter.get_total_flops()
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__.lstrip("_")
        # A view reads the same numbers in another shape, and `empty` only reserves memory.
        if self.counter.get_total_flops() == before and not func.is_view and name != "empty":
            self.names.add(name)
        return result
