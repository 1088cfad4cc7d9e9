"""What a leaf says: a constant or a range, and what of it applies."""

from pathlib import Path

import pytest

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.space import largest
from tests.spec.studies import SMALL, study


def test_a_leaf_is_a_constant_or_a_range(tmp_path: Path) -> None:
    assert study(tmp_path).domains() == {
        "model.encoder.depth": IntRange(1, 3),
        "model.encoder.width.1": Choices((8, 16)),
        "model.encoder.width.2": Choices((8, 16)),
        "model.encoder.width.3": Choices((8, 16)),
        "model.latent": IntRange(2, 32, log=True),
        "training.lr": FloatRange(1e-4, 1e-1, log=True),
    }


def test_widths_beyond_the_depth_are_not_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    def smallest(key: str, domain: Domain) -> Value:
        asked.append(key)
        return domain.ends[0]

    configuration = study(tmp_path).configuration(smallest)
    assert configuration.model.encoder.model_dump()["width"] in ([8], (8,))
    assert asked == ["model.encoder.depth", "model.encoder.width.1", "model.latent", "training.lr"]


def test_growth_makes_one_width(tmp_path: Path) -> None:
    spec = study(tmp_path, SMALL, "model.encoder.growth=2.0")
    assert "model.encoder.width" in spec.domains()


def test_options_of_the_kind_not_chosen_do_not_apply(tmp_path: Path) -> None:
    text = SMALL.replace("kind: conv", "kind: {values: [conv, mlp]}, kernel: {values: [3, 5]}")
    spec = study(tmp_path, text)
    assert {"model.encoder.kind", "model.encoder.kernel"} <= set(spec.domains())
    chosen: dict[str, Value] = {"model.encoder.kind": "mlp"}
    configuration = spec.configuration(lambda key, domain: chosen.get(key, largest(domain)))
    assert configuration.model.encoder.kind == "mlp"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{min: 1, max: 10, step: 4}", IntRange(1, 9, step=4)),
        ("{min: 2, max: 10, step: 4}", IntRange(2, 10, step=4)),
        ("{min: 7, max: 7, step: 4}", IntRange(7, 7, step=4)),
    ],
)
def test_a_range_ends_where_its_steps_end(tmp_path: Path, written: str, expected: IntRange) -> None:
    spec = study(tmp_path, SMALL, f"model.latent={written}")
    assert spec.domains()["model.latent"] == expected


@pytest.mark.parametrize(("high", "last"), [("0.3", 0.3), ("0.35", 0.3), ("0.4", 0.4)])
def test_steps_of_real_numbers_are_decimal(tmp_path: Path, high: str, last: float) -> None:
    spec = study(tmp_path, SMALL, f"training.lr={{min: 0.1, max: {high}, step: 0.1}}")
    assert spec.domains()["training.lr"] == FloatRange(0.1, last, step=0.1)
