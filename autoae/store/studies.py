"""Studies in a storage: created with everything that plain Optuna clients show, found, deleted."""

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autoae.spec.errors import SpecError, UserError
from autoae.spec.names import nearest
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.attributes import BUDGET, FORMAT, LEASE, SPEC, VERSION
from autoae.store.compatibility import check_same_space
from autoae.store.errors import StorageError, StudyExists, StudyNotFound
from autoae.store.leases import is_lost, lease_from
from autoae.store.runs import artifact_folder, delete_runs
from autoae.version import __version__

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage

KNOWN_FORMAT = 1
"""Of the attributes that are written here. A study of an older one shall be read as well."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> None:
    """Refuse a name that could not be a folder on every system.

    Raises:
        SpecError: With what a name may hold.
    """
    if not _NAME.fullmatch(name):
        raise SpecError(
            f"{name!r} is no name of a study; expected up to 100 letters, digits, `.`, `_` and "
            "`-`, the first a letter or digit",
            hint="give another one with --name",
        )


def create_study(storage: "BaseStorage", spec: StudySpec, *, reuse: bool = False) -> "Study":
    """Create a study, or take up one that exists.

    Args:
        storage: As `open_storage` gives it.
        spec: The study file; its name becomes the study's.
        reuse: Take up a study of that name if its space is the same, with the new file.

    Raises:
        SpecError: The name is not allowed.
        StudyExists: A study of that name exists and is not to be reused, or cannot be.
    """
    from optuna.study import get_all_study_names

    check_name(spec.name)
    if spec.name not in get_all_study_names(storage):
        return _describe(_created(storage, spec), spec)
    study = load_study(storage, spec.name)
    if SPEC not in study.user_attrs and not study.get_trials(deepcopy=False):
        return _describe(study, spec)  # Its creation was cut short.
    if not reuse:
        raise _exists(spec.name)
    check_same_space(study_spec(study), spec)
    return _describe(study, spec)


def load_study(storage: "BaseStorage", name: str) -> "Study":
    """Find a study by its name.

    Raises:
        StudyNotFound: With the nearest name.
        StorageError: A newer version of autoae wrote it.
    """
    import optuna

    try:
        study = optuna.load_study(study_name=name, storage=storage)
    except KeyError as error:
        names = optuna.study.get_all_study_names(storage)
        known = nearest(name, names) if names else "the storage holds no study yet"
        hint = "`autoae study list` shows them; `autoae study create` makes one"
        raise StudyNotFound(f"there is no study {name!r}; {known}", hint=hint) from error
    check_format(name, study.user_attrs)
    return study


def check_format(name: str, attributes: Mapping[str, object]) -> None:
    """Refuse what a newer version wrote, before it is misread or changed.

    Args:
        name: Of a study.
        attributes: That are kept with it.

    Raises:
        StorageError: With the version to install.
    """
    written = attributes.get(FORMAT)
    if isinstance(written, int) and written > KNOWN_FORMAT:
        newer = _version_of(attributes)
        raise StorageError(
            f"study {name!r} was written by autoae {newer or 'of a newer version'} in format "
            f"{written}, and autoae {__version__} reads format {KNOWN_FORMAT}",
            hint=f"install {f'autoae {newer} or newer' if newer else 'it'}: pip install -U autoae",
        )


def _version_of(attributes: Mapping[str, object]) -> str:
    """The version of autoae that wrote a study; empty where that is not known."""
    version = attributes.get(VERSION)
    return version if isinstance(version, str) else ""


def study_spec(study: "Study") -> StudySpec:
    """The study file that is kept with a study.

    Raises:
        StorageError: Another program created the study.
    """
    attributes = study.user_attrs
    text = attributes.get(SPEC)
    if not isinstance(text, str):
        raise StorageError(
            f"study {study.study_name!r} keeps no study file: another program created it",
            hint="plain Optuna and optuna-dashboard can show it",
        )
    try:
        return study_from_text(text, name=study.study_name, source=f"study {study.study_name}")
    except SpecError as error:
        # It was whole when it was kept: what it says now has another meaning, or none.
        raise _of_another_version(error, _version_of(attributes)) from error


def _of_another_version(error: SpecError, version: str) -> UserError:
    if version in ("", __version__):
        return error
    return StorageError(
        f"{error}; the study was written by autoae {version}, and this is {__version__}",
        hint=f"pip install autoae=={version}, or create a new study from a mended file",
    )


def study_budget(study: "Study") -> int:
    """Trials over all runs and workers."""
    budget = study.user_attrs.get(BUDGET)
    return budget if isinstance(budget, int) else study_spec(study).budget


def delete_study(storage: "BaseStorage", name: str, root: Path) -> None:
    """Delete a study with its trials, run folders and pictures.

    Args:
        storage: As `open_storage` gives it.
        name: The study.
        root: As `run_root` gives it.

    Raises:
        StudyNotFound: There is none.
        StorageError: One of its trials is running.
    """
    import optuna

    from autoae.store.dashboard import remove_artifacts

    study = load_study(storage, name)
    if running := _running(study):
        raise StorageError(
            f"study {name!r} is running: trial {running[0]} has a live worker",
            hint=f"stop it first: autoae study stop {name}",
        )
    remove_artifacts(storage, name, artifact_folder(root))
    optuna.delete_study(study_name=name, storage=storage)
    delete_runs(root, name)


def _created(storage: "BaseStorage", spec: StudySpec) -> "Study":
    import optuna

    directions = [objective.direction for objective in spec.objectives]
    try:
        return optuna.create_study(storage=storage, study_name=spec.name, directions=directions)
    except optuna.exceptions.DuplicatedStudyError as error:
        raise _exists(spec.name) from error


def _describe(study: "Study", spec: StudySpec) -> "Study":
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        # Only the method is new: plain Optuna and the dashboard have long read these names.
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.set_metric_names([objective.metric for objective in spec.objectives])
    study.set_user_attr(VERSION, __version__)
    study.set_user_attr(FORMAT, KNOWN_FORMAT)
    study.set_user_attr(BUDGET, spec.budget)
    study.set_user_attr(SPEC, spec.to_text())
    return study


def _exists(name: str) -> StudyExists:
    return StudyExists(
        f"study {name!r} exists",
        hint=f"continue it with `autoae study run {name}`, choose another --name, or take it up "
        "with --if-exists reuse",
    )


def _running(study: "Study") -> list[int]:
    from optuna.trial import TrialState

    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    leases = {trial.number: lease_from(trial.user_attrs.get(LEASE)) for trial in running}
    return [number for number, lease in leases.items() if lease and not is_lost(lease)]
