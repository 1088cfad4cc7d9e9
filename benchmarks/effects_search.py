"""Synthetic searches: drawn by Optuna's samplers, analysed, and held against the truth."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import optuna
from effects_rows import Ranking, Row, row_of
from effects_space import INERT, NOISE, SPACE, Form, Truth, as_table, ask, draw_truth
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from optuna.pruners import NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import Trial, TrialState

from autoae.analysis.effects import effects
from autoae.analysis.ledger import Ledger
from autoae.store.snapshot_reader import read_snapshot

METRIC = "val_accuracy"
EPOCHS = 8
CONDITIONAL = "width.3"
SLOW_STUDIES, SLOW_LENGTH = 100, 60
"""Studies of a setting, and trials, on which fANOVA is run as well."""


@dataclass(frozen=True)
class Search:
    """A setting of which many studies are drawn.

    Attributes:
        sampler: `random` or `tpe`.
        form: Of the truth.
        pruned: Whether successive halving prunes.
        strong: Whether all effects are ten times as large.
        lengths: Trials after which the study is analysed.
    """

    sampler: str
    form: Form
    lengths: tuple[int, ...]
    pruned: bool = False
    strong: bool = False

    def name(self, trials: int) -> str:
        """As the tables show it."""
        truth = "curved, interacting" if self.form == "curved" else self.form
        more = f"{', pruned' if self.pruned else ''}{', strong' if self.strong else ''}"
        return f"{self.sampler}, {truth}{more}, {trials} trials"


SEARCHES = tuple(
    search
    for sampler in ("random", "tpe")
    for search in (
        Search(sampler, "additive", lengths=(30, 60, 100, 200)),
        Search(sampler, "curved", lengths=(30, 60, 100, 200)),
        Search(sampler, "curved", lengths=(60, 100), pruned=True),
        Search(sampler, "curved", lengths=(100,), strong=True),
        Search(sampler, "cliff", lengths=(60,)),
    )
)


def grown(epoch: int) -> float:
    """Which part of its last value the expected metric has after an epoch."""
    return 1 - 0.5**epoch


def search_rows(search: Search, index: int, seed: int) -> tuple[list[Row], list[Ranking]]:
    """One study of a setting, analysed after each of its lengths."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    generator = np.random.default_rng(seed)
    times = 10.0 if search.strong else 1.0
    truth = draw_truth(generator, search.form, times)
    study = _draw_study(search, truth, generator)
    rows, rankings, snapshot = list[Row](), list[Ranking](), read_snapshot(study)
    for length in search.lengths:
        part = replace(snapshot, trials=snapshot.trials[:length])
        ledger = effects(part, SPACE)
        setting = search.name(length)
        rows += _rows(setting, index, ledger, truth)
        rankings += _rankings(setting, index, ledger, _prefix(study, length))
    return rows, rankings


def _draw_study(search: Search, truth: Truth, generator: np.random.Generator) -> optuna.Study:
    pruner = SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    study = optuna.create_study(
        direction="maximize",
        sampler=_sampler(search.sampler, int(generator.integers(2**31))),
        pruner=pruner if search.pruned else NopPruner(),
    )
    study.set_metric_names([METRIC])
    for _ in range(max(search.lengths)):
        _run(study, study.ask(), truth, generator, search)
    return study


def _sampler(name: str, seed: int) -> BaseSampler:
    return TPESampler(seed=seed) if name == "tpe" else RandomSampler(seed=seed)


def _run(
    study: optuna.Study, trial: Trial, truth: Truth, generator: np.random.Generator, search: Search
) -> None:
    """Train: fail more often at high learning rates, prune or finish."""
    params = ask(trial)
    table = as_table(params)
    rate, deviation = float(table["lr"][0]), float(NOISE[int(table["optimizer"][0])])
    if generator.random() < (0.15 if rate > 1e-2 else 0.03):
        study.tell(trial, state=TrialState.FAIL)
        return
    expected, own = float(truth(table)[0]), generator.normal()
    if not search.pruned:
        study.tell(trial, expected + deviation * own)
        return
    for epoch in range(1, EPOCHS + 1):
        noise = 0.8 * own + 0.6 * generator.normal()
        value = grown(epoch) * expected + deviation * noise
        trial.report(value, epoch)
        if epoch in (1, 2, 4) and trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return
    study.tell(trial, value)


def _rows(setting: str, index: int, ledger: Ledger, truth: Truth) -> Iterator[Row]:
    for effect in ledger.effects:
        if effect.kind != "inert" and effect.level:
            scale = 1.0 if effect.epoch is None else grown(effect.epoch)
            inert = effect.knob in INERT
            true = truth.effect(effect.knob, effect.level, effect.reference) * scale
            yield row_of(setting, index, None if inert else true, effect)


def _prefix(study: optuna.Study, length: int) -> optuna.Study:
    part = optuna.create_study(direction="maximize")
    part.add_trials(study.get_trials(deepcopy=False)[:length])
    return part


def _rankings(setting: str, index: int, ledger: Ledger, study: optuna.Study) -> Iterator[Ranking]:
    real = [name for name in SPACE if name not in (*INERT, CONDITIONAL)]
    scores: dict[str, Mapping[str, float]] = {"autoae": _evidence(ledger)}
    scores["PED-ANOVA"] = _importance(study, PedAnovaImportanceEvaluator())
    if index < SLOW_STUDIES and len(study.get_trials(deepcopy=False)) == SLOW_LENGTH:
        scores["fANOVA"] = _importance(study, FanovaImportanceEvaluator(seed=index))
    for method, score in scores.items():
        highest = max(score.get(name, -1.0) for name in INERT)
        below = sum(score.get(name, -1.0) <= highest for name in real)
        yield Ranking(setting, method, index, below, len(real))


def _evidence(ledger: Ledger) -> dict[str, float]:
    """How sure each knob's effect is: less its smallest p-value, corrected within the knob."""
    found: dict[str, list[float]] = {}
    for effect in ledger.effects:
        found.setdefault(effect.knob, []).append(1.0 if effect.p is None else effect.p)
    return {knob: -min(1.0, min(values) * len(values)) for knob, values in found.items()}


def _importance(
    study: optuna.Study, evaluator: PedAnovaImportanceEvaluator | FanovaImportanceEvaluator
) -> Mapping[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optuna.importance.get_param_importances(study, evaluator=evaluator)
