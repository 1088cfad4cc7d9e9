"""Weights as files: what is written, what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from autoae.models import Network, build
from autoae.training.weights import (
    Description,
    WeightsError,
    load_network,
    load_weights,
    read_description,
    save_weights,
)
from tests.training.toy import CLASSES, toy_configuration, toy_data

SHAPE = (1, 8, 8)
CONFIGURATION = toy_configuration(model={"encoder": "C(4) > S(8)", "batch_norm": True})
DESCRIPTION = Description(CONFIGURATION, SHAPE, CLASSES, {"val_mse": 0.25}, 7)


def _network(seed: int = 0) -> Network:
    return build(CONFIGURATION.model, SHAPE, len(CLASSES), seed=seed)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A file of weights with its description."""
    path = tmp_path / "best.safetensors"
    save_weights(_network(), path, DESCRIPTION)
    return path


def test_they_come_back_with_their_description(saved: Path) -> None:
    network, description = load_network(saved)
    expected = _network().state_dict()
    assert description == DESCRIPTION
    assert not network.training
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())
    assert {path.name for path in saved.parent.iterdir()} == {"best.safetensors", "best.json"}


def test_the_description_is_plain_json(saved: Path) -> None:
    found = json.loads(saved.with_suffix(".json").read_text())
    assert found["classes"] == list(CLASSES)
    assert found["shape"] == [1, 8, 8]
    assert found["metrics"] == {"val_mse": 0.25}
    assert found["configuration"]["model"]["latent"] == 6


def test_channels_last_weights_are_saved_too(tmp_path: Path) -> None:
    network = _network().to(memory_format=torch.channels_last)
    save_weights(network, tmp_path / "w.safetensors", DESCRIPTION)
    expected = network.state_dict()
    loaded, _ = load_network(tmp_path / "w.safetensors")
    assert all(torch.equal(value, expected[name]) for name, value in loaded.state_dict().items())


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\xff" * 64])
def test_a_file_that_is_none_is_refused(saved: Path, content: bytes) -> None:
    saved.write_bytes(content)
    with pytest.raises(WeightsError, match="not a readable safetensors file"):
        load_weights(saved, _network())


def test_weights_that_were_changed_since_are_refused(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[-1] ^= 1  # One bit of one weight: the file stays readable.
    saved.write_bytes(content)
    load_weights(saved, _network())
    with pytest.raises(WeightsError, match=r"best\.safetensors: .* damaged or changed"):
        load_network(saved)


def test_weights_of_an_earlier_version_have_no_checksum(saved: Path) -> None:
    found = json.loads(saved.with_suffix(".json").read_text())
    del found["sha256"], found["normalization"]
    saved.with_suffix(".json").write_text(json.dumps(found))
    assert load_network(saved)[1] == DESCRIPTION


def test_the_description_of_a_newer_version_is_refused(saved: Path) -> None:
    beside = saved.with_suffix(".json")
    written = {**json.loads(beside.read_text()), "format": 2, "shape": "another way"}
    beside.write_text(json.dumps(written))
    with pytest.raises(WeightsError, match="of format 2, and this autoae reads format 1") as caught:
        load_network(saved)
    assert "pip install -U autoae" in str(caught.value.hint)


def test_the_normalization_is_kept_exactly(tmp_path: Path) -> None:
    data = toy_data(mean=[0.1], deviation=[0.3])
    path = tmp_path / "w.safetensors"
    save_weights(_network(), path, Description.of(CONFIGURATION, data, {}, 1))
    found = load_network(path)[1].normalization
    assert found == data.normalization
    assert np.float32(found.mean[0]) == np.float32(0.1)


def test_a_truncated_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-9])
    with pytest.raises(WeightsError, match="not a readable safetensors file"):
        load_weights(saved, _network())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors: no such file"):
        load_weights(tmp_path / "nowhere.safetensors", _network())
    with pytest.raises(WeightsError, match=r"nowhere\.json: no such file"):
        read_description(tmp_path / "nowhere.safetensors")


def test_the_weights_of_another_network_are_refused(saved: Path) -> None:
    save_file({"other.weight": torch.zeros(2)}, saved)
    with pytest.raises(WeightsError, match="of another network"):
        load_weights(saved, _network())
    other = toy_configuration(model={"encoder": "C(5) > S(8)", "batch_norm": True})
    save_weights(build(other.model, SHAPE, 3, seed=0), saved, DESCRIPTION)
    with pytest.raises(WeightsError, match="of another network"):
        load_network(saved)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"configuration": {}, "shape": 3, "classes": [], "metrics": {}}']
)
def test_a_damaged_description_is_refused(saved: Path, content: str) -> None:
    saved.with_suffix(".json").write_text(content)
    with pytest.raises(WeightsError, match="not a description of weights"):
        load_network(saved)


def test_a_description_of_no_network_is_refused(saved: Path) -> None:
    found = json.loads(saved.with_suffix(".json").read_text())
    found["configuration"]["model"]["encoder"]["layers"] = "C(4) > C(4) > C(4) > C(4) > C(4)"
    saved.with_suffix(".json").write_text(json.dumps(found))
    with pytest.raises(WeightsError, match="describes no network"):
        load_network(saved)
