from autoae.analysis.mixture import mixtures

HERE = {"device_name": "CPU A", "packages": {"torch": "2.9", "autoae": "0.1"}, "git_commit": None}


def test_trials_of_one_environment_are_not_warned_of() -> None:
    assert not list(mixtures([HERE, HERE, {}, {**HERE, "git_commit": "abc", "seed": 3}]))


def test_other_versions_and_devices_are_counted() -> None:
    there = {**HERE, "device_name": "GPU B", "packages": {"torch": "2.10", "autoae": "0.1"}}
    assert list(mixtures([HERE, there, HERE])) == [
        "the trials ran with different torch: 2.9 (2), 2.10 (1)",
        "the trials ran with different device name: CPU A (2), GPU B (1)",
    ]
