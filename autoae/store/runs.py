"""The run folder of a trial: what a training leaves behind, each file whole or not there."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import cast
from urllib.parse import quote

from autoae.spec.config import Configuration
from autoae.spec.files import append, keep, replace_file, sweep, writing
from autoae.spec.jsontext import mapping_in, read_json
from autoae.store.shared import shared_place
from autoae.store.urls import sqlite_file

Line = dict[str, float | None]
"""The numbers of one epoch by name, `epoch` among them; None is one that is not finite."""


def run_root(url: str) -> Path:
    """The directory of all run folders of a storage.

    It is `runs` in the directory that AUTOAE_ARTIFACTS names; else `runs` beside an SQLite file,
    and `storage/runs` for any other database.

    Raises:
        StorageError: AUTOAE_ARTIFACTS names no place.
    """
    shared = shared_place()
    if isinstance(shared, Path):
        return shared / "runs"
    file = sqlite_file(url)
    return (file.parent if file is not None else Path("storage")) / "runs"


def artifact_folder(root: Path) -> Path:
    """Where the pictures that the dashboard shows are: `artifacts` beside the run folders.

    Args:
        root: As `run_root` gives it.
    """
    return root.parent / "artifacts"


@dataclass(frozen=True)
class RunFolder:
    """Where one trial's files are.

    Attributes:
        path: The folder; it need not exist yet.
    """

    path: Path

    @property
    def configuration(self) -> Path:
        """Everything that the training knew, JSON."""
        return self.path / "configuration.json"

    @property
    def environment(self) -> Path:
        """Versions, seed, commit and device, JSON."""
        return self.path / "environment.json"

    @property
    def metrics(self) -> Path:
        """One JSON object a line, one line an epoch."""
        return self.path / "metrics.jsonl"

    @property
    def gradients(self) -> Path:
        """How large each layer's gradient was, one line an epoch, where that was asked for."""
        return self.path / "gradients.jsonl"

    @property
    def checkpoint(self) -> Path:
        """Everything that continues the training after its last saved epoch."""
        return self.path / "checkpoint.pt"

    @property
    def weights(self) -> Path:
        """The weights of the best epoch, safetensors."""
        return self.path / "best.safetensors"

    @property
    def best(self) -> Path:
        """The best epoch, its metrics and the costs, JSON."""
        return self.path / "best.json"

    @property
    def arrays(self) -> Path:
        """What there is to see, as NumPy arrays: reconstructions, confusion, latent sample."""
        return self.path / "arrays.npz"

    @property
    def error(self) -> Path:
        """The traceback of a training that failed by a defect."""
        return self.path / "error.txt"

    def write_configuration(self, configuration: Configuration) -> None:
        """Write `configuration.json`, creating the folder."""
        self.write_json(self.configuration, configuration.model_dump(mode="json"))

    def write_environment(self, environment: Mapping[str, object]) -> None:
        """Write `environment.json`."""
        self.write_json(self.environment, dict(environment))

    def read_environment(self) -> dict[str, object]:
        """What `environment.json` says; nothing where it is missing or damaged."""
        return mapping_in(self.environment)

    def append_metrics(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Add the line of one epoch to `metrics.jsonl`."""
        _append(self.metrics, epoch, metrics)

    def read_metrics(self) -> list[Line]:
        """The lines of `metrics.jsonl`, oldest first; a torn last line is not written yet."""
        return _read(self.metrics)

    def begin_with(self, earlier: "RunFolder", epochs: int) -> None:
        """Take the lines of the first epochs from an earlier run of the same training.

        Raises:
            ValueError: They are damaged; nothing is written then.
            UnwrittenError: They cannot be written.
        """
        pairs = ((self.metrics, earlier.metrics), (self.gradients, earlier.gradients))
        for own, lines in [(own, _read(other)) for own, other in pairs]:
            if taken := [line for line in lines if (line["epoch"] or 0) <= epochs]:
                text = "".join(json.dumps(line) + "\n" for line in taken)
                self.write_bytes(own, text.encode())

    def append_gradients(self, epoch: int, gradients: Mapping[str, float]) -> None:
        """Add the line of one epoch, by the dotted names of the layers."""
        _append(self.gradients, epoch, gradients)

    def read_gradients(self) -> list[Line]:
        """The lines of `gradients.jsonl`, oldest first."""
        return _read(self.gradients)

    def write_json(self, path: Path, content: object) -> None:
        """Write as JSON; the file is whole or not there."""
        self.write_bytes(path, (json.dumps(content, indent=2) + "\n").encode())

    def write_bytes(self, path: Path, content: bytes) -> None:
        """Write a file, creating the folder; it is whole or not there.

        Raises:
            UnwrittenError: It cannot; the old one is as it was, and nothing lies beside it.
        """
        with writing(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)

    def keep(self) -> None:
        """Make sure that all of it survives that the machine loses its power.

        Raises:
            OSError: The disk does not take it.
        """
        keep(self.path, self.metrics, self.gradients)

    def sweep(self) -> None:
        """Delete what a training that was killed while it wrote has left."""
        sweep(self.path)


def line_of(epoch: int, numbers: Mapping[str, float]) -> Line:
    """The line of an epoch, as it is written and read."""
    known = {name: value if isfinite(value) else None for name, value in numbers.items()}
    return {"epoch": epoch, **known}


def _append(path: Path, epoch: int, numbers: Mapping[str, float]) -> None:
    append(path, (json.dumps(line_of(epoch, numbers)) + "\n").encode())


def _read(path: Path) -> list[Line]:
    if not path.exists():
        return []
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")
    return [_line(line) for line in lines]


def _line(text: str) -> Line:
    line = read_json(text)
    # `bool` and what is not finite are numbers to Python, and harmless to whoever reads them.
    numbers = isinstance(line, dict) and all(
        isinstance(n, int | float | None) for n in line.values()
    )
    if not numbers or not isinstance(line.get("epoch"), int):
        raise ValueError(f"{text[:40]!r} is no line of an epoch")
    return cast("Line", line)


def trial_folder(root: Path, study: str, number: int) -> RunFolder:
    """The run folder of a trial: `<root>/<study>/<number>`."""
    return RunFolder(study_folder(root, study) / str(number))


def study_folder(root: Path, study: str) -> Path:
    """The folder of a study: `<root>/<study>`.

    `check_name` refuses names that lead elsewhere, but other programs may give them to studies of
    the same storage: such a one is written with percent signs, as in a URL.
    """
    leads_elsewhere = study in ("", ".", "..") or any(each in study for each in "/\\:\0")
    if leads_elsewhere:
        return root / (quote(study, safe="").replace(".", "%2E") or "%")
    return root / study


def delete_runs(root: Path, study: str) -> None:
    """Delete the run folders of a study."""
    shutil.rmtree(study_folder(root, study), ignore_errors=True)
