"""A study as one archive: what it takes to train any of its trials again, elsewhere.

A bundle is a zip of text files and of nothing that is executed:

    bundle.json                     format, version of autoae, best trial, a checksum of each file
    study.yaml                      the study file
    report.html                     as `autoae study report` writes it
    trials/7/trial.json             what came out
    trials/7/configuration.json     everything the training knew, every leaf a constant
    trials/7/environment.json       versions, device, processor, threads
    trials/7/metrics.jsonl          one line an epoch

The checksums tell damage and careless changes. They are no signature: whoever means to deceive can
write them anew.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from autoae.spec.document import Tree
from autoae.spec.errors import SpecError
from autoae.spec.jsontext import read_json
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.errors import BundleError
from autoae.store.members import read_members
from autoae.store.runs import Line, RunFolder
from autoae.store.snapshot import TrialSnapshot
from autoae.version import __version__

FORMAT = 1
"""Goes up where an older autoae could not read what a newer one writes."""

MANIFEST, STUDY, REPORT = "bundle.json", "study.yaml", "report.html"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, ser_json_inf_nan="constants")


class Manifest(_Record):
    """What a bundle says of itself.

    Attributes:
        format: Of the archive.
        autoae: The version that wrote it.
        study: Its name.
        best: The number of the best complete trial; None without one.
        files: The SHA-256 of every other file, in hexadecimal.
    """

    format: int
    autoae: str
    study: str
    best: int | None
    files: dict[str, str]


class Outcome(_Record):
    """What came out of a trial; see `TrialSnapshot`."""

    number: int
    state: Literal["COMPLETE", "PRUNED", "FAIL"]
    values: list[float]
    params: dict[str, bool | int | float | str | None]
    network: str
    epoch: int | None
    epochs: int
    metrics: dict[str, float]
    costs: dict[str, float]
    reason: str


@dataclass(frozen=True)
class BundledTrial:
    """One trial of a bundle.

    Attributes:
        outcome: What came out.
        configuration: What was trained.
        environment: On what; empty where its run folder was gone.
        epochs: The lines of its epochs; none where its run folder was gone.
    """

    outcome: Outcome
    configuration: Tree
    environment: Mapping[str, object]
    epochs: tuple[Line, ...]


@dataclass(frozen=True)
class Bundle:
    """A bundle whose checksums are right.

    Attributes:
        source: The file it came from.
        manifest: What it says of itself.
        files: The content of every file by its name.
    """

    source: str
    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def trials(self) -> tuple[int, ...]:
        """The numbers of the trials in it."""
        parts = (name.split("/") for name in self.files if name.endswith("/trial.json"))
        return tuple(sorted(int(part[1]) for part in parts if part[1].isdecimal()))

    def spec(self) -> StudySpec:
        """The study file.

        Raises:
            SpecError: It is none that this autoae can read.
        """
        text = self._text(STUDY)
        return study_from_text(text, name=self.manifest.study, source=f"{self.source}: {STUDY}")

    def trial(self, number: int) -> BundledTrial:
        """A trial by its number.

        Raises:
            SpecError: It is not in the bundle.
            BundleError: It cannot be read.
        """
        if number not in self.trials:
            count, last = len(self.trials), max(self.trials, default=0)
            raise SpecError(
                f"{self.source} holds no trial {number}; it holds {count}, the last of them {last}",
                hint="leave --trial out for the best one",
            )
        folder = f"trials/{number}"
        try:
            return BundledTrial(
                Outcome.model_validate_json(self._text(f"{folder}/trial.json")),
                _mapping(self.files.get(f"{folder}/configuration.json", b"")),
                _mapping(self.files.get(f"{folder}/environment.json", b"{}")),
                tuple(map(_line, self._lines(f"{folder}/metrics.jsonl"))),
            )
        except ValueError as error:
            raise _unreadable(self.source, folder, error) from error

    def _text(self, name: str) -> str:
        if name not in self.files:
            raise BundleError(f"{self.source} is no whole bundle: {name} is missing")
        return self.files[name].decode(errors="replace")

    def _lines(self, name: str) -> list[str]:
        return self.files.get(name, b"").decode(errors="replace").splitlines()


def write_bundle(path: Path, manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Write a bundle; it is whole or not there.

    Args:
        path: Where; an older file is replaced.
        manifest: As `manifest_of` gives it.
        files: By their names.
    """
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        whole = {MANIFEST: manifest.model_dump_json(indent=2).encode(), **files}
        for name, text in whole.items():
            # Without the time of writing, so that equal studies give equal archives.
            archive.writestr(ZipInfo(name), text, ZIP_DEFLATED)
    RunFolder(path.parent).write_bytes(path, content.getvalue())


