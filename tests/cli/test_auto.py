"""`autoae auto`, for real and short."""

from datetime import datetime
from pathlib import Path

import pytest

from autoae.auto.progress import Progress, Stage
from autoae.cli.auto import check_affordable
from autoae.cli.auto_run import Run
from autoae.cli.opened import opened
from autoae.cli.running import Wishes
from autoae.spec.reading import read_study
from autoae.store.attributes import AUTO
from autoae.store.evaluations import count_opening, openings_of
from tests.cli.conftest import Autoae

TINY = (
    *("training.epochs=1", "data.limit=200", "model.encoder={kind: mlp, depth: 1, width: 8}"),
    *("model.latent=4", "model.head=L'(10)", "model.activation=relu", "model.batch_norm=false"),
    *("loss={alpha: 1.0}", "training.optimizer=adam", "search.trials=2"),
)
"""What makes `digits-hybrid` a study of one knob and of milliseconds a trial."""

WORDS = ("--budget", "2m", "--workers", "1", *(word for key in TINY for word in ("--set", key)))


def ended(name: str) -> dict[str, str]:
    with opened(name, None) as found:
        kept: dict[str, str] = found.study.user_attrs[AUTO]["ended"]
        return kept


@pytest.mark.slow
@pytest.mark.usefixtures("in_threads")
def test_a_preset_and_a_budget_become_an_answer_and_a_model(autoae: Autoae, tmp_path: Path) -> None:
    name, resume = "digits-hybrid", ("--resume", "--workers", "1")
    assert autoae("auto", name, *WORDS, "--stage", "search").code == 0
    assert list(ended(name)) == ["search"]
    for words, part in (
        (WORDS, "--resume"),
        (("--resume", "--stage", "ablate"), "comes after confirm"),
        (("--resume", "--stage", "search"), "is done"),
        (("--resume", "--profile", "quick"), "keeps the file"),
    ):
        refused = autoae("auto", name, *words)
        assert refused.code != 0
        assert part in refused.err
    # From where it stopped to the end.
    said = autoae("auto", name, *resume)
    assert said.code == 0, said.err
    assert list(ended(name)) == [stage.value for stage in Stage]
    for part in ("Use", "Open", "digits-hybrid-auto/report.html", "digits-hybrid-auto/model"):
        assert part in said.out
    folder = tmp_path / "digits-hybrid-auto"
    assert "Findings" in (folder / "report.html").read_text()
    assert "digits" in (folder / "model" / "model-card.md").read_text()
    with opened("digits-hybrid-confirm", None) as again:
        assert len(openings_of(again.study)) == 1
        trained = len(again.snapshot().trials)
    # The same command once more: the answer; nothing is trained or opened.
    done = autoae("auto", name, "--budget", "2m", "--json")
    assert done.code == 0, done.err
    assert "done already" in done.err
    assert done.json["report"] == "digits-hybrid-auto/report.html"
    with opened("digits-hybrid-confirm", None) as again:
        assert len(openings_of(again.study)) == 1
        assert len(again.snapshot().trials) == trained


def test_a_test_split_that_was_opened_before_is_not_opened_again(filled: Autoae) -> None:
    progress = Progress(60.0, "out")
    for stage in (Stage.SEARCH, Stage.CONFIRM, Stage.ABLATE):
        progress = progress.after(stage, "done")
    with opened("small", None) as found:
        found.study.set_user_attr(AUTO, progress.kept())
        count_opening(found.study, datetime.now().astimezone())
    said = filled("auto", "small", "--resume", "--stage", "evaluate")
    assert said.code == 0, said.err
    assert "opened once before" in said.err
    assert "next is report" in said.err
    with opened("small", None) as found:
        assert len(openings_of(found.study)) == 1


def test_too_little_time_is_refused_with_the_price(autoae: Autoae, study_file: Path) -> None:
    said = autoae("auto", str(study_file), "--budget", "0.001s")
    assert said.code == 2
    assert "one trial takes" in said.err
    assert autoae("study", "show", "small").code == 1


def test_a_time_for_few_trials_is_said_to_be_short(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.cli.auto._FEW", 10**9)
    check_affordable(read_study("digits-hybrid", overrides=TINY), 1800.0, 1)
    assert "few trials fit into 30 min" in capsys.readouterr().err


def test_it_plans_with_as_many_workers_as_will_train(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert Run("any", None, Wishes(), as_json=False).workers == 3
    assert Run("any", None, Wishes(workers=2), as_json=False).workers == 2


def test_what_is_missing_is_said(filled: Autoae) -> None:
    assert "--budget" in filled("auto", "digits-hybrid").err
    assert "no study" in filled("auto", "nothing", "--resume").err
    assert "--resume" in filled("auto", "small", "--budget", "1m").err
    assert "--budget" in filled("auto", "small", "--resume").err
