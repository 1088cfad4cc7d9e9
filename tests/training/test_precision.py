"""bfloat16: who gets it, what was measured, and what stays in float32."""

import json
from pathlib import Path

import pytest
import torch

from autoae.models import Network, build
from autoae.spec.config import Configuration
from autoae.training import precision as module
from autoae.training import probe
from autoae.training.precision import precision_for, prepare
from autoae.training.probe import ENOUGH_GAIN, Probe, bfloat16_probe
from tests.training.toy import CPU, toy_configuration, toy_data, train

SHAPE = (1, 28, 28)
LARGE = {"encoder": "S(32) > S(64) > S(128)", "latent": 32}
SMALL = {"encoder": "S(4) > S(8)", "latent": 8}
FLAT = {"encoder": "L(2048) > L(2048)", "latent": 64}
MACHINE = {"processor": "one of ours"}


def _configuration(model: dict[str, object], precision: str = "auto") -> Configuration:
    return toy_configuration(model=model, training={"precision": precision, "batch_size": 128})


def _network(configuration: Configuration) -> Network:
    return build(configuration.model, SHAPE, 10, seed=0)


def _chosen(monkeypatch: pytest.MonkeyPatch, model: dict[str, object], gain: float) -> str:
    monkeypatch.setattr(module, "bfloat16_probe", lambda _: Probe(MACHINE, gain, 1, ""))
    configuration = _configuration(model)
    return precision_for(_network(configuration), configuration.training, CPU)


def test_large_convolutions_get_it_where_the_machine_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _chosen(monkeypatch, LARGE, ENOUGH_GAIN) == "bfloat16"
    assert _chosen(monkeypatch, LARGE, ENOUGH_GAIN - 0.01) == "float32"


@pytest.mark.parametrize("model", [SMALL, FLAT])
def test_small_networks_and_those_without_convolutions_never(
    monkeypatch: pytest.MonkeyPatch, model: dict[str, object]
) -> None:
    def measured(_: torch.device) -> Probe:
        raise AssertionError("nothing needs to be measured for it")

    monkeypatch.setattr(module, "bfloat16_probe", measured)
    configuration = _configuration(model)
    assert precision_for(_network(configuration), configuration.training, CPU) == "float32"


@pytest.mark.parametrize("asked", ["float32", "bfloat16"])
def test_what_is_asked_for_is_done(asked: str) -> None:
    for model in (LARGE, FLAT):
        configuration = _configuration(model, asked)
        assert precision_for(_network(configuration), configuration.training, CPU) == asked


@pytest.mark.parametrize("model", [{"encoder": "C(8) > C(8)"}, {}])
def test_bfloat16_learns_what_float32_learns(model: dict[str, object]) -> None:
    losses = {}
    for precision in ("float32", "bfloat16"):
        options = {"precision": precision, "epochs": 6}
        training, reports = train(toy_configuration(model=model, training=options), data=toy_data())
        assert training.member(0).precision == precision
        weights = training.member(0).network.parameters()
        assert all(weight.dtype == torch.float32 for weight in weights)
        losses[precision] = reports[-1].metrics[0]["val_loss"]
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.1)


def test_probabilities_are_not_rounded_to_one() -> None:
    configuration = toy_configuration(model={"encoder": "C(8)"})
    network = build(configuration.model, (1, 8, 8), 3, seed=0)
    prepare(network, "bfloat16")
    assert network.decoder is not None
    activation = network.decoder[-1].get_submodule("activation")
    with torch.no_grad():
        probability = activation(torch.full((1,), 7.0, dtype=torch.bfloat16))
    assert probability.dtype == torch.float32
    assert 0.999 < probability.item() < 1.0


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of its own, and no memory of an earlier probe."""
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "cache"))
    bfloat16_probe.cache_clear()
    return tmp_path / "cache"


def _count_measurements(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the measurement by figures that rise; the list holds those given."""
    given: list[float] = []

    def measure(_: torch.device, machine: dict[str, str]) -> Probe:
        given.append(1.0 + len(given))
        return Probe(machine, given[-1], 1, "today")

    monkeypatch.setattr(probe, "_measure", measure)
    return given


def test_it_is_measured_once_and_read_afterwards(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _count_measurements(monkeypatch)
    first = bfloat16_probe(CPU)
    bfloat16_probe.cache_clear()
    assert bfloat16_probe(CPU) == first
    assert given == [1.0]
    kept = json.loads(next(cache.glob("bfloat16-cpu-*.json")).read_text())
    assert kept["gain"] == 1.0
    assert kept["machine"]["torch"] == torch.__version__
    assert {path.suffix for path in cache.iterdir()} <= {".json", ".lock"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"gain": 9}', "null"])
def test_a_damaged_record_is_measured_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    given = _count_measurements(monkeypatch)
    bfloat16_probe(CPU)
    next(cache.glob("*.json")).write_text(content)
    bfloat16_probe.cache_clear()
    assert bfloat16_probe(CPU).gain == 2.0
    assert given == [1.0, 2.0]


def test_the_record_of_another_machine_is_not_taken(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _count_measurements(monkeypatch)
    bfloat16_probe(CPU)
    bfloat16_probe.cache_clear()
    monkeypatch.setattr(probe, "processor", lambda _: "another")
    assert bfloat16_probe(CPU).gain == 2.0
    assert given == [1.0, 2.0]


def test_without_a_writable_cache_it_is_measured_for_the_process(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _count_measurements(monkeypatch)
    cache.write_text("a file where the directory should be")
    assert bfloat16_probe(CPU).gain == 1.0
    assert bfloat16_probe(CPU).gain == 1.0
    assert given == [1.0]


def test_the_measurement_gives_a_ratio_and_leaves_the_random_numbers(cache: Path) -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    found = bfloat16_probe(CPU)
    assert 0.01 < found.gain < 100
    assert torch.equal(torch.rand(3), expected)
