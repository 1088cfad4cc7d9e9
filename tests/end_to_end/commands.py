"""The `autoae` command as a user runs it: a process of its own in a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path


def autoae(
    folder: Path, *arguments: str, python: str = sys.executable, expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder and hold it to its exit code."""
    done = subprocess.run(
        [python, "-m", "autoae", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


def shown(folder: Path, study: str) -> dict[str, object]:
    """What `study show --json` says."""
    found = json.loads(autoae(folder, "study", "show", study, "--json").stdout)
    assert isinstance(found, dict)
    return found
