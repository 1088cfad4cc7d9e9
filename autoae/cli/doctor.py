"""`autoae doctor`: what this machine has, and whether autoae can work on it."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from autoae.cli import options
from autoae.cli.errors import ExitCode
from autoae.cli.output import show

if TYPE_CHECKING:
    from rich.console import RenderableType

PACKAGES = ("autoae", "torch", "torchvision", "optuna", "optuna-dashboard", "numpy", "sqlalchemy")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: It.
        found: What was found, in words.
        problem: What is wrong and what to do; empty where all is well.
        there: False for what may be missing, and is.
    """

    what: str
    found: str
    problem: str = ""
    there: bool = True


def doctor(storage: options.Storage = None, as_json: options.AsJson = False) -> None:
    """Look at versions, devices, cores, data and storage; exit 1 if something is wrong."""
    findings = {
        "versions": list(versions()),
        "machine": list(devices()),
        "data": list(data_sets()),
        "storage": list(storages(storage)),
    }
    show(findings, lambda: _page(findings), as_json=as_json)
    if any(finding.problem for found in findings.values() for finding in found):
        raise typer.Exit(int(ExitCode.FAILED))


def versions() -> Iterable[Finding]:
    """Python and the packages that matter."""
    from importlib.metadata import PackageNotFoundError, version

    yield Finding("python", platform.python_version())
    for package in PACKAGES:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, "missing", f"install it: pip install {package}")


def devices() -> Iterable[Finding]:
    """Where can be trained, and on how many cores."""
    import psutil
    import torch

    from autoae.cli.running import worker_count
    from autoae.training.devices import processor

    yield Finding("system", platform.platform())
    yield Finding("cpu", f"{worker_count(None)} cores, {processor(torch.device('cpu'))}")
    yield Finding("memory", f"{psutil.virtual_memory().total / 1e9:.1f} GB")
    for index in range(torch.cuda.device_count()):
        yield Finding(f"cuda:{index}", torch.cuda.get_device_name(index))
    if torch.backends.mps.is_available():
        yield Finding("mps", "Apple GPU")


def data_sets() -> Iterable[Finding]:
    """Which data sets are here; one that is not is no fault."""
    from autoae.data import available
    from autoae.data.roots import cache_directory

    for each in available():
        found = f"{each.shown}: {each.place}" if each.place else "not here"
        yield Finding(each.name, found, there=bool(each.place))
    cache = cache_directory()
    yield Finding("cache", str(cache), _unwritable(cache))


def storages(given: str | None) -> Iterable[Finding]:
    """Whether the storage answers and lies on a local disk."""
    from autoae.spec.errors import UserError
    from autoae.store.filesystems import network_filesystem
    from autoae.store.listing import study_names
    from autoae.store.storage import shown_url, sqlite_file, storage_url

    try:
        url = storage_url(given)
        studies = len(study_names(url))
    except UserError as error:
        yield Finding("storage", "does not answer", f"{error}; {error.hint}".rstrip("; "))
        return
    yield Finding("storage", f"{shown_url(url)}, {studies} studies")
    if (file := sqlite_file(url)) is not None:
        kind, problem = network_filesystem(file), _unwritable(file.parent)
        if kind is not None:
            problem = f"{kind} is a network file system, on which SQLite is unsafe; use PostgreSQL"
        yield Finding("directory", str(file.parent.resolve()), problem)


def _unwritable(directory: Path) -> str:
    """Why nothing could be written there; empty where it could."""
    existing = next(place for place in (directory, *directory.resolve().parents) if place.exists())
    return "" if os.access(existing, os.W_OK) else f"{existing} cannot be written"


def _page(findings: dict[str, list[Finding]]) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from autoae.views.tables import section, table, wide, words

    parts = []
    for title, found in findings.items():
        rows = [_row(finding) for finding in found]
        parts += section(title, table([words(""), words(""), wide("")], rows))
    return Group(*parts[1:], Text())


def _row(finding: Finding) -> "Sequence[RenderableType]":
    from rich.text import Text

    mark = Text("✓", style="green") if finding.there else Text("–", style="dim")
    if finding.problem:
        mark = Text("✗", style="red")
    problem = f"\n{finding.problem}" if finding.problem else ""
    found = Text(finding.found, style="" if finding.there else "dim")
    return [mark, finding.what, found.append(problem, style="yellow")]
