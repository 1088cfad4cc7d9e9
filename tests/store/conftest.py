"""A storage of its own for each test, and a study file small enough to read at a glance."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.storages import BaseStorage

from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.storage import close_storage, open_storage
from tests.store.postgres import needs_postgres, server

SMALL = """\
description: a question
model:
  encoder: {kind: mlp, depth: {min: 1, max: 3}, width: {values: [8, 16]}}
  latent: {min: 2, max: 32, log: true}
  activation: {values: [relu, tanh]}
training:
  lr: {min: 1e-4, max: 1e-1, log: true}
  epochs: 2
"""

TWO = """\
objectives:
  - {metric: val_mse, direction: minimize}
  - {metric: params, direction: minimize}
"""


def small(name: str = "small", *, text: str = SMALL, extra: str = "") -> StudySpec:
    """The small study file, read."""
    return study_from_text(text + extra, name=name, source=f"{name}.yaml")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage that does not exist yet, in a directory that does not either."""
    return f"sqlite:///{tmp_path / 'deep' / 'er' / 'studies.db'}"


@pytest.fixture
def storage(url: str) -> Iterator[BaseStorage]:
    """That storage, open."""
    opened = open_storage(url)
    yield opened
    close_storage(opened)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A storage of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/studies.db"
        return
    with server() as url:
        yield url
