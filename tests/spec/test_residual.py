"""Patterns with residual blocks: which layers become one, and that matched ones cost the same."""

import pytest

from autoae.models.costs import costs
from autoae.models.network import outline
from autoae.spec.encoders import encoder_from
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.notation import show
from autoae.spec.reading import study_from_text
from tests.models.architectures import options

IMAGE = (1, 28, 28)
CLASSIFIER = {"decoder": "none", "task": "classify"}
NARROWING = {"kind": "mlp", "depth": 5, "width": 128, "growth": 0.5, "least_width": 32}


def layers(pattern: dict[str, object]) -> str:
    return show(encoder_from(pattern).written())


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (NARROWING, "L(128) > L(64) > L(32) > L(32) > L(32)"),
        ({**NARROWING, "residual": True}, "L(128) > R(64) > R(32) > R(32) > R(32)"),
        ({**NARROWING, "residual": "matched"}, "L(128) > L(64) > L(32) > R(32)"),
        (
            {**NARROWING, "depth": 6, "residual": "matched"},
            "L(128) > L(64) > L(32) > R(32) > L(32)",
        ),
        ({"kind": "conv", "depth": 4, "down_every": 2}, "C'(32) > C(32) > C'(32) > C(32)"),
        ({"kind": "conv", "down": "stride", "down_every": 2}, "C'(32) > S(32) > C'(32)"),
        ({"kind": "conv", "residual": True, "down_every": 3}, "C'(32) > R(32) > R(32,m2)"),
        (
            {"kind": "conv", "depth": 4, "residual": "matched", "down_every": 2},
            "C'(32) > C(32) > R(32,m2)",
        ),
        (
            {"kind": "conv", "width": [8, 8, 8, 16], "depth": 4, "residual": "matched", "kernel": 5}
            | {"down": "none"},
            "C'(8,k5) > R(8,k5) > C'(16,k5)",
        ),
    ],
)
def test_what_a_pattern_stands_for(pattern: dict[str, object], expected: str) -> None:
    assert layers(pattern) == expected


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize(
    "pattern",
    [
        {"kind": "mlp", "depth": 7, "width": 4},
        NARROWING,
        {"kind": "conv", "depth": 6, "down": "none", "width": 3},
        {"kind": "conv", "depth": 7, "down_every": 3, "width": 3, "kernel": 5},
    ],
)
def test_matched_blocks_cost_exactly_what_plain_layers_do(
    pattern: dict[str, object], norm: bool
) -> None:
    plain, blocks = (
        outline(
            options({**pattern, "residual": residual}, batch_norm=norm, **CLASSIFIER), IMAGE, 10
        )
        for residual in (False, "matched")
    )
    assert "R(" in blocks.plan.notation
    assert (costs(blocks).params, costs(blocks).flops) == (costs(plain).params, costs(plain).flops)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({"kind": "mlp", "depth": 1, "residual": True}, "there is only one"),
        ({"kind": "mlp", "depth": 2, "residual": "matched"}, "no two in a row keep the width"),
        ({"kind": "conv", "residual": "matched"}, "no two in a row keep the width"),
        ({"kind": "conv", "residual": True, "down": "stride"}, "has no stride"),
    ],
)
def test_a_pattern_without_a_block_cannot_be_built(pattern: dict[str, object], reason: str) -> None:
    with pytest.raises(Unbuildable, match=reason) as caught:
        layers(pattern)
    assert caught.value.key == "model.encoder.residual"


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ("{kind: mlp, least_width: 32}", "`least_width` needs a `growth`"),
        ('{kind: mlp, layers: "L(8)", residual: true}', "`residual` has no place beside it"),
        ("{kind: mlp, residual: match}", "did you mean 'matched'"),
        ("{kind: conv, down_every: 0}", "greater than 0"),
    ],
)
def test_a_contradiction_is_refused(encoder: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        study_from_text(f"model: {{encoder: {encoder}}}", name="x", source="x")


def test_residual_blocks_are_a_knob() -> None:
    encoder = "{kind: mlp, depth: {values: [3, 9]}, residual: {values: [false, true, matched]}}"
    text = f"model: {{encoder: {encoder}}}"
    spec = study_from_text(text, name="x", source="x")
    assert set(spec.domains()) == {"model.encoder.depth", "model.encoder.residual"}
