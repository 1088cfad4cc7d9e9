"""Run folders grow with every trial: which of their files may go, and what that frees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autoae.store.runs import RunFolder, trial_folder
from autoae.store.snapshot import FINISHED, StudySnapshot


@dataclass(frozen=True)
class Clearing:
    """Files that may go.

    Attributes:
        files: Checkpoints, weights and arrays; never a configuration, metrics or a log.
        trials: Whose they are, by their numbers.
        size: Of all of them, in bytes.
    """

    files: tuple[Path, ...]
    trials: tuple[int, ...]
    size: int

    def delete(self) -> None:
        """Delete them; what is gone meanwhile is no error.

        Raises:
            OSError: One cannot be deleted.
        """
        for file in self.files:
            file.unlink(missing_ok=True)


def clearing(study: StudySnapshot, root: Path, keep: Iterable[int]) -> Clearing:
    """What may go of the ended trials of a study.

    The files of a trial that another one, which has not ended, goes on from stay.

    Args:
        study: At this moment.
        root: The directory of all run folders.
        keep: The numbers of trials that keep all their files.
    """
    kept = {*keep, *_gone_on_from(study)}
    ended = (trial.number for trial in study.trials if trial.state in FINISHED)
    found = {
        number: tuple(_large(trial_folder(root, study.name, number)))
        for number in ended
        if number not in kept
    }
    files = tuple(file for each in found.values() for file in each)
    trials = tuple(number for number, each in found.items() if each)
    return Clearing(files, trials, sum(file.stat().st_size for file in files))


def _gone_on_from(study: StudySnapshot) -> Iterator[int]:
    origins = {trial.number: trial.retried_from for trial in study.trials}
    for trial in study.trials:
        origin = trial.retried_from if trial.state not in FINISHED else None
        while origin is not None:
            yield origin
            origin = origins.get(origin)


def _large(folder: RunFolder) -> Iterator[Path]:
    files = (folder.checkpoint, folder.weights, folder.arrays)
    return (file for file in files if file.is_file())
