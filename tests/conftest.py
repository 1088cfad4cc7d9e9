"""What every test may use: the real data where it is, and a cache and storage of its own."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's cache and storage, and one thread each."""
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(shared_cache(tmp_path_factory)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("AUTOAE_STORAGE", "OPTUNA_STORAGE", "AUTOAE_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def shared_cache(factory: pytest.TempPathFactory) -> Path:
    """One cache for the whole run, so that real data are decoded once."""
    cache = factory.getbasetemp().parent / "autoae-cache"
    cache.mkdir(exist_ok=True)
    return cache


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
