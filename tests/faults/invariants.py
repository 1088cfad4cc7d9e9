"""What holds of every study that was run to its end, whatever happened to it meanwhile."""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

from autoae.search.shelf import Shelf
from autoae.spec.config import Configuration
from autoae.spec.domains import Value
from autoae.spec.jsontext import read_json
from autoae.store.runs import RunFolder, run_root, trial_folder
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.training import Selection, Training, fit
from tests.search.support import snapshot

TIMES = {"seconds", "samples_per_second", "memory_mb"}


def invariants(url: str, budget: int, compared: int = 1) -> StudySnapshot:
    """Check a study in SQLite and its files.

    Args:
        url: Of the storage with the study `tiny`.
        budget: Of its trials.
        compared: How many of the trials that went on after a loss are trained again without one.

    Returns:
        The study.
    """
    found = snapshot(url)
    check_trials(found, budget)
    assert database_says(url, "PRAGMA integrity_check") == [("ok",)]
    complete = [trial for trial in found.trials if trial.state == "COMPLETE"]
    for trial in complete:
        check_epochs(folder_of(url, trial), trial)
    # In parts of batches other random numbers are drawn.
    again = (each for each in complete if each.retried_from is not None and each.batch_parts == 1)
    for trial in islice(again, compared):
        folder = folder_of(url, trial)
        assert curve(folder) == uninterrupted(folder)
    temporary = [path for path in run_root(url).glob("*/*/.*") if path.is_file()]
    assert temporary == []
    return found


def check_trials(found: StudySnapshot, budget: int) -> None:
    """Nothing is lost, doubled or still running."""
    assert len(found.counted) == budget
    assert {trial.state for trial in found.trials} <= {"COMPLETE", "PRUNED", "FAIL"}
    repeats = [trial.retried_from for trial in found.trials if trial.retried_from is not None]
    assert len(repeats) == len(set(repeats))
    for trial in found.trials:
        if trial.retried_from is not None:
            old = found.trials[trial.retried_from]
            assert old.state == "FAIL"
            # One that was lost while it was asked has a part of them; the next one has them all.
            if trial.seed is not None:
                assert _drawn(found, old).items() <= trial.params.items()
            # It is not known of a trial that was lost before it began.
            assert None in (old.seed, trial.seed) or old.seed == trial.seed


def _drawn(found: StudySnapshot, trial: TrialSnapshot) -> dict[str, Value]:
    """The parameters of a trial, and of those that it repeats."""
    known = dict(trial.params)
    while trial.retried_from is not None:
        trial = found.trials[trial.retried_from]
        assert all(known.get(name, value) == value for name, value in trial.params.items())
        known |= trial.params
    return known


def check_epochs(folder: RunFolder, trial: TrialSnapshot) -> None:
    """A finished trial has a line for every epoch, and its files."""
    lines = folder.read_metrics()
    assert [line["epoch"] for line in lines] == list(range(1, trial.epochs + 1))
    assert folder.weights.exists()
    assert folder.best.exists()
    assert folder.arrays.exists()


def folder_of(url: str, trial: TrialSnapshot) -> RunFolder:
    """Where a trial of the study `tiny` left its files."""
    return trial_folder(run_root(url), "tiny", trial.number)


def curve(folder: RunFolder) -> list[dict[str, float | None]]:
    """What was learned in each epoch, without how long it took."""
    lines = folder.read_metrics()
    return [{name: line[name] for name in line if name not in TIMES} for line in lines]


def uninterrupted(folder: RunFolder) -> list[dict[str, float | None]]:
    """The curve of the same configuration, trained from the first epoch to the last one."""
    configuration = Configuration.model_validate(read_json(folder.configuration.read_bytes()))
    data = Shelf().data(configuration.data, configuration.training.device)
    training = Training.create([configuration], data, select=Selection("val_accuracy", "maximize"))
    lines = list[dict[str, float | None]]()
    for report in fit(training, data):
        known = {name: value for name, value in report.metrics[0].items() if name not in TIMES}
        lines.append({"epoch": report.epoch, **known})
    return lines


def database_says(url: str, statement: str) -> list[tuple[object, ...]]:
    """What SQLite itself answers."""
    with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")))) as connection:
        return connection.execute(statement).fetchall()
