"""What every test may use: the real data where it is, and a cache and storage of its own."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

_CACHE = "AUTOAE_TEST_CACHE"


def pytest_configure() -> None:
    """One cache for the whole run, so that real data are decoded once; and one thread.

    With more threads a busy machine slows small networks down manifold. PyTorch and the processes
    that tests start read this when they begin.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    if _CACHE not in os.environ:
        os.environ[_CACHE] = tempfile.mkdtemp(prefix="autoae-test-cache-")
        os.environ[f"{_CACHE}_OWNER"] = str(os.getpid())


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    if os.environ.get(f"{_CACHE}_OWNER") == str(os.getpid()):
        shutil.rmtree(os.environ.pop(_CACHE), ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _migrations_are_read_once() -> None:
    """Optuna reads its migrations anew for each storage: most of what opening a small one takes."""
    optuna_storage = sys.modules.get("optuna.storages._rdb.storage")
    if optuna_storage is None:  # No test that was collected needs it.
        return
    manager, kept = optuna_storage._VersionManager, list[object]()
    read = manager._create_alembic_script

    def read_once(self: Any) -> object:
        kept.extend([] if kept else [read(self)])
        return kept[0]

    manager._create_alembic_script = read_once


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's cache and storage."""
    monkeypatch.setenv("AUTOAE_CACHE_DIR", os.environ[_CACHE])
    for name in ("AUTOAE_STORAGE", "OPTUNA_STORAGE", "AUTOAE_ARTIFACTS", "AUTOAE_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def data_directory() -> Path | None:
    """The directory of the real data sets, if this machine has one."""
    name = os.environ.get("AUTOAE_DATA_DIR")
    return Path(name).resolve() if name and Path(name).is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the real data where there are none, and run slow tests last."""
    if data_directory() is None:
        skip = pytest.mark.skip(reason="AUTOAE_DATA_DIR names no directory with the real data")
        for item in items:
            if item.get_closest_marker("needs_data"):
                item.add_marker(skip)
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
