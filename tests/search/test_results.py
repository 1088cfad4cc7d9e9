"""What a trial leaves at its end."""

from pathlib import Path

import numpy as np
import pytest

from autoae.search.results import COMPRESSED_SECONDS, Results
from autoae.store.arrays import read_arrays
from autoae.store.runs import RunFolder
from autoae.training import Training, artifacts
from tests.training.toy import VALIDATION, toy_configuration, toy_data, train


@pytest.fixture(scope="module")
def training() -> Training:
    """A short training that is over."""
    return train(toy_configuration(), data=toy_data())[0]


def _left(training: Training, folder: Path, seconds: float = 1.0) -> Path:
    """The arrays of a trial that took so long."""
    training.member(0).seconds = seconds
    run = RunFolder(folder)
    Results(run, training, toy_data()).begin()
    Results(run, training, toy_data()).end()
    return run.arrays


def test_validation_images_are_not_passed_over_once_more(
    training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        pytest.fail("a pass over the images")

    monkeypatch.setattr(artifacts, "look_at", never)
    assert len(read_arrays(_left(training, tmp_path))["errors"]) == VALIDATION


def test_what_a_long_trial_shows_is_compressed(training: Training, tmp_path: Path) -> None:
    brief = _left(training, tmp_path / "brief")
    long = _left(training, tmp_path / "long", COMPRESSED_SECONDS + 1)
    assert long.stat().st_size < brief.stat().st_size
    one, other = read_arrays(brief), read_arrays(long)
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
