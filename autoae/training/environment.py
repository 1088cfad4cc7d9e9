"""On what a training ran: enough to understand later why two figures differ."""

import os
import platform
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from autoae.training.devices import processor
from autoae.training.member import Member

_PACKAGES = ("autoae", "torch", "numpy", "optuna")

Fact = str | int | bool | None | dict[str, str | None]


def environment(member: Member, stack: int = 1) -> dict[str, Fact]:
    """Versions, machine, device, precision, threads, seed, and the git commit, if any.

    Args:
        member: Before its training.
        stack: How many are trained side by side: sums are taken in another order there.
    """
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "git_commit": git_commit(),
        "processor": processor(torch.device("cpu")),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": str(member.device),
        "device_name": processor(member.device),
        "cuda": torch.version.cuda if member.device.type == "cuda" else None,
        "precision": member.precision,
        "stack": stack,
        "seed": member.configuration.training.seed,
    }


@cache  # What was imported stays; looking for four of them takes 5 ms a trial.
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache  # What was imported does not change with the checkout, and git takes 15 ms a trial.
def git_commit() -> str | None:
    """The commit of autoae's own checkout, `-dirty` with changes; None if it has none."""
    root, git = Path(__file__).parents[2], shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    command = [git, "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40"]
    found = subprocess.run(  # noqa: S603 - git by its full path, fixed arguments
        [*command, "--exclude=*"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None
