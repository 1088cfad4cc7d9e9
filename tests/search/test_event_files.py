"""Event files say what the other files say, and are closed however a training ends."""

from pathlib import Path
from typing import Any

import pytest

from autoae.search.messages import Answer, Epoch, Finished, Train
from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.settings import Objective
from autoae.store.runs import RunFolder
from tests.search.support import create, launch_thread, tiny

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

TEXT = """\
data: {limit: 100}
model: {encoder: L(8)}
training: {epochs: 3, gradients: true, schedule: step, schedule_every: 2, lr: 0.01}
"""


def events(folder: Path) -> dict[str, list[Any]]:
    """Every figure by its tag: epoch and value."""
    read = accumulator.EventAccumulator(str(folder)).Reload()
    found = {}
    for tag in read.Tags()["tensors"]:
        values = ((each.step, float(each.tensor_proto.float_val[0])) for each in read.Tensors(tag))
        found[tag] = list(values)
    return found


def order(folder: Path, *, rungs: frozenset[int] = frozenset()) -> Train:
    return Train(
        number=0,
        configuration=tiny(text=TEXT).configuration(lambda *_: None),
        folder=RunFolder(folder),
        select=Objective(metric="val_mse", direction="minimize"),
        rungs=rungs,
        limits={},
        costs=frozenset(),
        tensorboard=True,
    )


def test_they_hold_metrics_learning_rate_and_gradients_of_every_epoch(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    worker = launch_thread(0)
    worker.tell(order(folder))
    while not isinstance(worker.connection.recv(), Finished):
        pass
    found, lines = events(folder), RunFolder(folder).read_metrics()
    for tag, name in (("loss/train", "train_loss"), ("mse/val", "val_mse")):
        expected = [(line["epoch"], pytest.approx(line[name])) for line in lines]
        assert found[tag] == expected
    rates = [(1, pytest.approx(0.01)), (2, pytest.approx(0.01)), (3, pytest.approx(0.005))]
    assert found["training/learning_rate"] == rates
    gradients = RunFolder(folder).read_gradients()
    first = [(line["epoch"], pytest.approx(line["encoder.0.layer"])) for line in gradients]
    assert found["gradients/encoder.0.layer"] == first
    assert "training/gradient_norm" in found


def test_what_was_trained_is_there_while_a_training_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    worker = launch_thread(0)
    worker.tell(order(folder, rungs=frozenset({2})))
    while not (isinstance(news := worker.connection.recv(), Epoch) and news.waits):
        pass
    assert [epoch for epoch, _ in events(folder)["loss/train"]] == [1, 2]
    worker.tell(Answer(0, stop=True))
    while not isinstance(worker.connection.recv(), Finished):
        pass
    assert [epoch for epoch, _ in events(folder)["loss/train"]] == [1, 2]


@pytest.mark.parametrize("asked", [True, False])
def test_a_run_writes_them_into_each_run_folder_if_asked(url: str, asked: bool) -> None:
    create(url, tiny(text=f"{TEXT}search: {{method: random, trials: 1}}\n"))
    run_study("tiny", url, RunOptions(tensorboard=asked), SilentObserver(), launch=launch_thread)
    runs = Path(url.removeprefix("sqlite:///")).parent / "runs" / "tiny"
    assert bool(list(runs.glob("0/events.out.tfevents.*"))) is asked
