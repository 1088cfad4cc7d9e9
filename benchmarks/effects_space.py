"""A space with known truths, from which synthetic searches are drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from optuna.trial import Trial

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value

Form = Literal["additive", "curved", "cliff"]
Column = npt.NDArray[np.float64]
Table = Mapping[str, Column]
"""Raw values by knob, the place of a choice; NaN where the knob does not apply."""

SPACE: dict[str, Domain] = {
    "lr": FloatRange(1e-4, 1e-1, log=True),
    "latent": IntRange(4, 64, log=True),
    "optimizer": Choices(("sgd", "adam", "adamw")),
    "batch_norm": Choices((True, False)),
    "depth": IntRange(1, 3),
    "width.3": Choices((8, 16, 32)),
    "inert_number": FloatRange(0.0, 0.5),
    "inert_choice": Choices(("relu", "gelu", "tanh")),
}
"""`width.3` applies where the depth is 3."""

INERT = ("inert_number", "inert_choice")
SIZES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of effects, in standard deviations of the noise."""

CLIFFS = np.array([0.95, 0.75, 0.6])
"""Where the learning rate of each optimizer is too high, along its range."""

NOISE = np.array([0.6, 1.0, 1.5])
"""Its standard deviation with each optimizer, about 1 on the whole."""


@dataclass(frozen=True)
class Truth:
    """What the knobs do.

    Attributes:
        form: Main effects alone, or curvature and interactions as well, or beyond these a cliff
            in the learning rate, another one for each optimizer, which the model does not know.
        sizes: Of six effects, with their signs, in standard deviations of the noise.
        order: Of the three optimizers.
    """

    form: Form
    sizes: Column
    order: Column

    def __call__(self, table: Table) -> Column:
        """The expected metric of each row."""
        rate, latent = _along("lr", table["lr"]), _along("latent", table["latent"])
        optimizer = table["optimizer"].astype(int)
        a, b, c, d, e, f = self.sizes
        width = np.nan_to_num(table["width.3"])
        plain = c * self.order[optimizer] / 2 + d * table["batch_norm"] + e * table["depth"] / 2
        plain = plain + f * width / 2
        if self.form == "additive":
            return np.asarray(plain + 1.5 * a * rate + 1.5 * b * latent)
        bent = -6 * abs(a) * (rate - 0.4) ** 2 + b * np.tanh(6 * (latent - 0.4))
        steep = a * (rate - 0.5) * np.where(optimizer == 0, 2.0, -1.0)
        crossed = d * (table["batch_norm"] - 0.5) * (table["depth"] - 2)
        smooth = np.asarray(plain + bent + steep + crossed)
        fallen = rate > CLIFFS[optimizer]
        return np.where(fallen, -15.0, smooth) if self.form == "cliff" else smooth

    def effect(self, knob: str, level: str, reference: str) -> float:
        """The mean change over the uniform space, from many draws."""
        values = self.everywhere
        return float(values[_inside(knob, level)].mean() - values[_inside(knob, reference)].mean())

    @cached_property
    def everywhere(self) -> Column:
        """The expected metric of every draw from the uniform space."""
        return self(uniform())


def draw_truth(generator: np.random.Generator, form: Form, times: float = 1.0) -> Truth:
    """A truth with effects of half to two standard deviations of the noise, times a factor."""
    signs = times * generator.choice([-1.0, 1.0], len(SIZES))
    sizes = generator.permutation(SIZES) * signs
    return Truth(form, sizes, generator.permutation(np.arange(3.0)))


DRAWS = 40_000


@cache
def uniform() -> Table:
    """Draws from the uniform space, the same every time."""
    generator = np.random.default_rng(12345)
    table = {name: _draw(domain, generator, DRAWS) for name, domain in SPACE.items()}
    table["width.3"] = np.where(table["depth"] == 3, table["width.3"], np.nan)
    return table


def _draw(domain: Domain, generator: np.random.Generator, count: int) -> Column:
    if isinstance(domain, Choices):
        return generator.integers(len(domain.values), size=count).astype(float)
    margin = 0.5 if isinstance(domain, IntRange) else 0.0
    low, high = domain.low - margin, domain.high + margin
    if domain.log:
        found = np.exp(generator.uniform(np.log(low), np.log(high), count))
    else:
        found = generator.uniform(low, high, count)
    return (
        found if isinstance(domain, FloatRange) else np.clip(np.rint(found), low + 0.5, high - 0.5)
    )


def _along(name: str, values: Column) -> Column:
    domain = SPACE[name]
    assert not isinstance(domain, Choices)
    return np.asarray(np.log(values / domain.low) / np.log(domain.high / domain.low))


@cache
def _inside(name: str, label: str) -> npt.NDArray[np.bool_]:
    """Which draws a level of the ledger holds, read from its label."""
    domain, values = SPACE[name], uniform()[name]
    if isinstance(domain, Choices):
        names = [str(value).lower() for value in domain.values]
        return np.asarray(values == names.index(label))
    low, _, high = label.partition(" to ")
    return np.asarray((values >= float(low)) & (values <= float(high or low)))


def ask(trial: Trial) -> dict[str, Value]:
    """Every parameter of a trial, the conditional one only where it applies."""
    params: dict[str, Value] = {}
    for name, domain in SPACE.items():
        if name != "width.3" or params["depth"] == 3:
            params[name] = _SUGGEST[type(domain)](trial, name, domain)
    return params


def _suggest_number(trial: Trial, name: str, domain: Domain) -> Value:
    if isinstance(domain, IntRange):
        return trial.suggest_int(name, domain.low, domain.high, log=domain.log)
    assert isinstance(domain, FloatRange)
    return trial.suggest_float(name, domain.low, domain.high, log=domain.log)


def _suggest_choice(trial: Trial, name: str, domain: Domain) -> Value:
    assert isinstance(domain, Choices)
    return trial.suggest_categorical(name, domain.labels)


_SUGGEST: dict[type, Callable[[Trial, str, Domain], Value]] = {
    IntRange: _suggest_number,
    FloatRange: _suggest_number,
    Choices: _suggest_choice,
}


def as_table(params: Mapping[str, Value]) -> Table:
    """One trial as a table of one row."""
    return {name: np.array([_raw(domain, params.get(name))]) for name, domain in SPACE.items()}


def _raw(domain: Domain, value: Value) -> float:
    if value is None:
        return float("nan")
    return float(domain.values.index(value) if isinstance(domain, Choices) else float(str(value)))
