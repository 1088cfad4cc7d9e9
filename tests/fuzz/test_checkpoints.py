"""A training that goes on from files that were damaged, or are those of another training."""

import io
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoae.search.resuming import go_on
from autoae.spec.config import Configuration
from autoae.store.runs import RunFolder
from autoae.training import Selection, Training, fit
from tests.fuzz.damage import NO_JSON, changed_line, damaged
from tests.fuzz.outcome import fuzzed, works_or_tells
from tests.training.toy import toy_configuration, toy_data

_EPOCHS = 2
_LOST = toy_configuration(training={"gradients": True, "epochs": 5, "optimizer": "adam"})
_OTHERS = (
    toy_configuration(model={"latent": 5}, training={"gradients": True, "epochs": 5}),
    toy_configuration(training={"gradients": True, "epochs": 5, "optimizer": "adam", "lr": 0.02}),
    toy_configuration(
        training={"gradients": True, "epochs": 5, "optimizer": "adam"}, model={"dropout": 0.2}
    ),
)
_LINES = ("metrics.jsonl", "gradients.jsonl")


def _training(configuration: Configuration) -> Training:
    return Training.create([configuration], toy_data(), select=Selection("val_loss", "minimize"))


@cache
def _saved(configuration: Configuration) -> dict[str, bytes]:
    """The files of a training that was lost after some epochs."""
    training, data = _training(configuration), toy_data()
    with tempfile.TemporaryDirectory() as name:
        folder = RunFolder(Path(name))
        for _, report in zip(range(_EPOCHS), fit(training, data), strict=False):
            folder.append_metrics(report.epoch, report.metrics[0])
            gradients = training.member(0).layer_gradients
            assert gradients is not None
            folder.append_gradients(report.epoch, gradients.means())
        content = io.BytesIO()
        torch.save(training.state_dict(), content)
        folder.write_bytes(folder.checkpoint, content.getvalue())
        return {path.name: path.read_bytes() for path in folder.path.iterdir()}


def _harmed(data: st.DataObject) -> dict[str, bytes]:
    """One file damaged, of another training, or gone."""
    files, draw = dict(_saved(_LOST)), data.draw
    name = draw(st.sampled_from(sorted(files)))
    other = _saved(draw(st.sampled_from(_OTHERS)))[name]
    kinds = [damaged(files[name]), damaged(files[name]), st.just(other), st.sampled_from(NO_JSON)]
    if name in _LINES:
        kinds.append(changed_line(files[name]))
    files[name] = draw(st.one_of(st.binary(max_size=300), *kinds))
    if draw(st.integers(0, 9)) == 0:
        del files[name]
    return files


@fuzzed(0.1)
@given(st.data())
def test_a_training_goes_on_with_the_weights_that_were_saved_or_says_why_not(
    data: st.DataObject,
) -> None:
    files = _harmed(data)
    with tempfile.TemporaryDirectory() as name:
        earlier, own = RunFolder(Path(name) / "earlier"), RunFolder(Path(name) / "own")
        for each, content in files.items():
            earlier.write_bytes(earlier.path / each, content)
        training = _training(_LOST)
        if works_or_tells(partial(go_on, training, [earlier], own), ""):
            saved = torch.load(io.BytesIO(_saved(_LOST)["checkpoint.pt"]), weights_only=True)
            assert _same(training.state_dict(), saved)
            assert [line["epoch"] for line in own.read_metrics()] == [1, 2]
        else:
            # It starts at the beginning, and so do its files.
            assert not own.path.exists()


def test_what_was_saved_is_gone_on_with() -> None:
    with tempfile.TemporaryDirectory() as name:
        earlier, own = RunFolder(Path(name) / "earlier"), RunFolder(Path(name) / "own")
        for each, content in _saved(_LOST).items():
            earlier.write_bytes(earlier.path / each, content)
        assert len(go_on(_training(_LOST), [earlier], own)) == _EPOCHS
        assert {path.name for path in own.path.iterdir()} == set(_saved(_LOST))


def _same(one: object, other: object) -> bool:
    return list(_leaves(one)) == list(_leaves(other))


def _leaves(state: object) -> Iterator[object]:
    if isinstance(state, Tensor):
        yield state.tolist()
    elif isinstance(state, dict):
        for key, value in state.items():
            yield key
            yield from _leaves(value)
    elif isinstance(state, list | tuple):
        for value in state:
            yield from _leaves(value)
    else:
        yield state
