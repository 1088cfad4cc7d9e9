"""What the sealed test split has shown: one file for each time that it was opened.

The count of openings lies with the study, so that it stays when the files are deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from autoae.store.attributes import OPENINGS
from autoae.store.errors import StorageError
from autoae.store.runs import RunFolder, study_folder

if TYPE_CHECKING:
    from optuna import Study


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is told from the others.

    Attributes:
        name: Of the class.
        images: Test images of it.
        precision: Share of the images called so that are so.
        recall: Share of its images that are called so.
        f1: The harmonic mean of both.
    """

    name: str
    images: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class TrialEvaluation:
    """One trial on the test images.

    Attributes:
        trial: Its number.
        variant: Of a list, or None.
        seed: Of its training.
        notation: Its network.
        images: Test images.
        figures: By name: those of the task such as `test_accuracy` or `test_count_mse`, means over
            the classes `test_precision`, `test_recall` and `test_f1`; `test_mse`, `test_psnr` (dB)
            and `test_ssim`, and of a sigmoid `test_bce` and `test_bce_excess`.
        accuracy_interval: 95 % (Wilson) of the share of images answered right, for so many images;
            None without a head.
        classes: Figures of each class; empty without a head.
        confusion: Counts of (true class, predicted class); empty without a head.
        normalized: The same as shares of the true class.
        right_by_class: Where a head answers for each class of an image, the share of images where
            it is right, by class; else empty.
    """

    trial: int
    variant: str | None
    seed: int | None
    notation: str
    images: int
    figures: Mapping[str, float]
    accuracy_interval: tuple[float, float] | None = None
    classes: tuple[ClassFigures, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    normalized: tuple[tuple[float, ...], ...] = ()
    right_by_class: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """What is had without a network, fitted to the training images.

    Attributes:
        name: What it does.
        trials: Those that it stands beside: of the same images, and the same latent size.
        figures: By name, as those of a trial.
    """

    name: str
    trials: tuple[int, ...]
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Evaluation:
    """One opening of the test split: all finished trials of a study at once.

    Attributes:
        study: Its name.
        number: Which opening it was, from 1.
        opened: When, local time.
        datasets: Of the test images.
        trials: By number.
        baselines: What to compare with.
        missing: Why a complete trial has no figures, by its number.
    """

    study: str
    number: int
    opened: datetime
    datasets: tuple[str, ...]
    trials: tuple[TrialEvaluation, ...]
    baselines: tuple[Baseline, ...]
    missing: Mapping[int, str] = field(default_factory=dict)

    def of(self, trial: int) -> TrialEvaluation | None:
        """The figures of one trial, if it was evaluated."""
        return next((each for each in self.trials if each.trial == trial), None)

    def after(self, earlier: "Evaluation") -> "Evaluation":
        """The same, with what an earlier opening has shown of the trials that are not in this one.

        A baseline of other images than an earlier one of its name says of which trial's.
        """
        new = {each.trial for each in self.trials}
        kept = [each for each in earlier.trials if each.trial not in new]
        missing = {number: why for number, why in earlier.missing.items() if number not in new}
        return replace(
            self,
            datasets=tuple(dict.fromkeys((*earlier.datasets, *self.datasets))),
            trials=tuple(sorted((*kept, *self.trials), key=lambda each: each.trial)),
            baselines=_both(earlier.baselines, self.baselines),
            missing={**missing, **self.missing},
        )


@dataclass(frozen=True)
class OpenedSplit:
    """The test split of a study, once it is no longer sealed.

    Attributes:
        openings: When it was opened; as many times as it was.
        latest: The figures of the last opening; None where their file is gone.
    """

    openings: tuple[datetime, ...]
    latest: Evaluation | None

    @property
    def count(self) -> int:
        """How often it was opened."""
        return len(self.openings)

    @property
    def times(self) -> str:
        """The same in words: `once`, `3 times`."""
        return "once" if self.count == 1 else f"{self.count} times"

    def of(self, trial: int) -> TrialEvaluation | None:
        """The last figures of one trial, if there are any."""
        return None if self.latest is None else self.latest.of(trial)


def _both(earlier: tuple[Baseline, ...], later: tuple[Baseline, ...]) -> tuple[Baseline, ...]:
    """All baselines; equal ones once, beside the trials of both."""
    found = {each.name: each for each in earlier}
    for each in later:
        known = found.get(each.name)
        if known is not None and known.figures != each.figures:
            each = replace(each, name=f"{each.name} (images of trial {each.trials[0]})")  # noqa: PLW2901
            known = found.get(each.name)
        trials = {*each.trials, *(known.trials if known else ())}
        found[each.name] = replace(each, trials=tuple(sorted(trials)))
    return tuple(found.values())


_ADAPTER = TypeAdapter(Evaluation)


def openings_of(study: "Study") -> tuple[datetime, ...]:
    """When the test split was opened for a study, local times, the first first."""
    kept = study.user_attrs.get(OPENINGS)
    return tuple(datetime.fromisoformat(str(at)) for at in kept) if isinstance(kept, list) else ()


def count_opening(study: "Study", opened: datetime) -> None:
    """Take down that the test split was opened."""
    times = (*openings_of(study), opened)
    study.set_user_attr(OPENINGS, [at.isoformat(timespec="seconds") for at in times])


def evaluation_path(root: Path, study: str, number: int) -> Path:
    """Where the figures of an opening are: `<root>/<study>/evaluation-<number>.json`."""
    return study_folder(root, study) / f"evaluation-{number}.json"


def write_evaluation(root: Path, evaluation: Evaluation) -> Path:
    """Write the figures of an opening; the file is whole or not there.

    Raises:
        OSError: It cannot be written.
    """
    path = evaluation_path(root, evaluation.study, evaluation.number)
    content = _ADAPTER.dump_json(evaluation, indent=2) + b"\n"
    RunFolder(path.parent).write_bytes(path, content)
    return path


def read_evaluation(root: Path, study: str, number: int) -> Evaluation:
    """Read the figures of an opening.

    Raises:
        StorageError: The file is gone or damaged.
    """
    path = evaluation_path(root, study, number)
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise StorageError(f"{path}: no such file", hint=_HINT.format(study)) from None
    except (OSError, ValidationError) as error:
        reason = "it cannot be read" if isinstance(error, OSError) else "it is damaged"
        raise StorageError(f"{path}: {reason}", hint=_HINT.format(study)) from error


def opened_split(study: "Study", root: Path) -> OpenedSplit | None:
    """What is known of the test split of a study; None while it is sealed."""
    openings = openings_of(study)
    if not openings:
        return None
    try:
        return OpenedSplit(openings, read_evaluation(root, study.study_name, len(openings)))
    except StorageError:
        return OpenedSplit(openings, None)  # The count stands, whatever became of the figures.


_HINT = "`autoae study evaluate {} --again` opens the test split once more, and counts it"
