"""A storage of its own for each test."""

from pathlib import Path

import pytest


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage that does not exist yet."""
    return f"sqlite:///{tmp_path / 'studies.db'}"
