"""Reports of whole studies, with the files that their trials would have left."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autoae.analysis.evidence import Confirmation, gather
from autoae.analysis.ledger import Ledger
from autoae.spec.study import StudySpec
from autoae.store.runs import trial_folder
from autoae.store.snapshot import StudySnapshot
from autoae.views.report.blocks import Report
from autoae.views.report.build import build
from autoae.views.report.material import Material
from autoae.views.report.runs import Folders

NOW = datetime(2026, 3, 2, 9, 30)
PICTURES = 10

MakeMaterial = Callable[..., Material]


@pytest.fixture
def material(tmp_path: Path) -> MakeMaterial:
    """Makes the material of a report."""

    def make(
        study: StudySnapshot,
        spec: StudySpec,
        *,
        files: bool = True,
        ledger: Ledger | None = None,
        confirmation: Confirmation | None = None,
    ) -> Material:
        root = tmp_path / "runs"
        for trial in study.trials if files else ():
            write_run(root, study.name, trial.number)
        return Material(
            evidence=gather(study, spec, ledger, confirmation),
            folders=Folders(root, study.name),
            storage="sqlite:///storage/autoae.db",
            commands=[("autoae study create hybrid.yaml --run", "train it again")],
            version="0.1.0",
        )

    return make


def report_of(material: Material) -> Report:
    """The report of some material, written at a fixed time."""
    return build(material, NOW)


def write_run(root: Path, study: str, number: int, *, images: int = 0) -> None:
    """Write what a training leaves behind.

    Args:
        root: Of all run folders.
        study: Its name.
        number: Of the trial.
        images: Seed of the images that it saw.
    """
    folder = trial_folder(root, study, number)
    folder.path.mkdir(parents=True)
    originals = np.random.default_rng(images).integers(0, 256, (PICTURES, 1, 8, 8), np.uint8)
    np.savez(
        folder.arrays,
        originals=originals,
        reconstructions=originals // 2,
        picture_labels=np.arange(PICTURES),
        confusion=np.eye(10, dtype=np.int64) * 30,
        latent=_latents(number),
        latent_labels=np.arange(60) % 10,
        features_1=np.full((3, 8, 8, 8), 200, np.uint8),
        features_2=np.full((3, 5, 4, 6), 90, np.uint8),
    )
    folder.write_json(folder.best, {"classes": [f"class {name}" for name in range(10)]})
    for epoch in (1, 2, 3):
        folder.append_metrics(epoch, {"train_loss": 1 / epoch, "val_loss": 2 / epoch})
    environment = {"python": "3.11.2", "packages": {"torch": "2.8"}, "seed": number}
    folder.environment.write_text(json.dumps(environment))


def _latents(number: int) -> NDArray[np.float32]:
    """Ten classes around places of their own in four numbers."""
    random = np.random.default_rng(number)
    places = random.normal(size=(10, 4))
    return (places[np.arange(60) % 10] + 0.1 * random.normal(size=(60, 4))).astype(np.float32)
