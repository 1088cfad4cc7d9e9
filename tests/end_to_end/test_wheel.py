"""The wheel works where there is nothing but the wheel and what it depends on."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build_wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run([*command, "--no-isolation"], check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


def install(wheel: Path, environment: Path) -> str:
    """Install a wheel into an environment of its own; what it depends on is borrowed from ours."""
    # Our pip installs into it: to make it one of its own takes longer than all the rest.
    venv.create(environment, with_pip=False)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    command = [*pip, "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    # A line of a .pth file adds our packages, but not our checkout, behind its own.
    borrowed = Path(packages) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return str(python)


def autoae(python: str, folder: Path, *words: str) -> str:
    """Run the command in a folder, as a user of that environment does; gives what it wrote."""
    done = subprocess.run(
        [python, "-m", "autoae", *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_runs_a_study_in_an_empty_folder(tmp_path: Path) -> None:
    python = install(build_wheel(tmp_path), tmp_path / "environment")
    folder = tmp_path / "empty"
    folder.mkdir()
    where = [python, "-c", "import autoae; print(autoae.__file__)"]
    found = subprocess.run(where, cwd=folder, check=True, capture_output=True, text=True).stdout
    assert str(tmp_path) in found
    small = ["--set", "search.trials=2", "--set", "training.epochs=1", "--workers", "1"]
    words = ("study", "create", "digits-hybrid", *small, "--run", "--json")
    assert json.loads(autoae(python, folder, *words))["done"] == 2
    assert (folder / "storage" / "autoae.db").is_file()
