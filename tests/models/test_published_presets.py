"""The presets of published autoencoders: networks to the number, and the published budget."""

import pytest

from autoae.models import build
from autoae.models.costs import parameters
from autoae.spec.config import Configuration
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec

MNIST = {
    "filters": {
        "16-32-32": (0.0720, 68_769),
        "32-32-64": (0.0708, 137_441),
        "32-64-128": (0.0695, 347_489),
    },
    "latent": {
        "latent 2": (0.1770, 75_971),
        "latent 8": (0.1077, 88_265),
        "latent 32": (0.0708, 137_441),
        "latent 64": (0.0646, 203_009),
    },
    "batchnorm": {"without": (0.0708, 137_441), "with": (0.0702, 137_825)},
    "activation": {
        "ReLU": (0.0708, 137_441),
        "LeakyReLU 0.01": (0.0707, 137_441),
        "LeakyReLU 0.1": (0.0708, 137_441),
        "LeakyReLU 0.2": (0.0707, 137_441),
    },
    "depth": {
        "2 layers": (0.0715, 135_841),
        "3 layers": (0.0708, 137_441),
        "4 layers": (0.0713, 190_049),
    },
    "tradeoff": {"baseline": (0.0708, 137_441), "as run": (0.0849, 85_649)},
}
"""The published table: binary cross-entropy and parameters of each variant."""

FLOOR = 0.0581
"""The least binary cross-entropy that the test images of MNIST allow, as published."""

FASHION = {
    "16-32 Adam": ({0.0}, 9_569),
    "16 SGD": ({0.0198, 0.0225}, 305),
    "8-16 SGD": ({0.0236}, 2_481),
    "8-16-32 SGD": ({0.0489}, 11_745),
    "8-16-32-64 SGD 0.01": ({0.0099}, 48_705),
}
"""The published errors, and the parameters of `CNN_AE(1, channel_list)` of its code."""

VARIANTS = [(name, variant) for name, table in MNIST.items() for variant in table]


def configuration(spec: StudySpec, variant: str) -> Configuration:
    return spec.configuration(lambda key, _: variant if key == "variant" else 0)


def size(spec: StudySpec, variant: str) -> int:
    """The parameters of a variant on images of 28 by 28."""
    return parameters(build(configuration(spec, variant).model, (1, 28, 28), 10, seed=0))


@pytest.mark.parametrize("profile", ["full", "quick"])
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_network_has_the_published_parameters(name: str, variant: str, profile: str) -> None:
    spec = read_study(f"mnist-cae-{name}", profile=profile)
    assert size(spec, variant) == MNIST[name][variant][1]


@pytest.mark.parametrize("name", MNIST)
def test_the_claims_are_the_published_table(name: str) -> None:
    claims = read_study(f"mnist-cae-{name}").settings.claims
    found = {(claim.variant, claim.metric): claim.value for claim in claims}
    expected: dict[tuple[str, str], object] = {}
    for variant, (error, params) in MNIST[name].items():
        expected[variant, "params"] = float(params)
        expected[variant, "test_bce"] = error
        expected[variant, "val_bce_excess"] = pytest.approx(error - FLOOR, abs=1e-9)
    assert found == expected


@pytest.mark.parametrize("name", MNIST)
def test_the_full_profile_has_the_published_budget(name: str) -> None:
    spec = read_study(f"mnist-cae-{name}", profile="full")
    for variant in spec.settings.variants:
        training, data = configuration(spec, variant).training, configuration(spec, variant).data
        assert (training.epochs, training.batch_size, training.lr) == (20, 32, 1e-3)
        assert (training.optimizer, training.schedule) == ("adam", "plateau")
        assert (training.schedule_patience, training.schedule_factor) == (3, 0.5)
        assert training.schedule_threshold == 1e-3
        assert data.limit is None
    assert spec.settings.search.seeds == 3


def test_the_announced_trade_off_is_run_in_both_readings() -> None:
    """Its text says half the baseline's parameters, which two blocks come to."""
    spec = read_study("mnist-cae-tradeoff")
    announced = [variant for variant in spec.settings.variants if "announced" in variant]
    models = [configuration(spec, variant).model for variant in announced]
    assert [len(model.encoder.written()) for model in models] == [3, 2]
    for model in models:
        assert (model.latent, model.activation, model.slope) == (16, "leaky_relu", 0.1)
        assert model.batch_norm
    assert size(spec, announced[1]) == pytest.approx(137_441 / 2, rel=0.01)


@pytest.mark.parametrize("variant", FASHION)
def test_the_fashion_autoencoder_is_that_of_the_code(variant: str) -> None:
    spec = read_study("fashion-conv-ae")
    claims = [claim for claim in spec.settings.claims if claim.variant == variant]
    assert ({claim.value for claim in claims}, size(spec, variant)) == FASHION[variant]


@pytest.mark.parametrize(
    ("variant", "latent"),
    [("16-32 Adam", (32, 28, 28)), ("64x7x7", (64, 7, 7)), ("64x7x7, nearest", (64, 7, 7))],
)
def test_both_readings_of_the_bottleneck(variant: str, latent: tuple[int, ...]) -> None:
    model = configuration(read_study("fashion-conv-ae"), variant).model
    assert build(model, (1, 28, 28), 10, seed=0).plan.latent == latent


def test_the_fashion_budget_is_the_published_one() -> None:
    spec = read_study("fashion-conv-ae", profile="full")
    first = configuration(spec, "16-32 Adam")
    assert (first.training.epochs, first.training.batch_size) == (10, 64)
    assert (first.data.validation, spec.settings.search.seeds) == (10_000, 3)


@pytest.mark.parametrize("preset", [*(f"mnist-cae-{name}" for name in MNIST), "fashion-conv-ae"])
def test_the_quick_profile_runs_every_variant(preset: str) -> None:
    full, quick = (read_study(preset, profile=profile) for profile in ("full", "quick"))
    assert quick.settings.variants == full.settings.variants
    assert {run["variant"] for run in quick.runs()} == {run["variant"] for run in full.runs()}
    assert len(quick.runs()) < len(full.runs())
