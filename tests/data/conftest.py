"""A cache and a data directory of their own for tests of the data room."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    place = tmp_path / "cache"
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(place))
    return place


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    """An empty directory that AUTOAE_DATA_DIR names, beside an empty cache."""
    place = tmp_path / "data"
    place.mkdir()
    monkeypatch.setenv("AUTOAE_DATA_DIR", str(place))
    return place


@pytest.fixture
def stripes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The data set `stripes`, as if another package had declared it."""
    point = EntryPoint("stripes", "tests.data.stripes:STRIPES", "autoae.datasets")
    points = {"autoae.datasets": (point,)}
    monkeypatch.setattr("autoae.data.datasets.entry_points", lambda *, group: points.get(group, ()))
