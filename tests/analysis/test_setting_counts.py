"""What the best trials of a search have in common is counted, and told only beyond chance."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autoae.analysis.answer import answer
from autoae.analysis.evidence import gather
from autoae.analysis.setting_counts import FEWEST, SettingCounts, count_settings
from autoae.spec.domains import Choices, Domain, FloatRange
from autoae.store.snapshot import StudySnapshot
from tests import studies
from tests.snapshots import study, trial

DOMAINS: dict[str, Domain] = {
    "model.activation": Choices(("relu", "tanh")),
    "model.batch_norm": Choices((True, False)),
    "training.lr": FloatRange(1e-4, 1e-1, log=True),
}


def searched(count: int, *, relu: float = 0.3) -> StudySnapshot:
    """Activations in turn, of which one adds to the accuracy; the norm does nothing."""
    return study(
        trial(
            number,
            0.4 + 0.001 * (number * 7 % 10) + (relu if number % 2 else 0.0),
            params={
                "model.activation": "relu" if number % 2 else "tanh",
                "model.batch_norm": number % 4 < 2,
                "training.lr": 0.01,
            },
        )
        for number in range(count)
    )


def counted(snapshot: StudySnapshot, *, blind: bool = True) -> SettingCounts:
    return count_settings(snapshot, DOMAINS, blind=blind)


def test_every_setting_of_every_choice_is_counted() -> None:
    found = counted(searched(40))
    assert found.complete == 40
    assert len(found.best) == 8
    rows = {(each.knob, each.value): each for each in found.settings}
    assert set(rows) == {
        ("model.activation", "relu"),
        ("model.activation", "tanh"),
        ("model.batch_norm", "true"),
        ("model.batch_norm", "false"),
    }
    relu, tanh = (rows["model.activation", value] for value in ("relu", "tanh"))
    assert (relu.trials, relu.among_best, tanh.trials, tanh.among_best) == (20, 8, 20, 0)
    assert relu.best == max(each.values[0] for each in searched(40).trials)
    assert tanh.best < relu.median


def test_what_works_stands_out_and_what_does_nothing_does_not() -> None:
    found = counted(searched(40))
    assert [each.value for each in found.standing_out("often")] == ["relu"]
    assert [each.value for each in found.standing_out("never")] == ["tanh"]


def test_a_sampler_that_follows_its_successes_proves_nothing_by_counting() -> None:
    found = counted(searched(40), blind=False)
    assert found.settings
    assert not any(each.stands_out for each in found.settings)


def test_less_is_better_where_the_objective_says_so() -> None:
    snapshot = study(searched(40).trials, "val_loss")
    found = counted(snapshot)
    assert [each.value for each in found.standing_out("often")] == ["tanh"]
    tanh = next(each for each in found.settings if each.value == "tanh")
    assert tanh.best == min(each.values[0] for each in snapshot.trials)


def test_too_few_trials_have_nothing_in_common() -> None:
    assert not counted(searched(FEWEST - 1)).settings
    assert counted(searched(FEWEST)).settings


@given(st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=FEWEST, max_size=60))
def test_the_best_fifth_is_shared_out_among_the_settings_of_a_knob(values: list[float]) -> None:
    trials = [
        trial(number, value, params={"model.activation": ("relu", "tanh")[number % 3 > 0]})
        for number, value in enumerate(values)
    ]
    found = counted(study(trials))
    assert len(found.best) == len(values) // 5
    assert sum(each.trials for each in found.settings) == len(values)
    assert sum(each.among_best for each in found.settings) == len(found.best)


def test_the_answer_says_what_worked_and_what_did_not() -> None:
    spec = studies.spec(studies.HYBRID.replace("trials: 40", "trials: 40, method: random"))
    snapshot = studies.searched(spec, 60)
    best = {"model.activation": "relu"}
    trials = tuple(
        replace(each, values=(each.params["model.activation"] == "relu",), params=each.params)
        for each in snapshot.of_state("COMPLETE")
    )
    said = [each.text for each in answer(gather(replace(snapshot, trials=trials), spec))]
    often = [text for text in said if text.startswith("Often in the best fifth by val_accuracy")]
    never = [text for text in said if text.startswith("Never in the best fifth by val_accuracy")]
    assert len(often) == len(never) == 1
    assert all(f"{knob} {value}" in often[0] for knob, value in best.items())
    assert "model.activation gelu (0 of its" in never[0]
