"""A folder of one's own to run commands in, and a study that needs no training."""

import functools
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from autoae.cli.main import app

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

STUDY = """
description: Which knobs matter?
data: {dataset: digits}
model:
  encoder: {kind: conv, depth: {min: 1, max: 2}, width: {values: [4, 8]}}
  latent: {min: 2, max: 16, log: true}
  task: classify
training: {lr: {min: 1.0e-4, max: 1.0e-1, log: true}, epochs: 2}
search: {trials: 4}
"""


@dataclass(frozen=True)
class Said:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> "dict[str, object]":
        """Its output, read as JSON."""
        found: dict[str, object] = json.loads(self.out)
        return found


Autoae = Callable[..., Said]


@pytest.fixture
def autoae(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Autoae:
    """Run the command line in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*words: str, answer: str | None = None) -> Said:
        result = CliRunner().invoke(app, list(words), input=answer)
        return Said(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in threads of this process: torch is imported only once for all tests."""
    import autoae.search.run as search
    from tests.search.support import launch_thread

    run = functools.partial(search.run_study, launch=launch_thread)
    monkeypatch.setattr(search, "run_study", run)


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    """A small study file, `small.yaml`."""
    path = tmp_path / "small.yaml"
    path.write_text(STUDY)
    return path


@pytest.fixture(scope="session")
def filled_storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study `small`: ten complete trials, one pruned, one failed."""
    from autoae.spec.reading import study_from_text
    from autoae.store.storage import close_storage, open_storage
    from autoae.store.studies import create_study

    folder = tmp_path_factory.mktemp("filled") / "storage"
    spec = study_from_text(STUDY.replace("trials: 4", "trials: 20"), name="small", source="small")
    storage = open_storage(f"sqlite:///{folder}/autoae.db")
    create_study(storage, spec).add_trials(_trials())
    close_storage(storage)
    return folder


@pytest.fixture
def filled(autoae: Autoae, filled_storage: Path, tmp_path: Path) -> Autoae:
    """The command line in a folder whose storage has the study `small`."""
    shutil.copytree(filled_storage, tmp_path / "storage")
    return autoae


def _trials() -> "list[FrozenTrial]":
    from optuna.distributions import FloatDistribution, IntDistribution
    from optuna.trial import TrialState, create_trial

    distributions = {
        "training.lr": FloatDistribution(1e-4, 1e-1, log=True),
        "model.latent": IntDistribution(2, 16, log=True),
    }
    trials = []
    for number in range(12):
        lr, latent = 1e-4 * 1.7**number, 2 + number
        state = {10: TrialState.PRUNED, 11: TrialState.FAIL}.get(number, TrialState.COMPLETE)
        configuration = {
            "data": {"dataset": "digits"},
            "model": {"encoder": {"kind": "conv", "depth": 1, "width": 4}, "latent": latent,
                      "task": "classify"},
            "training": {"lr": lr, "epochs": 2},
        }  # fmt: skip
        attributes = {
            "params": 1000 * (number + 1), "flops": 9e4,
            "notation": f"C(4) > L'({latent}) | L'(10)",
            "val_accuracy": 0.5 + number / 30, "epoch": 2, "epochs": 2, "seed": 0,
            "configuration": configuration,
        }  # fmt: skip
        if state is not TrialState.COMPLETE:
            attributes["reason"] = "the loss is not finite in epoch 1 (learning rate 0.1)"
        trials.append(
            create_trial(
                state=state,
                value=0.5 + number / 30 if state is TrialState.COMPLETE else None,
                params={"training.lr": lr, "model.latent": latent},
                distributions=distributions,
                user_attrs=attributes,
                intermediate_values={1: 0.3, 2: 0.5},
            )
        )
    return trials
