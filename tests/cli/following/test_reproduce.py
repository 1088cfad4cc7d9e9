"""The printed command does reproduce a trial: the same figures in every epoch, the same weights."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from autoae.store.runs import RunFolder, run_root, trial_folder
from autoae.training.weights import load_network
from tests.cli.conftest import Autoae
from tests.search.support import TWO, create, run, tiny

URL = "sqlite:///storage/autoae.db"
LONG = """\
data: {limit: 200, validation: 100}
model: {encoder: L(8), latent: 4, task: classify}
training: {lr: 0.3, epochs: 12}
search: {method: random, trials: 1, pruner: none}
"""


def _figures(folder: RunFolder) -> list[dict[str, float | None]]:
    timed = "samples_per_second"
    lines = folder.read_metrics()
    return [{name: value for name, value in line.items() if name != timed} for line in lines]


@pytest.mark.slow
def test_a_trial_is_trained_again_as_it_was(autoae: Autoae, tmp_path: Path) -> None:
    words = _reproduce(autoae, "").replace(" autoae ", f" {sys.executable} -m autoae ")
    done = subprocess.run(
        f"{words} --json", shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    _check_the_same(tmp_path / json.loads(done.stdout)["folder"])


def test_a_trial_with_two_objectives_is_trained_again_as_it_was(
    autoae: Autoae, tmp_path: Path
) -> None:
    words = shlex.split(_reproduce(autoae, TWO).partition(" autoae ")[2])
    _check_the_same(tmp_path / str(autoae(*words, "--json").json["folder"]))


def _reproduce(autoae: Autoae, extra: str) -> str:
    """The command that trains trial 0 of a study again."""
    create(URL, tiny(extra, text=LONG))
    run(URL)
    said = autoae("trial", "reproduce", "tiny", "0")
    assert (said.code, said.err) == (0, "")
    return said.out.strip()


def _check_the_same(folder: Path) -> None:
    first, again = trial_folder(run_root(URL), "tiny", 0), RunFolder(folder)
    assert len(_figures(first)) == 12
    assert _figures(again) == _figures(first)
    old, new = (load_network(folder.weights) for folder in (first, again))
    assert old[1].epoch == new[1].epoch
    weights = zip(old[0].parameters(), new[0].parameters(), strict=True)
    assert all(a.equal(b) for a, b in weights)
