"""One validation of a whole stack beside validations one after the other, for `gpu.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import torch
from cases import Case
from figures import Figure

from autoae.data import load
from autoae.data.resident import ResidentData, resident
from autoae.spec.config import Configuration
from autoae.spec.study import with_seed
from autoae.training import Selection, Training
from autoae.training.devices import synchronize
from autoae.training.epoch import validate
from autoae.training.member import Member
from autoae.training.stacks.validation import validate_together

Metrics = list[dict[str, float]]


@dataclass
class Validation:
    """Both ways for the members of one stack, which are not trained.

    Attributes:
        members: Of the stack.
        data: With validation images.
        together: Seconds of each round, of all at once.
        apart: Seconds of each round, of one after the other.
    """

    members: Sequence[Member]
    data: ResidentData
    together: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)

    @classmethod
    def of(
        cls, options: Configuration, images: int, members: int, device: torch.device
    ) -> "Validation":
        """Of a configuration whose seeds differ, on so many images."""
        section = options.data.model_copy(update={"validation": images})
        data = resident(load(section), section, device)
        configurations = [with_seed(options, seed) for seed in range(members)]
        select = Selection.by("val_loss")
        training = Training.create(configurations, data, select=select, device=device)
        return cls(training.members, data)

    def at_once(self) -> Metrics:
        """All together."""
        return validate_together(self.members, self.data)

    def one_by_one(self) -> Metrics:
        """Each by itself."""
        return [validate(member, self.data) for member in self.members]

    def difference(self) -> float:
        """The largest relative one between the losses of both ways."""
        pairs = zip(self.at_once(), self.one_by_one(), strict=True)
        return max(abs(own["val_loss"] / alone["val_loss"] - 1) for own, alone in pairs)

    def run(self, rounds: int) -> None:
        """Measure both ways in turn."""
        for _ in range(rounds):
            self.together.append(self._seconds(self.at_once))
            self.apart.append(self._seconds(self.one_by_one))

    def _seconds(self, way: Callable[[], Metrics]) -> float:
        synchronize(self.data.device)
        start = perf_counter()
        way()
        return perf_counter() - start

    def figure(self, case: Case) -> Figure:
        """Of what was measured."""
        ratios = [apart / own for own, apart in zip(self.together, self.apart, strict=True)]
        count, images = len(self.members), self.data.validation_size
        return Figure(
            f"{case.name}: validation of a stack of {count}, {images:,} images",
            f"{1000 * median(self.together):,.0f} ms",
            f"one after the other {1000 * median(self.apart):,.0f} ms",
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        )
