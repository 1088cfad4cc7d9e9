"""Shapes before anything is built: what fits, and why something does not."""

import re

import pytest

from autoae.spec.blocks import Shape
from autoae.spec.config import ModelOptions
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.plan import NetworkPlan, plan_network

CAE = "S(32,k4) > S(32,k4) > S(64)"
V4_HEAD = "C'(32) > C(64) > C(64) > L(512) > L(128) > L'(10)"


def plan(encoder: object, image: Shape = (1, 28, 28), /, **others: object) -> NetworkPlan:
    options = ModelOptions.model_validate({"encoder": encoder, **others})
    return plan_network(options, image, 10)


def test_a_pattern_stands_for_layers() -> None:
    pattern = {"kind": "conv", "depth": 3, "width": 16, "growth": 2.0, "down": "stride"}
    assert plan(pattern) == plan("S(16) > S(32) > S(64)")
    per_layer = {"kind": "conv", "depth": 2, "width": [8, 12], "kernel": [5, 3], "down": "none"}
    assert plan(per_layer) == plan("C'(8,k5) > C'(12)")
    assert plan({"kind": "mlp", "depth": 2, "width": 64}) == plan("L(64) > L(64)")


def test_the_published_autoencoder_is_mirrored_as_published() -> None:
    decoder = plan(CAE, latent=32).decoder
    assert [block.outputs for block in decoder] == [
        (64, 4, 4), (32, 7, 7), (32, 14, 14), (1, 28, 28)
    ]  # fmt: skip
    assert [block.kernel for block in decoder[1:]] == [(3, 3), (4, 4), (4, 4)]
    deeper = plan(f"{CAE} > S(64)", latent=32).decoder
    assert deeper[1].kernel == (4, 4)


def test_the_mirror_is_shown_layer_by_layer() -> None:
    encoder = "C(8,k5,s2) > C'(6) > S(4,k4,s3,p2) > R(5) > L(7)"
    shown = [block.notation for block in plan(encoder, (1, 40, 40), latent=3).decoder]
    assert shown == ["L(7)", "L(80)", "R(4)", "S(6,k4,s3,p2)", "C'(8)", "C(1,k5,s2)"]


def test_notation_sets_a_bar_before_the_head() -> None:
    hybrid = plan(CAE, latent=32, task="classify", head="L(128) > L'(10)")
    assert hybrid.notation == f"{CAE} > L'(32) | L(128) > L'(10)"
    assert plan(CAE).notation == CAE


def test_a_decoder_has_its_own_activation_where_it_is_given() -> None:
    network = plan("L(64) > L(32)", latent=8, activation="tanh", decoder_activation="relu")
    assert [block.activation for block in network.encoder] == ["tanh", "tanh"]
    assert [block.activation for block in network.decoder] == ["relu", "relu", "sigmoid"]
    written = plan("C(8)", decoder="C(8) > C'(1)", activation="tanh", decoder_activation="elu")
    assert [block.activation for block in written.decoder] == ["elu", "sigmoid"]
    classifier = plan("C(8)", activation="tanh", decoder_activation="relu", task="classify")
    assert classifier.encoder[0].activation == "tanh"


def test_norms_and_activations_have_their_places() -> None:
    hybrid = plan("C(8) > L(20)", latent=4, batch_norm=True, task="classify", head="L(16) > L'(10)")
    assert [block.batch_norm for block in hybrid.encoder] == [True, True]
    assert hybrid.to_latent
    assert (hybrid.to_latent.batch_norm, hybrid.to_latent.activation) == (False, None)
    assert [block.batch_norm for block in hybrid.decoder] == [True, True, False]
    assert [block.activation for block in hybrid.decoder] == ["relu", "relu", "sigmoid"]
    assert [block.batch_norm for block in hybrid.head] == [False, False]
    onto_a_map = plan("C(8)", latent=4, batch_norm=True).decoder[0]
    assert (onto_a_map.batch_norm, onto_a_map.activation) == (False, None)


def test_the_convolutions_of_a_head_are_normalised() -> None:
    head = plan("C(8)", latent="spatial", task="classify", head="C(4) > L'(10)", batch_norm=True)
    assert [block.batch_norm for block in head.head] == [True, False]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("linear", [0.0, 0.5, 0.0, 0.0, 0.3, 0.3, 0.0]),
        ("conv", [0.3, 0.5, 0.3, 0.3, 0.0, 0.0, 0.0]),
        ("all", [0.3, 0.5, 0.3, 0.3, 0.3, 0.3, 0.0]),
    ],
)
def test_dropout_follows_hidden_layers_where_it_is_wanted(
    place: str, expected: list[float]
) -> None:
    v4 = plan(
        "C'(32) > C(32,d0.5)", latent="spatial", task="classify",
        head="C(64) > C(64) > L(512) > L(128) > L'(10)", dropout=0.3, dropout_after=place,
    )  # fmt: skip
    assert [block.dropout for block in (*v4.encoder, *v4.head)] == expected
    assert not any(block.dropout for block in v4.decoder)


