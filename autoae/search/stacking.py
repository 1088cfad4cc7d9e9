"""Which trials one worker is given to train side by side."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from optuna.trial import FrozenTrial

from autoae.search.retrying import parts_of
from autoae.spec.config import Configuration
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.errors import SpecError
from autoae.spec.settings import Stack
from autoae.spec.stacking import is_free, stacking_key
from autoae.spec.study import StudySpec
from autoae.store.queueing import parameters_of

AUTOMATIC = 16
"""Trials of a stack on a GPU, unless the study file says how many."""


@dataclass(frozen=True)
class Like:
    """What the companions of a trial have in common with it.

    Attributes:
        key: The `stacking_key` of each.
        params: The parameters that make the shape of its network, and how it is trained.
        drawn: Whether a sampler may be asked for further trials of these.
    """

    key: str
    params: Mapping[str, Value]
    drawn: bool

    @classmethod
    def of(cls, trial: FrozenTrial, configuration: Configuration, *, drawn: bool) -> Self | None:
        """Of a trial that was asked for; None where it is trained alone.

        Args:
            trial: With its parameters.
            configuration: Of the trial.
            drawn: Whether a sampler may be asked for more of a shape that it drew itself. Where
                no parameter makes the shape, all trials have it, and it may in any case.
        """
        key = stacking_key(configuration)
        if key is None or parts_of(trial.user_attrs) > 1:
            return None
        params = {name: at for name, at in parameters_of(trial).items() if not is_free(name)}
        return cls(key, params, drawn or not params)


@dataclass(frozen=True)
class Stacking:
    """How many trials a worker is given at once.

    Attributes:
        stack: As the study file says.
    """

    stack: Stack

    @property
    def asks_when_ready(self) -> bool:
        """Whether it depends on the device that a worker finds, where there may be several."""
        return self.stack == "auto" and _may_have_gpu()

    @property
    def draws(self) -> bool:
        """Whether a sampler is asked for as many trials of one architecture."""
        return isinstance(self.stack, int)

    def most(self, configuration: Configuration, device: str) -> int:
        """How many trials at once.

        Args:
            configuration: Of the first of them.
            device: The kind that its worker trains on by default.
        """
        if isinstance(self.stack, int):
            return self.stack
        wanted = configuration.device
        on_gpu = wanted.startswith("cuda") or (wanted, device) == ("auto", "cuda")
        return AUTOMATIC if self.stack == "auto" and on_gpu else 1


def shape_of(spec: StudySpec, params: Mapping[str, Value]) -> str | None:
    """The `stacking_key` of planned or queued parameters; None where they are not all given."""

    def choose(key: str, domain: Domain) -> Value:
        value = params[key]
        return domain.value_of(value) if isinstance(domain, Choices) else value

    try:
        return stacking_key(spec.configuration(choose))
    except (KeyError, SpecError, ValueError):
        return None


@cache
def _may_have_gpu() -> bool:
    """Whether there is a driver of NVIDIA: whether torch can use it, only a worker knows."""
    return Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None
