"""Parameters, operations and time, as counted and as computed by hand."""

import pytest
import torch

from autoae.models import build, outline
from autoae.models.costs import costs, latency_ms
from autoae.models.summary import summarize
from tests.models.architectures import network, options


def test_operations_of_a_small_network_by_hand() -> None:
    counted = costs(network("C'(4) > L(5)", (1, 8, 8), decoder="none", task="classify"))
    convolution, linear, head = 2 * 8 * 8 * 4 * 9, 2 * 256 * 5, 2 * 5 * 10
    assert counted.flops == convolution + linear + head
    assert counted.params == 4 * 9 + 4 + 256 * 5 + 5 + 50 + 10
    assert counted.latent_ratio == 5 / 64


def test_operations_without_a_formula_are_named() -> None:
    counted = costs(network("C(4) > R(8)", batch_norm=True, up="nearest", latent=3))
    assert counted.uncounted == (
        "add", "max_pool2d_with_indices", "native_batch_norm", "relu", "sigmoid",
        "upsample_nearest2d",
    )  # fmt: skip


def test_counting_leaves_a_network_as_it_was() -> None:
    built = network("C(4)", batch_norm=True).train()
    before = {name: value.clone() for name, value in built.state_dict().items()}
    costs(built)
    assert built.training
    assert all(torch.equal(value, before[name]) for name, value in built.state_dict().items())
    assert all(weight.grad is None for weight in built.parameters())


def test_costs_of_an_outline_are_those_of_the_network() -> None:
    model = options("C(4) > R(8)", latent=3, batch_norm=True, up="nearest", task="classify")
    built, sketched = build(model, (3, 9, 7), 10, seed=0), outline(model, (3, 9, 7), 10)
    assert costs(sketched) == costs(built)
    assert next(sketched.parameters()).is_meta


def test_a_network_of_a_known_plan_is_not_run_again() -> None:
    first, second = network("C(4) > L(7)"), network("C(4) > L(7)")
    second.register_forward_pre_hook(lambda *_: pytest.fail("run again"))
    known = costs(first)
    assert costs(second) == known


def test_a_network_of_another_plan_has_costs_of_its_own() -> None:
    plain, normed = network("C(4) > L(7)"), network("C(4) > L(7)", batch_norm=True)
    assert costs(plain).uncounted != costs(normed).uncounted


def test_an_outline_may_be_larger_than_memory() -> None:
    counted = costs(outline(options("L(99999999) > L(99999999)"), (3, 32, 32), 10))
    assert counted.params > 10**15


def test_latency_is_a_time() -> None:
    assert latency_ms(network("S(4)"), torch.device("cpu"), batch=2) > 0


def test_summary_names_every_layer_and_adds_up() -> None:
    hybrid = network(
        "C(4) > R(8)", latent=3, batch_norm=True, task="classify", head="L(6) > L'(10)"
    )
    rows, counted = summarize(hybrid), costs(hybrid)
    assert [row.name for row in rows] == [
        "encoder.0", "encoder.1", "to_latent", "decoder.0", "decoder.1", "decoder.2",
        "head.0", "head.1",
    ]  # fmt: skip
    assert [row.notation for row in rows[:3]] == ["C(4)", "R(8)", "L'(3)"]
    assert rows[0].outputs == (4, 14, 14)
    assert sum(row.params for row in rows) == counted.params
    assert sum(row.flops for row in rows) == counted.flops
