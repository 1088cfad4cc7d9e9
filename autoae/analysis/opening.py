"""The figures of an opened test split: each variant over its seeds, in the order of validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoae.analysis.best import best_trials
from autoae.analysis.evidence import TestOpening
from autoae.analysis.groups import Mean, groups, mean_of
from autoae.analysis.ledger import Interval
from autoae.spec.metrics import SHARES
from autoae.store.evaluations import Evaluation, OpenedSplit, TrialEvaluation
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


@dataclass(frozen=True)
class TestRow:
    """One variant, or one trial of a search, on the test images.

    Attributes:
        name: Of the variant, or `trial 7`.
        trials: Its trials that were evaluated.
        means: Each figure over its seeds, by name.
        images: Test images of each trial.
        sampling: Where the share of right answers of a single seed lies for so few images
            (Wilson); None with several seeds, whose spread tells more, and without a head.
    """

    # The name of a class that pytest would otherwise take for tests.
    __test__ = False

    name: str
    trials: tuple[int, ...]
    means: Mapping[str, Mean]
    images: int
    sampling: Interval | None

    def interval(self, figure: str) -> Interval | None:
        """95 % of a figure: over the seeds, or for so few images; None where neither is known."""
        mean = self.means.get(figure)
        if mean is None or mean.interval is not None:
            return None if mean is None else mean.interval
        return self.sampling if figure.removeprefix("test_") in SHARES else None


def opened_rows(study: StudySnapshot, evaluation: Evaluation) -> tuple[TestRow, ...]:
    """What was evaluated, in the order of the validation figures.

    That order was there before the test split was opened; to order by test figures would be to
    choose by them.

    Args:
        study: Of the trials.
        evaluation: Of its test split.
    """
    repeated = [(group.name, group.trials) for group in groups(study)]
    single = [(f"trial {t.number}", (t,)) for t in best_trials(study, len(study.trials))]
    rows = (_row(name, trials, evaluation) for name, trials in repeated or single)
    return tuple(row for row in rows if row is not None)


def opening_facts(split: OpenedSplit) -> TestOpening:
    """The same for reports and answers: figures by trial, baselines by name."""
    latest = split.latest
    return TestOpening(
        count=split.count,
        opened=split.openings[-1],
        figures={each.trial: each.figures for each in latest.trials} if latest else {},
        baselines={each.name: each.figures for each in latest.baselines} if latest else {},
    )


def _row(name: str, trials: Sequence[TrialSnapshot], evaluation: Evaluation) -> TestRow | None:
    found = [each for trial in trials if (each := evaluation.of(trial.number)) is not None]
    if not found:
        return None
    names = dict.fromkeys(name for each in found for name in each.figures)
    means = {figure: mean_of(_values(found, figure)) for figure in names}
    known = {figure: mean for figure, mean in means.items() if mean is not None}
    sampling = found[0].accuracy_interval if len(found) == 1 else None
    return TestRow(
        name,
        tuple(each.trial for each in found),
        known,
        found[0].images,
        Interval(*sampling) if sampling else None,
    )


def _values(found: Sequence[TrialEvaluation], figure: str) -> list[float]:
    return [each.figures[figure] for each in found if figure in each.figures]