def test_a_written_decoder_grows() -> None:
    sizes = [block.outputs for block in plan("S(8) > S(8)", decoder="C(6) > C'(5) > S(1)").decoder]
    assert sizes == [(6, 14, 14), (5, 14, 14), (1, 28, 28)]


def test_a_written_decoder_may_say_the_mirror() -> None:
    mirror = plan(CAE, latent=32)
    written = plan(CAE, latent=32, decoder="S(32,k3,p1) > S(32,k4) > S(1,k4)")
    shapes = [(block.op, block.inputs, block.outputs, block.kernel) for block in mirror.decoder]
    assert shapes == [
        (block.op, block.inputs, block.outputs, block.kernel) for block in written.decoder
    ]


def test_a_written_decoder_of_linear_layers_ends_with_the_image() -> None:
    decoder = plan("C(8)", latent=4, decoder="L(128) > L'(784)", output="linear").decoder
    assert [block.outputs for block in decoder] == [(128,), (1, 28, 28)]
    assert [block.activation for block in decoder] == ["relu", None]


def test_one_linear_layer_is_the_head_unless_given() -> None:
    assert plan(CAE, latent=32, task="classify").notation.endswith("| L'(10)")


@pytest.mark.parametrize(
    ("encoder", "others", "key", "reason"),
    [
        ("C(8) > C(8) > C(8) > C(8) > C(8)", {}, "encoder", "layer 5, C(8): it shrinks"),
        ("S(8,k9,p0) > S(8,k11,p0)", {}, "encoder", "8x10x10 below one pixel"),
        ("C(8) > L(8) > C(8)", {}, "encoder", "its input is flat"),
        ("R(8,k4)", {}, "encoder", "must be odd"),
        ("C(8) > L(8) > R(8,k3)", {}, "encoder", "a kernel has no place there"),
        ("L(8)", {"latent": "spatial"}, "latent", "gives no spatial latent"),
        ("C(8)", {"head": "L'(10)"}, "head", "a head without a task"),
        ("S(8)", {"decoder": "S(3)"}, "decoder", "ends with 3x28x28, and the image is 1x28x28"),
        ("S(8) > S(8)", {"decoder": "S(1)"}, "decoder", "ends with 1x14x14"),
        ("L(9) > L(8)", {"decoder": "C(1)"}, "decoder", "its input is flat"),
        ("C(8)", {"decoder": "S(1,k1,p99)"}, "decoder", "leaves no pixel"),
    ],
)
def test_what_cannot_be_built_is_told_with_its_key(
    encoder: str, others: dict[str, object], key: str, reason: str
) -> None:
    with pytest.raises(Unbuildable, match=re.escape(reason)) as caught:
        plan(encoder, **others)
    assert caught.value.key == f"model.{key}"


def test_without_decoder_and_head_there_is_nothing_to_train() -> None:
    with pytest.raises(Unbuildable, match="nothing to train"):
        plan("C(8)", decoder="none")


@pytest.mark.parametrize("part", ["decoder", "head"])
def test_a_slip_in_notation_is_told_with_its_key(part: str) -> None:
    with pytest.raises(SpecError, match="position 4") as caught:
        plan("C(8)", task="classify", **{part: "C(1"})
    assert caught.value.key == f"model.{part}"


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        ("L(8) > C(8)", "an mlp has L, L' and R layers, and no C"),
        ({"kind": "conv", "layers": "C(8)", "depth": 2}, "`depth` has no place beside it"),
        ({"kind": "conv", "depth": 2, "width": [8, 8, 8]}, "`width` lists 3"),
        ({"kind": "conv", "depth": 2, "kernel": [3]}, "`kernel` lists 1"),
        ({"kind": "mlp", "depth": 2, "width": [8, 8], "growth": 2.0}, "`growth` needs one `width`"),
        ({"kind": "rnn"}, "unknown encoder 'rnn'"),
    ],
)
def test_an_encoder_that_contradicts_itself_is_refused(encoder: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plan(encoder)


@pytest.mark.parametrize(
    ("head", "latent", "reason"),
    [
        ("C(8) > L'(10)", 16, "a head of convolutions needs `latent: spatial`"),
        ("L(64) > C(8) > L'(10)", "spatial", "layer 2, C(8): a convolution needs a feature map"),
        ("L(64)", 16, "must end with L'(10)"),
        ("L(64) > L'(9)", 16, "not with L'(9)"),
    ],
)
def test_a_head_that_does_not_fit(head: str, latent: int | str, reason: str) -> None:
    with pytest.raises(Unbuildable) as caught:
        plan("C(8) > C(8)", latent=latent, task="classify", head=head)
    assert reason in caught.value.message
    assert caught.value.key == "model.head"
