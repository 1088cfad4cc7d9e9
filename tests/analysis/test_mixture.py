from autoae.analysis.mixture import mixtures
from autoae.analysis.repetition import Facts

HERE: Facts = {
    "device_name": "CPU A",
    "packages": {"torch": "2.9", "autoae": "0.1"},
    "git_commit": None,
}
THERE: Facts = {**HERE, "device_name": "GPU B", "packages": {"torch": "2.10", "autoae": "0.1"}}


def test_trials_of_one_environment_are_not_warned_of() -> None:
    alike = {0: HERE, 1: HERE, 2: {}, 3: {**HERE, "git_commit": "abc", "seed": 3}}
    assert not list(mixtures("tiny", alike))


def test_other_versions_and_devices_are_named_with_what_to_do() -> None:
    torch, device, advice = mixtures("tiny", {2: HERE, 5: THERE, 7: HERE})
    assert torch == "the trials ran with different torch: 2.9 (trials 2, 7), 2.10 (trial 5)"
    assert device == (
        "the trials ran with different device name: CPU A (trials 2, 7), GPU B (trial 5)"
    )
    assert "`autoae trial reproduce tiny 5`" in advice


def test_of_many_trials_their_number_is_said() -> None:
    said = next(mixtures("tiny", {**dict.fromkeys(range(40), HERE), 40: THERE}))
    assert said.endswith("torch: 2.9 (40 trials), 2.10 (trial 40)")
