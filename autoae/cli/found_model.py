"""Which trained network a user means."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete
from autoae.cli.output import note

if TYPE_CHECKING:
    from autoae.inference.model import Model

Named = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="STUDY:TRIAL, a STUDY (its best trial), or a folder that holds best.safetensors.",
        autocompletion=complete.trial,
        show_default=False,
    ),
]


@dataclass(frozen=True)
class FoundModel:
    """A trained network and where it comes from.

    Attributes:
        name: As files are called after it: `digits-hybrid-12`.
        folder: Where its files are.
        study: Whose trial it is, or None.
        trial: The number of that trial, or None.
    """

    name: str
    folder: Path
    study: str | None = None
    trial: int | None = None

    def load(self) -> "Model":
        """Load it.

        Raises:
            WeightsError: Its files are missing, damaged or changed.
        """
        from autoae.inference.model import load_model

        return load_model(self.folder)


def found_model(text: str, storage: str | None) -> FoundModel:
    """Find what MODEL names.

    Args:
        text: STUDY:TRIAL, STUDY, a folder or file, or the name of a folder in `models`.
        storage: As the user gave it.

    Raises:
        SpecError: No such trial, or the study has no complete one.
        StudyNotFound: There is neither such a study nor such a folder.
    """
    from autoae.cli.chosen import is_trial
    from autoae.cli.opened import split_trial

    path = Path(text)
    if is_trial(text):
        return _of_trial(*split_trial(text), storage)
    if path.is_file() or "/" in text or (path / "best.safetensors").is_file():
        return _of_folder(path, storage)
    return _by_name(text, storage)


def _of_trial(study: str, number: int, storage: str | None) -> FoundModel:
    from autoae.cli.opened import opened, trial_of
    from autoae.store.runs import run_root, trial_folder

    with opened(study, storage) as found:
        trial_of(found.snapshot(), number)
        folder = trial_folder(run_root(found.url), study, number)
    return FoundModel(f"{study}-{number}", folder.path, study, number)


def _of_folder(path: Path, storage: str | None) -> FoundModel:
    """A folder, or a file in it; a run folder of this storage is known as its trial."""
    from autoae.store.runs import run_root
    from autoae.store.urls import storage_url

    # What is no model is said when it is loaded.
    folder = path.parent if path.suffix == ".safetensors" else path
    whole = folder.resolve()
    if whole.name.isdecimal() and whole.parents[1] == run_root(storage_url(storage)).resolve():
        study = whole.parent.name
        return FoundModel(f"{study}-{whole.name}", folder, study, int(whole.name))
    return FoundModel(whole.name, folder)


def _by_name(name: str, storage: str | None) -> FoundModel:
    from autoae.cli.training import models_root
    from autoae.library import load_study
    from autoae.store.errors import StudyNotFound
    from autoae.store.runs import run_root, trial_folder

    try:
        study = load_study(name, storage)
    except StudyNotFound:
        folder = models_root(storage) / name
        if folder.is_dir():
            return FoundModel(name, folder)
        raise
    best = study.best()
    note(f"the best trial of {name} is {best.number}: {best.network}")
    path = trial_folder(run_root(study.url), name, best.number).path
    return FoundModel(f"{name}-{best.number}", path, name, best.number)