def manifest_of(study: str, best: int | None, files: Mapping[str, bytes]) -> Manifest:
    """What a bundle of these files says of itself."""
    checksums = {name: _checksum(content) for name, content in files.items()}
    return Manifest(format=FORMAT, autoae=__version__, study=study, best=best, files=checksums)


def trial_files(trial: TrialSnapshot, folder: RunFolder) -> Iterator[tuple[str, bytes]]:
    """The files of a finished trial that began, by their names in a bundle.

    Args:
        trial: As the storage has it.
        folder: Its run folder, which may be gone.
    """
    start = f"trials/{trial.number}"
    yield f"{start}/trial.json", _outcome(trial).model_dump_json(indent=2).encode()
    configuration = json.dumps(trial.configuration, indent=2)
    yield f"{start}/configuration.json", configuration.encode()
    for file in (folder.environment, folder.metrics):
        if file.exists():
            yield f"{start}/{file.name}", file.read_bytes()


def read_bundle(path: Path) -> Bundle:
    """Read a bundle into memory; nothing is unpacked to the disk.

    Raises:
        BundleError: It is none, is of a newer version, was changed, or could do harm.
    """
    files = read_members(path)
    manifest = _manifest(path, files.pop(MANIFEST, None))
    expected, found = set(manifest.files), set(files)
    for name in sorted(expected ^ found):
        what = "is missing" if name in expected else "does not belong to it"
        raise _changed(path, f"{name} {what}")
    for name, content in files.items():
        if _checksum(content) != manifest.files[name]:
            raise _changed(path, f"{name} is not what was bundled (its checksum differs)")
    return Bundle(str(path), manifest, files)


def _manifest(path: Path, content: bytes | None) -> Manifest:
    if content is None:
        raise BundleError(f"{path} is no bundle of a study: it has no {MANIFEST}", hint=_MAKE)
    try:
        # A newer format may have other fields, so its number is looked at first.
        known = _mapping(content)
        written = known.get("format")
        newer = isinstance(written, int) and written > FORMAT
        manifest = None if newer else Manifest.model_validate(known)
    except ValueError as error:
        raise _unreadable(str(path), MANIFEST, error) from error
    if manifest is None:
        raise _newer(path, known)
    return manifest


def _newer(path: Path, known: Tree) -> BundleError:
    return BundleError(
        f"{path} is a bundle of format {known['format']}, and autoae {__version__} reads "
        f"format {FORMAT}",
        hint=f"use autoae {known.get('autoae', 'of another version')}, which wrote it, or newer",
    )


def _mapping(text: str | bytes) -> Tree:
    found = read_json(text)
    if not isinstance(found, dict):
        raise ValueError("expected a mapping")
    return found


def _line(text: str) -> Line:
    return TypeAdapter(Line).validate_python(read_json(text))


def _outcome(trial: TrialSnapshot) -> Outcome:
    return Outcome.model_validate(
        {
            **{name: getattr(trial, name) for name in Outcome.model_fields},
            "values": list(trial.values),
        }
    )


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _changed(path: Path, what: str) -> BundleError:
    return BundleError(
        f"{path} was changed or damaged: {what}", hint="get it again from where it was made"
    )


def _unreadable(source: str, where: str, error: ValueError) -> BundleError:
    reason = str(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return BundleError(f"{source} cannot be read: {where}: {reason}", hint=_MAKE)


_MAKE = "`autoae study bundle STUDY` makes one"
