"""Presets trained on real images, in this process: PyTorch is imported once for all of them."""

from collections.abc import Sequence
from pathlib import Path

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.reading import read_study
from autoae.store.snapshot import TrialSnapshot
from tests.search.support import create, launch_thread, snapshot


def trained(folder: Path, preset: str, overrides: Sequence[str]) -> tuple[TrialSnapshot, ...]:
    """The trials of a preset's quick profile, run to their end; refused ones are left out."""
    spec, url = read_study(preset, profile="quick", overrides=overrides), f"sqlite:///{folder}/a.db"
    create(url, spec)
    run_study(preset, url, RunOptions(), SilentObserver(), launch=launch_thread)
    return tuple(trial for trial in snapshot(url, preset).trials if not trial.refused)
