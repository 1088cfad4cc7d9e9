"""What a study file says beside the network: objectives, costs, limits, search, claims."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from autoae.spec.config import Section
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.spec.metrics import COSTS, KNOWN_BEFORE_TRAINING, METRICS, Direction
from autoae.spec.names import nearest

Overrides = dict[str, Value]
Stack = Literal["auto", "off"] | Annotated[int, Field(ge=2)]
Method = Literal["tpe", "random", "grid", "gp", "cmaes", "nsga2", "qmc", "list", "ablation"]


def _known(name: str, table: object, what: str) -> str:
    assert isinstance(table, dict | tuple)
    if name not in table:
        raise ValueError(f"unknown {what} {name!r}; {nearest(name, table)}")
    return name


class Objective(Section):
    """One figure to make small or large."""

    metric: str = Field(description="a metric or a cost, see docs/study-file.md")
    direction: Direction = Field(description="`minimize` or `maximize`")

    @field_validator("metric")
    @classmethod
    def _is_metric(cls, name: str) -> str:
        return _known(name, {**METRICS, **COSTS}, "metric")


class Limits(Section):
    """What a network may cost at most; one that costs more is refused before its first epoch."""

    params: PositiveInt | None = Field(None, description="trainable parameters")
    flops: PositiveInt | None = Field(None, description="operations of one image, forward")
    latent_ratio: PositiveFloat | None = Field(None, description="latent per input number")

    def given(self) -> dict[str, float]:
        """The limits in force, by the name of their cost."""
        values = {name: getattr(self, name) for name in KNOWN_BEFORE_TRAINING}
        return {name: value for name, value in values.items() if value is not None}


class SearchOptions(Section):
    """How the space is searched."""

    method: Method = Field("tpe", description="a sampler, or `list` to run the variants")
    pruner: Literal["successive-halving", "median", "hyperband", "none"] = Field(
        "successive-halving", description="rule that stops weak trials early"
    )
    trials: PositiveInt | None = Field(
        None, description="budget over all runs and workers; 50, or all of a list or an ablation"
    )
    timeout: PositiveFloat | None = Field(
        None, description="seconds after which no further trial starts"
    )
    epoch_timeout: PositiveFloat | None = Field(
        3600.0, description="seconds after which a trial that has ended no epoch hangs, and fails"
    )
    seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(0, description="of the sampler")
    seeds: Annotated[int, Field(ge=1, le=10_000)] = Field(
        1, description="repeat each run of a list or an ablation with seeds 0, 1, ..."
    )
    pairs: bool = Field(False, description="an ablation varies every two factors together as well")
    stack: Stack = Field(
        "auto",
        description="trials that one worker trains at once as a stack; `auto`: on a GPU, those "
        "that are alike anyway",
    )


class Claim(Section):
    """A published figure to set beside ours."""

    variant: str = Field(description="the variant or trial that it speaks of")
    metric: str = Field(description="the figure's name")
    value: float = Field(description="the figure")
    source: str = Field(description="where it was published")
    protocol: str = Field("", description="how it was measured, as far as it differs from ours")


Cost = Annotated[str, Field(description="a cost")]


class Settings(Section):
    """The top level of a study file, without the four sections that describe the training."""

    description: str = Field("", description="the question that the study asks")
    objectives: tuple[Objective, ...] = Field(
        (), strict=False, description="what to optimise; accuracy or MSE unless given"
    )
    costs: tuple[Cost, ...] = Field(
        ("params", "flops"), strict=False, description="what to record for every trial"
    )
    limits: Limits = Field(Limits(), description="what a network may cost at most")
    search: SearchOptions = Field(SearchOptions(), description="how the space is searched")
    variants: dict[str, Overrides] = Field({}, description="name: {key: value, ...} for `list`")
    profiles: dict[str, Overrides] = Field({}, description="name: {key: value, ...}, by --profile")
    profile: str | None = Field(None, description="the profile that was applied (set by autoae)")
    replaced: Overrides = Field(
        {}, description="what the profile took the place of, null for nothing (set by autoae)"
    )
    claims: tuple[Claim, ...] = Field((), strict=False, description="published figures")

    @field_validator("costs")
    @classmethod
    def _are_costs(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known(name, COSTS, "cost") for name in names)

    @field_validator("objectives")
    @classmethod
    def _differ(cls, objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
        names = [objective.metric for objective in objectives]
        if len(set(names)) < len(names):
            raise ValueError("one metric stands twice among the objectives")
        return objectives

    def check(self) -> None:
        """Refuse settings that contradict each other.

        Raises:
            SpecError: Seeds without a list, or a list without variants.
        """
        if self.search.method == "list" and not self.variants:
            raise SpecError("method `list` needs `variants`", key="search.method")
        if self.search.method != "list" and self.variants:
            raise SpecError("`variants` are run by `search: {method: list}`", key="variants")
        for index, claim in enumerate(self.claims if self.variants else ()):
            if claim.variant not in self.variants:
                known = nearest(claim.variant, self.variants)
                raise SpecError(f"unknown variant; {known}", key=f"claims.{index}.variant")
        if self.search.method not in ("list", "ablation") and self.search.seeds > 1:
            raise SpecError("`seeds` repeats the runs of a list or an ablation", key="search.seeds")
        if self.search.method != "ablation" and self.search.pairs:
            raise SpecError("`pairs` is for method `ablation`", key="search.pairs")
