"""The same search with Optuna alone, as its documentation has it: ask, report, prune, tell."""

from time import process_time

import optuna
from search_study import EPOCHS, NAME
from search_worker import quality


def run(url: str, trials: int) -> list[float]:
    """Run some trials of a study that trains nothing.

    Args:
        url: Of a storage with the study.
        trials: How many.

    Returns:
        CPU seconds of this process when each had ended.
    """
    sampler = optuna.samplers.TPESampler(seed=0)
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=4)
    study = optuna.load_study(study_name=NAME, storage=url, sampler=sampler, pruner=pruner)
    ends = []
    for _ in range(trials):
        _trial(study)
        ends.append(process_time())
    return ends


def _trial(study: optuna.Study) -> None:
    trial = study.ask()
    _suggest(trial)
    for epoch in range(1, EPOCHS + 1):
        value = quality(trial.number, epoch)
        trial.report(value, epoch)
        assert not trial.should_prune()
    study.tell(trial, value)


def _suggest(trial: optuna.Trial) -> None:
    """The space of the study, parameter by parameter."""
    for layer in range(trial.suggest_int("model.encoder.depth", 1, 2)):
        trial.suggest_categorical(f"model.encoder.width.{layer + 1}", [8, 16, 32])
    trial.suggest_categorical("model.encoder.down", ["pool", "stride"])
    trial.suggest_int("model.latent", 4, 64, log=True)
    trial.suggest_categorical("model.head", ["L'(10)", "L(64) > L'(10)"])
    trial.suggest_categorical("model.activation", ["relu", "leaky_relu", "gelu"])
    trial.suggest_categorical("model.batch_norm", [True, False])
    trial.suggest_float("loss.beta", 0.0, 2.0)
    trial.suggest_float("loss.gamma", 1e-6, 1e-2, log=True)
    trial.suggest_categorical("training.optimizer", ["momentum", "adam", "adamw"])
    trial.suggest_float("training.lr", 1e-4, 1e-1, log=True)
