"""Study files for tests, as text."""

from pathlib import Path

from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec

SMALL = """\
description: a question
data:
  dataset: digits
model:
  encoder: {kind: conv, depth: {min: 1, max: 3}, width: {values: [8, 16]}}
  latent: {min: 2, max: 32, log: true}
  task: classify
training:
  lr: {min: 1e-4, max: 1e-1, log: true}
  epochs: 2
"""


def study(
    tmp_path: Path, text: str = SMALL, *overrides: str, profile: str | None = None
) -> StudySpec:
    """Read a study file from text."""
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return read_study(str(path), overrides=overrides, profile=profile)
