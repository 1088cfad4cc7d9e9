"""The same study again gives the same answer: parameters, metrics of every epoch, weights."""

import json
from pathlib import Path

import psutil
import pytest

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.store.runs import run_root, trial_folder
from tests.search.support import create, run, snapshot, tiny

SEARCH = "search: {method: tpe, pruner: none, trials: 5, seed: 3}\n"
LIST = """\
search: {method: list, seeds: 2}
variants:
  narrow: {model.encoder.width: 8}
  wide: {model.encoder.width: 16}
"""
FIXED = """\
data: {limit: 200, validation: 100}
model: {encoder: {kind: mlp, depth: 1, width: 4}, latent: 4, task: classify, dropout: 0.2}
training: {lr: 0.01, epochs: 2}
"""
_MEASURED = ("samples_per_second",)


def _found(url: str) -> dict[str, object]:
    """By its parameters, what each trial left, without what a clock or the system measured."""
    found = dict[str, object]()
    for trial in snapshot(url).trials:
        folder = trial_folder(run_root(url), "tiny", trial.number)
        lines = [
            {name: value for name, value in line.items() if name not in _MEASURED}
            for line in folder.read_metrics()
        ]
        checksum = json.loads(folder.best.read_text())["sha256"]
        found[json.dumps(dict(trial.params))] = trial.seed, trial.values, lines, checksum
    return found


def test_one_worker_and_one_seed_give_identical_trials(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}/studies.db" for name in ("first", "second")]
    for url in urls:
        create(url, tiny(SEARCH))
        run(url)
    first, second = map(_found, urls)
    assert len(first) == 5
    # In the same order as well.
    assert list(first.items()) == list(second.items())


def test_a_study_that_was_continued_after_as_many_trials_is_the_same(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}/studies.db" for name in ("first", "second")]
    for url in urls:
        create(url, tiny(SEARCH))
        run(url, trials=2)
        run(url, trials=4)
    first, second = map(_found, urls)
    assert len(first) == 4
    assert list(first.items()) == list(second.items())


@pytest.mark.slow
def test_two_processes_train_every_configuration_as_one_does_and_leave_nothing_behind(
    tmp_path: Path,
) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}/studies.db" for name in ("one", "two")]
    for url in urls:
        create(url, tiny(LIST, text=FIXED))
    run(urls[0])
    run_study("tiny", urls[1], RunOptions(workers=2), SilentObserver())
    one, two = map(_found, urls)
    assert len(one) == 4
    assert one == two
    found = snapshot(urls[1])
    assert len(found.counted) == len(found.trials) == 4
    assert {trial.lease.worker for trial in found.trials if trial.lease} == {0, 1}
    assert not [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
