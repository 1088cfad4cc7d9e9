"""A small study that was really trained, and workers that cost no process."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import autoae.search.run as search
from autoae.search.observer import SilentObserver
from autoae.spec.reading import read_study
from tests.cli.conftest import Autoae
from tests.search.support import create, launch_thread, tiny

SEARCHED = """\
description: Which knobs matter?
data: {validation: 100, limit: 400}
model:
  encoder: {kind: mlp, depth: {min: 1, max: 2}, width: {values: [8, 16]}}
  latent: {min: 2, max: 8, log: true}
  task: classify
training: {lr: {min: 1.0e-3, max: 1.0e-1, log: true}, epochs: 4}
search: {method: random, trials: 6, pruner: none}
profiles: {quick: {data.limit: 200, training.epochs: 2}}
"""
LISTED = """\
data: {validation: 100, limit: 200}
model: {encoder: L(8), latent: 4, task: classify}
training: {epochs: 2}
search: {method: list, seeds: 3}
variants:
  {narrow: {}, wide: {model.encoder: L(32)}, coder: {model.task: none}, blind: {loss.beta: 0.0}}
objectives: [{metric: val_mse, direction: minimize}]
"""


@pytest.fixture(autouse=True)
def _threads(in_threads: None) -> None:
    """Train in threads of this process."""


@pytest.fixture(scope="session")
def trained_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the studies `tiny` (a search, quick profile) and `listed` (a list), trained."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.yaml").write_text(SEARCHED)
    url = f"sqlite:///{folder}/storage/autoae.db"
    create(url, read_study(str(folder / "tiny.yaml"), profile="quick"))
    create(url, tiny(text=LISTED, name="listed"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOAE_CACHE_DIR", os.environ["AUTOAE_TEST_CACHE"])
        for name in ("tiny", "listed"):
            options = search.RunOptions()
            search.run_study(name, url, options, SilentObserver(), launch=launch_thread)
    yield folder / "storage"
    shutil.rmtree(folder)


@pytest.fixture
def trained(autoae: Autoae, trained_storage: Path, tmp_path: Path) -> Autoae:
    """The command line in a folder whose storage has the trained studies."""
    shutil.copytree(trained_storage, tmp_path / "storage")
    return autoae
