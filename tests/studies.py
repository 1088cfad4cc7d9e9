"""Whole studies for tests of what reports them: every state, every kind of search."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

from autoae.spec.domains import Choices, Domain, IntRange, Value
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.snapshots import START, trial

HYBRID = """\
description: Which knobs of a small hybrid matter on the digits?
data: {dataset: digits, validation: 300}
model:
  encoder: {kind: conv, depth: {min: 1, max: 2}, width: {values: [8, 16, 32]}}
  latent: {min: 4, max: 64, log: true}
  task: classify
  activation: {values: [relu, gelu, tanh]}
  batch_norm: {values: [true, false]}
loss: {beta: {min: 0.0, max: 2.0}}
training:
  optimizer: {values: [momentum, adam]}
  lr: {min: 1.0e-4, max: 1.0e-1, log: true}
  epochs: 8
objectives: [{metric: val_accuracy, direction: maximize}]
costs: [params, flops]
search: {trials: 40}
"""
TWO = "[{metric: val_accuracy, direction: maximize}, {metric: val_mse, direction: minimize}]"
LIST = """\
description: Does a published figure hold?
data: {dataset: digits, validation: 300}
model: {encoder: {kind: mlp, depth: 2, width: 32}, latent: 8, task: classify}
training: {epochs: 8}
objectives: [{metric: val_accuracy, direction: maximize}]
variants:
  baseline: {}
  wide: {model.encoder.width: 64}
  linear: {model.activation: tanh}
search: {method: list, seeds: 5}
"""
DEPTHS = """\
data: {dataset: digits, validation: 300}
model: {encoder: {kind: mlp, depth: 2, width: 32}, task: classify, decoder: none}
training: {epochs: 8, gradients: true}
objectives: [{metric: val_accuracy, direction: maximize}]
variants:
  deep: {model.encoder.depth: 20}
  shallow: {}
  deep-residual:
    {model.encoder.depth: 20, model.encoder.residual: true, model.head: "R(10) > L'(10)"}
  shallow-residual: {model.encoder.residual: true, model.head: "R(10) > L'(10)"}
  alone: {model.encoder.residual: matched, model.encoder.depth: 7}
  written: {model.encoder: "L(32) > L(32) > L(32)"}
search: {method: list, seeds: 3}
"""
ABLATION = """\
data: {dataset: digits, validation: 300}
model:
  encoder: {kind: mlp, depth: 2, width: 32}
  latent: 8
  task: classify
  batch_norm: {values: [false, true]}
training: {epochs: 8, lr: {values: [0.01, 0.1, 0.001]}}
objectives: [{metric: val_accuracy, direction: maximize}]
search: {method: ablation, seeds: 4}
"""


def spec(text: str = HYBRID, name: str = "hybrid") -> StudySpec:
    """A study file from text."""
    return study_from_text(text, name=name, source=name)


def two_objectives() -> StudySpec:
    """The search with two objectives."""
    return spec(HYBRID.replace("[{metric: val_accuracy, direction: maximize}]", TWO), "two")


def searched(spec: StudySpec, trials: int = 30, seed: int = 1) -> StudySnapshot:
    """A search in which most trials are complete and every other state occurs.

    Args:
        spec: Its space is drawn from at random.
        trials: How many there are, all states together.
        seed: Of the draws and of the noise.
    """
    random = Random(seed)
    made = [_trial(spec, number, _drawn(spec, random), random) for number in range(trials)]
    return _study(spec, [_state(each, random) for each in made])


def repeated(spec: StudySpec, seed: int = 1) -> StudySnapshot:
    """A list or an ablation with all its seeds complete."""
    random = Random(seed)
    runs = enumerate(spec.runs())
    return _study(spec, [_trial(spec, number, run, random) for number, run in runs])


def _study(spec: StudySpec, trials: list[TrialSnapshot]) -> StudySnapshot:
    return StudySnapshot(spec.name, spec.objectives, spec.budget, tuple(trials))


def _drawn(spec: StudySpec, random: Random) -> dict[str, Value]:
    params: dict[str, Value] = {}

    def choose(name: str, domain: Domain) -> Value:
        params[name] = _draw(domain, random)
        return params[name]

    spec.configuration(choose)
    return params


def _draw(domain: Domain, random: Random) -> Value:
    if isinstance(domain, Choices):
        return random.choice(domain.values)
    low, high = domain.low, domain.high
    value = (
        math.exp(random.uniform(math.log(low), math.log(high)))
        if domain.log
        else (random.uniform(low, high))
    )
    return round(value) if isinstance(domain, IntRange) else value


def _trial(
    spec: StudySpec, number: int, params: Mapping[str, Value], random: Random
) -> TrialSnapshot:
    configuration = spec.configuration(lambda name, _: params[name])
    error = _error(params) + abs(random.gauss(0, 0.01))
    width = params.get("model.latent", 16)
    parameters = 900 + 150 * (width if isinstance(width, int) else 16) + random.randrange(4000)
    made = trial(number, *_values(spec, error), params=params, parameters=parameters)
    curves = {
        each.metric: tuple((e, _curve(value, e)) for e in range(1, 9))
        for each, value in zip(spec.objectives, made.values, strict=True)
    }
    return replace(
        made,
        notation=f"C({8 + number % 3 * 8}) > L'({width}) | L'(10)",
        curves=curves,
        epoch=8,
        epochs=8,
        variant=str(params["variant"]) if "variant" in params else None,
        seed=int(str(params.get("seed", 0))),
        metrics={"val_accuracy": 1 - error, "val_mse": error / 5, "val_loss": 3 * error},
        costs={**made.costs, "latency_ms": 0.2 + random.random()},
        configuration=configuration.model_dump(mode="json"),
        started=START + timedelta(seconds=7 * number),
        finished=START + timedelta(seconds=7 * number + 20),
    )


def _error(params: Mapping[str, Value]) -> float:
    """Best near a learning rate of 0.01; batch norm helps, and everything else does nothing."""
    lr = params.get("training.lr", 0.01)
    assert isinstance(lr, float)
    norm = 0.0 if params.get("model.batch_norm", True) else 0.03
    return 0.03 + 0.06 * abs(math.log10(lr) + 2) + norm


def _values(spec: StudySpec, error: float) -> Iterator[float]:
    for objective in spec.objectives:
        yield 1 - error if objective.metric == "val_accuracy" else 0.1 - 0.5 * error


def _curve(value: float, epoch: int) -> float:
    return value * (1 - 0.5 ** (epoch + 1)) / (1 - 0.5**9)


def _state(trial: TrialSnapshot, random: Random) -> TrialSnapshot:
    """Some trials end, or wait, in another state."""
    number = trial.number
    if number in (5, 17):
        reason = "1,203,400 parameters are more than 500,000"
        return replace(_bare(trial), state="PRUNED", refused=True, reason=reason)
    if number in (9,):
        return replace(_bare(trial), state="FAIL", reason="the loss is not finite in epoch 3 <lr>")
    if number in (28,):
        return replace(trial, state="RUNNING", values=(), finished=None, epochs=4)
    if number in (29,):
        return replace(_bare(trial), state="WAITING", started=None, finished=None)
    if random.random() < 0.25:
        cut = {name: curve[:3] for name, curve in trial.curves.items()}
        values = (trial.curve[2][1],) if len(trial.values) == 1 else ()
        return replace(
            trial, state="PRUNED", curves=cut, values=values, epochs=3, reason="worse than the rung"
        )
    return trial


def _bare(trial: TrialSnapshot) -> TrialSnapshot:
    return replace(trial, values=(), curves={}, metrics={}, epochs=0, epoch=None)
