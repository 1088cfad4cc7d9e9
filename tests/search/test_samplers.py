"""What every sampler promises: its budget, its space, no point twice, the same study again."""

from pathlib import Path

import pytest

from autoae.search.errors import SearchError
from autoae.search.samplers import SAMPLERS, run_seed, sampler_for
from autoae.spec.domains import Choices, Domain
from autoae.store.snapshot import StudySnapshot
from tests.search.support import TINY, TWO, create, run, snapshot, tiny

DISCRETE = TINY.replace("{min: 1e-3, max: 1e-1, log: true}", "{values: [0.001, 0.01]}")
LIST = f"""\
{
    TINY.replace("{min: 1, max: 2}", "1")
    .replace("{values: [8, 16]}", "8")
    .replace("{min: 2, max: 8, log: true}", "2")
    .replace("{min: 1e-3, max: 1e-1, log: true}", "0.01")
}
variants: {{small: {{model.latent: 2}}, large: {{model.latent: 8}}, slow: {{training.lr: 0.001}}}}
"""
ABLATION = DISCRETE.replace("{min: 1, max: 2}", "{values: [2, 1]}").replace(
    "{min: 2, max: 8, log: true}", "{values: [2, 8]}"
)
TEXTS = {"grid": DISCRETE, "list": LIST, "ablation": ABLATION}


def study(method: str, extra: str = "", *, trials: int = 6, seed: int = 0) -> str:
    """The text of a study for a sampler."""
    seeds = ", seeds: 3" if method in ("list", "ablation") else ""
    search = f"search: {{method: {method}, trials: {trials}, seed: {seed}, pruner: none{seeds}}}\n"
    return TEXTS.get(method, TINY) + search + extra


def points(found: StudySnapshot) -> list[tuple[tuple[str, str], ...]]:
    return [tuple((key, repr(v)) for key, v in trial.params.items()) for trial in found.trials]


@pytest.mark.parametrize("method", SAMPLERS)
def test_it_uses_up_its_budget_within_the_space(method: str, url: str) -> None:
    _need(method)
    spec = tiny(text=study(method))
    create(url, spec)
    assert dict(run(url).finished) == {"COMPLETE": 6}
    domains = spec.domains()
    for trial in snapshot(url).trials:
        assert trial.state == "COMPLETE"
        assert all(_holds(domains[key], value) for key, value in trial.params.items())


@pytest.mark.parametrize("method", SAMPLERS)
def test_taken_up_again_it_does_not_begin_anew(method: str, url: str) -> None:
    _need(method)
    create(url, tiny(text=study(method, trials=3)))
    run(url)
    run(url, trials=6)
    found = points(snapshot(url))
    assert len(found) == 6
    assert found[:3] != found[3:]
    # The children of nsga2 may be the image of a parent.
    assert method == "nsga2" or len(set(found)) == 6


@pytest.mark.parametrize("method", SAMPLERS)
def test_two_fresh_studies_with_one_seed_are_the_same(method: str, tmp_path: Path) -> None:
    _need(method)
    found = []
    for name in ("first", "second"):
        url = f"sqlite:///{tmp_path}/{name}/studies.db"
        create(url, tiny(text=study(method, trials=4)))
        run(url)
        found.append(snapshot(url))
    assert points(found[0]) == points(found[1])
    first, second = ([trial.values for trial in each.trials] for each in found)
    assert first == second


@pytest.mark.parametrize("method", [name for name in SAMPLERS if name != "cmaes"])
def test_several_objectives(method: str, url: str) -> None:
    create(url, tiny(text=study(method, TWO)))
    run(url)
    assert all(len(trial.values) == 2 for trial in snapshot(url).trials)


def test_cmaes_says_that_it_has_one_objective(url: str) -> None:
    _need("cmaes")
    create(url, tiny(text=study("cmaes", TWO)))
    with pytest.raises(SearchError, match="one objective") as refused:
        run(url)
    assert refused.value.key == "search.method"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.search.samplers.find_spec", lambda _: None)
    with pytest.raises(SearchError, match="package cmaes") as refused:
        sampler_for(tiny(text=study("cmaes")), 0)
    assert "pip install" in refused.value.hint


def test_other_seeds_draw_other_points(tmp_path: Path) -> None:
    found = []
    for seed in (0, 1):
        url = f"sqlite:///{tmp_path}/{seed}/studies.db"
        create(url, tiny(text=study("qmc", trials=2, seed=seed)))
        run(url)
        found.append(points(snapshot(url)))
    assert found[0] != found[1]


def test_every_run_has_a_seed_of_its_own() -> None:
    seeds = {run_seed(seed, run) for seed in range(20) for run in range(20)}
    assert len(seeds) == 400


def _need(method: str) -> None:
    if package := SAMPLERS[method].package:
        pytest.importorskip(package)


def _holds(domain: Domain, value: object) -> bool:
    if isinstance(domain, Choices):
        return value in domain.labels
    return isinstance(value, int | float) and domain.low <= value <= domain.high
