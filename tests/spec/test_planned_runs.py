"""Which runs a list of variants and an ablation plan."""

from pathlib import Path

import pytest

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from tests.spec.studies import study

LIST = """\
model: {encoder: "L(32)", latent: 8}
training: {epochs: 1, seed: 10}
search: {method: list, seeds: 2}
variants:
  plain: {}
  wide: {model.encoder: "L(64)", training.lr: 0.01}
"""


def test_a_list_runs_its_variants_with_each_seed(tmp_path: Path) -> None:
    spec = study(tmp_path, LIST)
    assert spec.budget == 4
    chosen: dict[str, Value] = {"variant": "wide", "seed": 1}
    configuration = spec.configuration(lambda key, _: chosen[key])
    assert (configuration.training.seed, configuration.training.lr) == (11, 0.01)
    assert spec.objectives[0].metric == "val_mse"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("model.encoder:", "model.encodr:"), "unknown key"),
        (("training.lr: 0.01", "training.lr: {min: 1, max: 2}"), "runs as it is"),
    ],
)
def test_a_wrong_variant_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        study(tmp_path, LIST.replace(*change))


ABLATION = """\
model: {encoder: {kind: conv, depth: {values: [2, 1]}, width: {values: [8, 16]}}, latent: 8}
training: {epochs: 1, lr: {values: [0.01, 0.1]}}
search: {method: ablation, seeds: 2}
"""


def test_an_ablation_varies_one_factor_at_a_time(tmp_path: Path) -> None:
    spec = study(tmp_path, ABLATION)
    runs = spec.runs()
    baseline = {
        "model.encoder.depth": 2,
        "model.encoder.width.1": 8,
        "model.encoder.width.2": 8,
        "training.lr": 0.01,
    }
    shallow = {k: v for k, v in baseline.items() if k != "model.encoder.width.2"}
    assert runs[0] == {**baseline, "seed": 0}
    assert [{k: v for k, v in run.items() if k != "seed"} for run in runs[:5]] == [
        baseline,
        {**shallow, "model.encoder.depth": 1},
        {**baseline, "model.encoder.width.1": 16},
        {**baseline, "model.encoder.width.2": 16},
        {**baseline, "training.lr": 0.1},
    ]
    assert [run["seed"] for run in runs] == [0] * 5 + [1] * 5
    assert spec.budget == len(runs) == 10
    assert spec.configuration(lambda key, _: runs[-1][key]).training.seed == 1


def test_pairs_are_varied_together_on_request(tmp_path: Path) -> None:
    runs = study(tmp_path, ABLATION, "search.pairs=true", "search.seeds=1").runs()
    assert any(run["model.encoder.depth"] == 1 and run["training.lr"] == 0.1 for run in runs)
    assert len(runs) == len({tuple(sorted(run.items())) for run in runs})


def test_a_claim_of_an_unknown_variant_is_refused(tmp_path: Path) -> None:
    claim = "claims: [{variant: wied, metric: val_mse, value: 1.0, source: us}]\n"
    text = (
        "data: {dataset: digits}\nmodel: {encoder: 'C(8)'}\nsearch: {method: list}\n"
        "variants: {plain: {}, wide: {model.encoder: 'C(16)'}}\n"
    )
    assert study(tmp_path, text + claim.replace("wied", "wide")).settings.claims
    with pytest.raises(SpecError, match=r"claims.0.variant: unknown variant; did you mean 'wide'"):
        study(tmp_path, text + claim)
