"""The command that trains a trial again says what the machine chose then."""

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.store.reproduction import reproduction
from autoae.store.runs import RunFolder
from autoae.store.snapshot import TrialSnapshot
from tests.snapshots import trial

PACKAGES = {"torch": version("torch"), "numpy": version("numpy")}
BEGUN: TrialSnapshot = replace(trial(7), configuration={"training": {"device": "auto"}})


def kept(path: Path, **facts: object) -> RunFolder:
    """A run folder with these facts of its environment."""
    folder = RunFolder(path)
    folder.environment.write_text(json.dumps({"packages": PACKAGES, **facts}))
    return folder


def test_what_was_left_open_is_said(tmp_path: Path) -> None:
    folder = kept(tmp_path, threads=3, device="cuda:1", precision="bfloat16")
    made = reproduction("small", BEGUN, folder, "sqlite:///a b.db")
    assert made.command == (
        "OMP_NUM_THREADS=3 autoae model train --from small:7 --device cuda:1 "
        "--set training.precision=bfloat16 --storage 'sqlite:///a b.db'"
    )
    assert made.doubts == ()


def test_what_the_study_file_says_is_not_repeated(tmp_path: Path) -> None:
    folder = kept(tmp_path, threads=1, device="cpu", precision="float32")
    options: dict[str, Value] = {"device": "cpu", "precision": "float32"}
    fixed = replace(BEGUN, configuration={"training": options})
    made = reproduction("small", fixed, folder)
    assert made.command == "OMP_NUM_THREADS=1 autoae model train --from small:7"


def test_what_may_differ_is_said(tmp_path: Path) -> None:
    folder = kept(tmp_path, packages={**PACKAGES, "torch": "1.0", "gone": "2"}, stack=6)
    doubts = reproduction("small", replace(BEGUN, state="PRUNED"), folder).doubts
    assert doubts[0] == f"it was trained with torch 1.0; here is {version('torch')}"
    assert doubts[1] == "it was trained with gone 2; here is none"
    assert "in a stack of 6" in doubts[2]
    assert "ended after 4 epochs" in doubts[3]
    (gone,) = reproduction("small", BEGUN, RunFolder(tmp_path / "nowhere")).doubts
    assert "run folder is gone" in gone


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    made = reproduction("small", BEGUN, kept(tmp_path), "postgresql://me:secret@host/db")
    assert "secret" not in made.command + "".join(made.doubts)
    assert "AUTOAE_STORAGE" in made.doubts[0]


def test_a_trial_that_never_began_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="trial 7 of study 'small' never started"):
        reproduction("small", trial(7), RunFolder(tmp_path))
