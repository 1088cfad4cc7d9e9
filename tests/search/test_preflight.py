"""What is missing is told once, before the first worker starts."""

from pathlib import Path

import pytest

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.errors import SpecError
from tests.search.support import create, snapshot, tiny

BACKBONE = """
data: {limit: 20}
model: {encoder: {kind: {values: [mobilenet_v2, conv]}, weights: imagenet}, task: classify}
"""


def test_weights_that_cannot_be_fetched_end_a_run_before_it_begins(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    def never(_: int) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    create(url, tiny(text=BACKBONE))
    with pytest.raises(SpecError, match="the ImageNet weights of mobilenet_v2 cannot be") as told:
        run_study("tiny", url, RunOptions(), SilentObserver(), launch=never)  # type: ignore[arg-type]
    assert told.value.place
    assert snapshot(url).trials == ()
