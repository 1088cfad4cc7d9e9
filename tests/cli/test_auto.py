"""`autoae auto`, for real and short."""

import json
from pathlib import Path

import pytest

from autoae.auto.progress import Stage
from autoae.cli.opened import opened
from autoae.store.attributes import AUTO
from autoae.store.evaluations import openings_of
from tests.cli.conftest import Autoae, Said

SMALL = """
data: {dataset: digits, limit: 200, validation: 300}
model:
  encoder: {kind: mlp, depth: 1, width: {values: [8, 16]}}
  latent: 4
  task: classify
training: {lr: {min: 1.0e-3, max: 1.0e-1, log: true}, epochs: 1}
objectives: [{metric: val_accuracy, direction: maximize}]
search: {trials: 4, pruner: none}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "small.yaml").write_text(SMALL)
    return "small.yaml"


def ended(name: str) -> dict[str, str]:
    with opened(name, None) as found:
        kept: dict[str, str] = found.study.user_attrs[AUTO]["ended"]
        return kept


def test_a_preset_and_a_budget_become_an_answer_and_a_model(autoae: Autoae, tmp_path: Path) -> None:
    tiny = ("--set", "training.epochs=1", "--set", "data.limit=200", "--trials", "3")
    tiny += ("--set", "model.encoder.width=8", "--set", "model.encoder.down=pool")
    tiny += ("--set", 'model.head="L\'(10)"', "--set", "loss={alpha: 1.0}")
    tiny += ("--set", "model.activation=relu", "--set", "training.optimizer=adam")
    words = ("auto", "digits-hybrid", "--budget", "2m", "--workers", "1", *tiny)
    said = autoae(*words)
    assert said.code == 0, said.err
    assert list(ended("digits-hybrid")) == [stage.value for stage in Stage]
    for part in ("Use", "Open", "digits-hybrid-auto/report.html", "digits-hybrid-auto/model"):
        assert part in said.out
    page = (tmp_path / "digits-hybrid-auto" / "report.html").read_text()
    assert "Findings" in page
    card = (tmp_path / "digits-hybrid-auto" / "model" / "model-card.md").read_text()
    assert "digits" in card
    with opened("digits-hybrid-confirm", None) as again:
        assert len(openings_of(again.study)) == 1
    # The same command once more: the answer, and nothing trained or opened.
    _is_done(autoae(*words, "--json"))


def _is_done(said: Said) -> None:
    assert said.code == 2, said.err
    assert "keeps the file" in said.err


def test_it_goes_on_stage_by_stage_and_opens_the_test_split_once(autoae: Autoae, file: str) -> None:
    words = ("--workers", "1")
    assert autoae("auto", file, "--budget", "2m", "--stage", "search", *words).code == 0
    assert list(ended("small")) == ["search"]
    refused = autoae("auto", file, "--budget", "2m", *words)
    assert refused.code == 1
    assert "--resume" in refused.err
    early = autoae("auto", "small", "--resume", "--stage", "ablate", *words)
    assert early.code == 1
    assert "comes after confirm" in early.err
    twice = autoae("auto", "small", "--resume", "--stage", "search", *words)
    assert twice.code == 1
    assert "is done" in twice.err
    with opened("small", None) as found:
        from datetime import datetime

        from autoae.store.evaluations import count_opening

        count_opening(found.study, datetime.now().astimezone())
    rest = autoae("auto", "small", "--resume", *words, "--json")
    assert rest.code == 0, rest.err
    assert "opened once before" in rest.err
    with opened("small-confirm", None) as again:
        assert not openings_of(again.study)
    found_json = json.loads(rest.out[rest.out.index("{") :])
    assert found_json["stages"]["report"] == "small-auto/report.html"
    again_said = autoae("auto", "small", "--json")
    assert again_said.code == 0
    assert "done already" in again_said.err
    assert json.loads(again_said.out) == found_json


def test_too_little_time_is_refused_with_the_price(autoae: Autoae, file: str) -> None:
    said = autoae("auto", file, "--budget", "0.001s")
    assert said.code == 2
    assert "one trial takes" in said.err
    assert autoae("study", "show", "small").code == 1


def test_what_is_missing_is_said(filled: Autoae, file: str) -> None:
    assert "--budget" in filled("auto", "digits-hybrid").err
    assert "no study" in filled("auto", "nothing", "--resume").err
    assert "--resume" in filled("auto", "small", "--budget", "1m").err
    assert "--budget" in filled("auto", "small", "--resume").err
