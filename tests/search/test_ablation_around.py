"""From a search and its winner to an ablation: an ordinary study file, the winner its baseline."""

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.spec.ablation import AblationOptions, ablation_around
from autoae.spec.config import Configuration
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.neighbours import neighbours
from autoae.spec.reading import read_study, study_from_text
from autoae.spec.runs import Run
from autoae.spec.study import StudySpec

SEARCH = """\
model:
  encoder:
    kind: {values: [conv, mlp]}
    depth: {min: 1, max: 3}
    width: {values: [4, 8, 16]}
    down: {values: [pool, stride]}
  latent: {min: 2, max: 32, log: true}
training: {lr: {min: 1.0e-4, max: 1.0e-1, log: true}, optimizer: {values: [adam]}}
"""


def search(text: str = SEARCH) -> StudySpec:
    return study_from_text(text, name="search", source="search.yaml")


def drawn(spec: StudySpec, seed: int) -> dict[str, Value]:
    """The parameters of a trial as Optuna keeps them."""
    found, dice = dict[str, Value](), random.Random(seed)

    def choose(name: str, domain: Domain) -> Value:
        value = _drawn(domain, dice)
        labels = (
            dict(zip(map(repr, domain.values), domain.labels, strict=True))
            if isinstance(domain, Choices)
            else {}
        )
        found[name] = labels.get(repr(value), value)
        return value

    spec.configuration(choose)
    return found


def _drawn(domain: Domain, dice: random.Random) -> Value:
    match domain:
        case Choices(values):
            return dice.choice(values)
        case IntRange(low, high):
            return dice.randint(low, high)
        case FloatRange(low, high):
            return dice.uniform(low, high)


def configuration(spec: StudySpec, params: Mapping[str, Value]) -> Configuration:
    def choose(name: str, domain: Domain) -> Value:
        return domain.value_of(params[name]) if isinstance(domain, Choices) else params[name]

    return spec.configuration(choose)


def around(spec: StudySpec, params: Mapping[str, Value], **options: object) -> StudySpec:
    return ablation_around(spec, params, "ablation", 7, AblationOptions(**options))  # type: ignore[arg-type]


def trained(spec: StudySpec, run: Run) -> Configuration:
    return spec.configuration(lambda name, _: run[name])


@pytest.mark.parametrize("preset", ["digits-hybrid", "mnist-cae", "cifar-hybrid", SEARCH])
@pytest.mark.parametrize("seed", range(5))
def test_the_baseline_is_the_trial_but_for_its_seed(preset: str, seed: int) -> None:
    spec = search(preset) if "\n" in preset else read_study(preset)
    params = drawn(spec, seed)
    found = around(spec, params, seeds=1, first_seed=41)
    expected = configuration(spec, params)
    training = expected.training.model_copy(update={"seed": 41})
    assert trained(found, found.runs()[0]) == expected.model_copy(update={"training": training})


@pytest.mark.parametrize("seed", range(10))
def test_every_variant_is_a_configuration_of_the_search(seed: int) -> None:
    spec = search()
    params = drawn(spec, seed)
    found = around(spec, params, seeds=1)
    assert len(found.runs()) > 8
    for run in found.runs():
        assert len(trained(found, run).model.model_dump()["encoder"]["width"]) <= 3


@pytest.mark.parametrize("seed", range(10))
def test_a_variant_differs_from_the_baseline_in_one_knob(seed: int) -> None:
    spec = search()
    found = around(spec, drawn(spec, seed), seeds=1)
    baseline = found.runs()[0]
    for run in found.runs()[1:]:
        shared = run.keys() & baseline.keys()
        changed = [name for name in shared if run[name] != baseline[name]]
        assert len(changed) == 1


def test_a_deeper_layer_takes_the_width_of_the_last_one() -> None:
    spec = search(SEARCH.replace("{values: [conv, mlp]}", "conv"))
    params = drawn(spec, 0) | {"model.encoder.depth": 2, "model.encoder.width.1": 16}
    params |= {"model.encoder.width.2": 4}
    params.pop("model.encoder.width.3", None)
    found = around(spec, params)
    deep = next(run for run in found.runs() if run["model.encoder.depth"] == 3)
    assert trained(found, deep).model.model_dump()["encoder"]["width"] == (16, 4, 4)
    # A layer that the baseline does not have is no knob of its own.
    assert "model.encoder.width.3" not in found.domains()


def test_it_is_a_study_file() -> None:
    spec = search()
    found = around(spec, drawn(spec, 3), seeds=3, first_seed=9, pairs=True)
    again = study_from_text(found.to_text(), name="ablation", source="x.yaml")
    assert (again.tree, again.settings) == (found.tree, found.settings)
    assert again.runs() == found.runs()
    assert found.settings.search.pruner == "none"


def test_factors_can_be_chosen() -> None:
    spec = search()
    params = drawn(spec, 2)
    found = around(spec, params, factors=["training.lr", "model.encoder.width"], seeds=2)
    widths = [name for name in params if name.startswith("model.encoder.width")]
    assert set(found.domains()) == {"training.lr", "seed", *widths}
    assert len(found.runs()) == 2 * (1 + 2 + 2 * len(widths))


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        ("training.rl", "did you mean 'training.lr'"),
        ("training.epochs", "is no parameter that study 'search' searches"),
        ("training.optimizer", "a single value"),
        ("model.encoder.width.3", "does not apply"),
        ("seed", "is no parameter"),
    ],
)
def test_a_factor_that_cannot_be_varied_is_named(factor: str, says: str) -> None:
    spec = search()
    shallow = next(p for p in (drawn(spec, i) for i in range(50)) if p["model.encoder.depth"] == 1)
    with pytest.raises(SpecError, match=says):
        around(spec, shallow, factors=[factor])


def test_a_study_that_searches_nothing_has_no_ablation() -> None:
    spec = search("model: {encoder: C(4)}\n")
    with pytest.raises(SpecError, match="nothing that could be varied"):
        around(spec, {})


def test_neighbours_lie_halfway_on_the_scale_of_the_range() -> None:
    assert neighbours(FloatRange(1e-4, 1e-1, log=True), 1e-2, 2) == (1e-3, 0.0316)
    assert neighbours(FloatRange(0.0, 2.0), 1.0, 2) == (0.5, 1.5)
    assert neighbours(FloatRange(0.0, 2.0), 0.0, 2) == (0.667, 1.33)
    assert neighbours(IntRange(1, 3), 2, 2) == (1, 3)
    assert neighbours(IntRange(1, 3), 3, 2) == (1, 2)
    assert neighbours(IntRange(4, 64, log=True), 16, 2) == (8, 32)
    assert neighbours(Choices((True, 1, "a")), True, 2) == (1, "a")


ENDS = st.tuples(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500)).map(sorted)


@given(ENDS, st.booleans(), st.integers(1, 6), st.booleans())
def test_neighbours_stay_in_the_range_and_are_others(
    ends: list[int], log: bool, levels: int, whole: bool
) -> None:
    low, value, high = ends
    domain = IntRange(low, high, log) if whole else FloatRange(low / 10, high / 10, log)
    here = value if whole else value / 10
    found = neighbours(domain, here, levels)
    assert len(found) <= levels
    for each in found:
        assert isinstance(each, int | float)
        assert domain.low <= each <= domain.high
        assert each != here
    if whole and levels > 1 and high > low:
        assert found
