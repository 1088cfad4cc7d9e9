"""Published networks, to the number."""

import pytest
import torch

from autoae.models.costs import parameters
from tests.models.architectures import network

CAE = "S(32,k4) > S(32,k4) > S(64)"


@pytest.mark.parametrize(
    ("encoder", "others", "params"),
    [
        (CAE, {}, 137_441),
        ("S(16,k4) > S(32,k4) > S(32)", {}, 68_769),
        ("S(32,k4) > S(64,k4) > S(128)", {}, 347_489),
        (CAE, {"latent": 2}, 75_971),
        (CAE, {"latent": 8}, 88_265),
        (CAE, {"latent": 64}, 203_009),
        (CAE, {"batch_norm": True}, 137_825),
        (f"{CAE} > S(64)", {}, 190_049),
        ("S(32,k4) > S(32,k4)", {}, 135_841),
        (CAE, {"activation": "leaky_relu", "slope": 0.2}, 137_441),
        ("S(32,k4) > S(32,k4)", {"latent": 16}, 85_649),
    ],
)
def test_autoencoder_on_mnist(encoder: str, others: dict[str, object], params: int) -> None:
    assert parameters(network(encoder, **{"latent": 32, **others})) == params


@pytest.mark.parametrize(
    ("encoder", "params"),
    [
        ("L(128) > L(64) > L(32) > L(32) > L(32)", 113_834),
        ("L(128) > R(64) > R(32) > R(32) > R(32) > R(10)", 132_408),
    ],
)
def test_plain_and_residual_network_of_depth_five(encoder: str, params: int) -> None:
    classifier = network(encoder, decoder="none", task="classify", batch_norm=True)
    assert parameters(classifier) == params


NARROWING = {"kind": "mlp", "width": 128, "growth": 0.5, "least_width": 32}


@pytest.mark.parametrize(
    ("depth", "residual", "params"),
    [
        (5, False, 113_834),
        (5, True, 132_408),
        (5, "matched", 113_834),
        (10, False, 119_434),
        (10, True, 143_608),
        (10, "matched", 119_434),
        (100, False, 220_234),
        (100, True, 345_208),
        (100, "matched", 220_234),
    ],
)
def test_plain_and_residual_networks_by_their_pattern(
    depth: int, residual: object, params: int
) -> None:
    """The published residual net ends with a block of as many units as classes."""
    pattern = {**NARROWING, "depth": depth, "residual": residual}
    head = "R(10) > L'(10)" if residual is True else None
    classifier = network(pattern, decoder="none", task="classify", batch_norm=True, head=head)
    assert parameters(classifier) == params


@pytest.mark.parametrize(
    ("encoder", "params"),
    [
        ("C'(32) > C(64) > C'(128) > C(256)", 4_586_506),
        ("C'(32) > R(64) > R(128,m2) > R(256)", 17_988_362),
        ("C'(32) > 2*C'(64) > C'(128) > C(128) > 2*C'(256)", 17_944_906),
    ],
)
def test_plain_and_residual_convolutions_on_cifar(encoder: str, params: int) -> None:
    """The second has four times the parameters of the first: it pools once where that does twice.

    The third is the second without its shortcuts and their projections.
    """
    head = {"decoder": "none", "task": "classify", "head": "L(256,d0.2) > L'(10)"}
    classifier = network(encoder, (3, 32, 32), batch_norm=True, **head)
    assert parameters(classifier) == params


@pytest.mark.parametrize(
    ("widths", "millions"), [([8, 64], 27.58), ([8, 16, 32, 64], 0.598)], ids=str
)
def test_counting_network(widths: list[int], millions: float) -> None:
    encoder = " > ".join(f"C({width},k5,p0)" for width in widths)
    head = {"decoder": "none", "task": "classify", "head": "L(512) > L'(10)"}
    counting = network(encoder, (1, 128, 128), batch_norm=True, **head)
    assert parameters(counting) / 1e6 == pytest.approx(millions, rel=1e-3)


HYBRIDS = {
    "v1": ("L(512) > L(256) > L(128)", "L(128) > L'(10)"),
    "v1.1": ("L(1024) > L(512)", "L(128) > L'(10)"),
    "v1.2": ("L(2048) > L(1024) > L(512)", "L(128) > L'(10)"),
    "v2": ("C(32) > C(32) > C(64) > L(512)", "L(128) > L'(10)"),
    "v2.1": ("C(32) > C(32) > L(512)", "L(128) > L'(10)"),
    "v2.2": ("C'(32) > C(32) > C'(32) > C(64) > C(64) > L(512)", "L(128) > L'(10)"),
    "v3": ("C(32) > C(32) > C(64) > C(64)", "C'(64) > L'(10)"),
    "v3.1": ("C(32) > C(32) > C(64)", "C(64) > C'(64) > L'(10)"),
    "v3.2": ("C'(32) > C(32) > C'(32) > C(32) > C'(64) > C(64)", "C(64) > L'(10)"),
    "v3.3": ("C'(32) > C(32)", "C'(32) > C(32) > C'(64) > C(64) > C(64) > L'(10)"),
    "v4": ("C'(32) > C(32)", "C'(32) > C(64) > C(64) > L(512) > L(128) > L'(10)"),
}


@pytest.mark.parametrize("version", HYBRIDS)
def test_hybrid_on_cifar_builds_as_written(version: str) -> None:
    encoder, head = HYBRIDS[version]
    latent = "spatial" if head.startswith("C") else "encoder"
    hybrid = network(
        encoder, (3, 32, 32), latent=latent, task="classify", head=head, output="linear"
    )
    assert hybrid.plan.notation == f"{encoder} | {head}"
    output = hybrid(torch.rand(2, 3, 32, 32))
    assert output.reconstruction.shape == (2, 3, 32, 32)
    assert output.logits.shape == (2, 10)


def test_latent_of_v4_is_a_map() -> None:
    encoder, head = HYBRIDS["v4"]
    hybrid = network(encoder, (3, 32, 32), latent="spatial", task="classify", head=head)
    assert hybrid.plan.latent == (32, 16, 16)
