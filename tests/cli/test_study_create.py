from pathlib import Path

import pytest

from autoae.cli import opened
from autoae.cli.survey import combinations
from autoae.spec.reading import read_study
from tests.cli.conftest import Autoae


def test_a_study_is_created_where_the_default_says(autoae: Autoae, study_file: Path) -> None:
    said = autoae("study", "create", str(study_file))
    assert said.code == 0
    assert said.out == ""
    assert "4 trials in sqlite:///storage/autoae.db" in said.err
    assert Path("storage/autoae.db").exists()


def test_the_storage_of_the_environment_is_honoured(
    autoae: Autoae, study_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///theirs.db")
    assert autoae("study", "create", str(study_file)).code == 0
    monkeypatch.setenv("AUTOAE_STORAGE", "sqlite:///ours.db")
    assert autoae("study", "create", str(study_file), "--json").json["study"] == "small"
    assert Path("theirs.db").exists()
    assert Path("ours.db").exists()


def test_shorthands_reach_the_study_file(autoae: Autoae, study_file: Path) -> None:
    words = ["--trials", "7", "--timeout", "2m", "--seed", "5", "--device", "cpu", "--name", "mine"]
    assert autoae("study", "create", str(study_file), *words).code == 0
    with opened.opened("mine", None) as study:
        search, training = study.spec.settings.search, study.spec.tree["training"]
    assert (search.trials, search.timeout, search.seed) == (7, 120, 5)
    assert isinstance(training, dict)
    assert (training["seed"], training["device"]) == (5, "cpu")


def test_a_taken_name_is_refused_and_can_be_taken_up(autoae: Autoae, study_file: Path) -> None:
    create = ("study", "create", str(study_file))
    assert autoae(*create).code == 0
    said = autoae(*create)
    assert said.code == 1
    assert "study 'small' exists" in said.err
    assert "--if-exists reuse" in said.err
    assert autoae(*create, "--if-exists", "reuse", "--trials", "9").code == 0


def test_another_space_is_refused_for_a_study_that_exists(autoae: Autoae, study_file: Path) -> None:
    create = ("study", "create", str(study_file), "--if-exists", "reuse")
    assert autoae(*create).code == 0
    said = autoae(*create, "--set", "model.encoder.width={values: [4, 8, 16]}")
    assert said.code == 1
    assert "another space" in said.err


def test_a_space_of_which_nothing_can_be_built_is_refused_with_its_place(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae("study", "create", str(study_file), "--set", "model.encoder.depth=7")
    assert said.code == 2
    assert "--set model.encoder.depth=7" in said.err or "small.yaml" in said.err
    assert "below one pixel" in said.err
    assert not Path("storage").exists()


def test_a_dry_run_tells_size_extremes_time_and_disk_and_creates_nothing(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae("study", "create", str(study_file), "--dry-run", "--workers", "2")
    assert said.code == 0
    for words in ("infinite", "smallest", "largest", "with 2 workers", "run folders"):
        assert words in said.out
    assert "nothing was created" in said.err
    assert not Path("storage").exists()
    facts = autoae("study", "create", str(study_file), "--dry-run", "--json").json
    cost = facts["cost"]
    assert isinstance(cost, dict)
    assert cost["smallest"]["params"] < cost["largest"]["params"]


def test_a_dry_run_says_so_where_every_network_breaks_a_limit(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae("study", "create", str(study_file), "--dry-run", "--set", "limits.params=3")
    assert said.code == 2
    assert "breaks a limit" in said.err


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("training.lr=0.01", None),
        ("model.latent=4", None),
        ("search.trials=9", None),
    ],
)
def test_a_space_with_a_continuous_range_is_infinite(
    study_file: Path, override: str, expected: int | None
) -> None:
    spec = read_study(str(study_file), overrides=[override, "model.encoder.growth=1.5"][:1])
    finite = override.startswith("training.lr")
    assert (combinations(spec) is expected) == (not finite)


def test_conditional_parameters_are_counted_once_for_each_depth(study_file: Path) -> None:
    overrides = ["training.lr=0.01", "model.latent={values: [2, 4, 8]}"]
    spec = read_study(str(study_file), overrides=overrides)
    # Depth 1 has 2 widths, depth 2 has 2 times 2; each with 3 latents.
    assert combinations(spec) == (2 + 4) * 3


@pytest.mark.parametrize(
    "words",
    [
        ("--timeout", "soon"),
        ("--trials", "0"),
        ("--workers", "many"),
        ("--if-exists", "maybe"),
        ("--profile", "fast"),
        ("--name", "no/slash"),
        ("--storage", "storage.db"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_made(
    autoae: Autoae, study_file: Path, words: tuple[str, str]
) -> None:
    said = autoae("study", "create", str(study_file), *words)
    assert said.code in (1, 2)
    assert said.out == ""
    assert said.err
    assert not Path("storage/autoae.db").exists() or words[0] == "--name"


def test_a_storage_that_cannot_be_written_is_named(autoae: Autoae, study_file: Path) -> None:
    Path("file").write_text("not a directory")
    said = autoae("study", "create", str(study_file), "--storage", "sqlite:///file/autoae.db")
    assert said.code == 1
    assert "file" in said.err
    assert "--storage" in said.err


def test_a_storage_that_does_not_answer_is_told(autoae: Autoae, study_file: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    said = autoae("study", "create", str(study_file), "--storage", url)
    assert said.code == 1
    assert "secret" not in said.err


def test_a_network_disk_below_sqlite_is_named(
    autoae: Autoae, study_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "network_filesystem", lambda _: "nfs4")
    said = autoae("study", "create", str(study_file))
    assert said.code == 0
    assert "network file system (nfs4)" in said.err
