"""The printed command does reproduce a trial: the same figures in every epoch, the same weights."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autoae.store.runs import RunFolder, run_root, trial_folder
from autoae.training.weights import load_network
from tests.cli.conftest import Autoae
from tests.search.support import TWO, create, run, tiny

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


@pytest.mark.parametrize("extra", ["", TWO])
def test_a_trial_is_trained_again_as_it_was(autoae: Autoae, tmp_path: Path, extra: str) -> None:
    url = "sqlite:///storage/autoae.db"
    create(url, tiny(extra, text=LONG))
    run(url)
    said = autoae("trial", "reproduce", "tiny", "0")
    assert (said.code, said.err) == (0, "")
    words = said.out.replace(" autoae ", f" {sys.executable} -m autoae ").strip()
    done = subprocess.run(
        f"{words} --json", shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    first = trial_folder(run_root(url), "tiny", 0)
    again = RunFolder(tmp_path / json.loads(done.stdout)["folder"])
    assert len(_figures(first)) == 12
    assert _figures(again) == _figures(first)
    old, new = (load_network(folder.weights) for folder in (first, again))
    assert old[1].epoch == new[1].epoch
    weights = zip(old[0].parameters(), new[0].parameters(), strict=True)
    assert all(a.equal(b) for a, b in weights)
