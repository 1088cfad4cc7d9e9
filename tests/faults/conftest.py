"""A storage of its own for each test, and nobody who waits for seconds."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from optuna.storages._rdb import storage as optuna_storage

from autoae.store import patience


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage that does not exist yet."""
    return f"sqlite:///{tmp_path / 'studies.db'}"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.05)
    # Optuna tries a new trial five times itself, a second apart.
    monkeypatch.setattr(optuna_storage, "random", SimpleNamespace(random=lambda: 0.0))
