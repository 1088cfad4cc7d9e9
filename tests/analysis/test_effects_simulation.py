"""The ledger on studies whose truth is known: it seldom claims what is not there.

A short form of `benchmarks/effects.py`, with fixed seeds and generous margins.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from autoae.analysis.effects import effects
from autoae.analysis.ledger import Effect
from autoae.spec.domains import Value
from tests.analysis.effect_studies import DEPTH, KIND, SPACE, paired, searched

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def covered(effect: Effect, truth: float) -> bool:
    interval = effect.interval
    return interval is not None and interval.low <= truth <= interval.high


def test_pairs_seldom_claim_anything_about_factors_that_do_nothing() -> None:
    generator, found = np.random.default_rng(0), list[Effect]()
    for _ in range(300):
        noise = generator.normal(size=(3, 5)) * np.array([[1.0], [0.5], [2.0]])
        found += effects(*paired({str(arm): list(noise[arm]) for arm in range(3)})).effects
    assert np.mean([effect.is_claim for effect in found]) < 0.05
    assert np.mean([covered(effect, 0) for effect in found]) > 0.93


def test_searches_seldom_claim_anything_about_knobs_that_do_nothing() -> None:
    def truth(params: Mapping[str, Value]) -> float:
        return (1.5 if params[KIND] == "sgd" else 0.0) * (1 if params[DEPTH] == 1 else 2)

    rows: list[tuple[Effect, float | None]] = []
    for seed in range(40):
        ledger = effects(searched(truth, 50, seed), SPACE)
        true = {(KIND, "sgd"): 2.5, (DEPTH, "2"): 0.75, (DEPTH, "3"): 0.75}
        rows += [
            (effect, true.get((effect.knob, effect.level), 0.0))
            for effect in ledger.effects
            if effect.kind == "level"
        ]
    inert = [effect for effect, value in rows if value == 0]
    assert np.mean([effect.is_claim for effect in inert]) < 0.1
    assert np.mean([covered(effect, value or 0.0) for effect, value in rows]) > 0.9
    real = [effect for effect, value in rows if value == 2.5]
    assert np.mean([effect.verdict == "helps" for effect in real]) > 0.9


@pytest.mark.slow
def test_the_benchmark_runs_and_prints_its_tables() -> None:
    command = [sys.executable, "effects.py", "--quick", "--processes", "1"]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=True)
    for column in ("inert claimed", "coverage", "power", "PED-ANOVA", "seed "):
        assert column in done.stdout
