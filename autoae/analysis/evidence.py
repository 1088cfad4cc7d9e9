"""Everything that a study has found out, gathered in one place for reports and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from autoae.analysis.claims import ClaimCheck, check_claims
from autoae.analysis.confirmation import Candidate, Confirmation
from autoae.analysis.correlations import Correlations, correlations
from autoae.analysis.effects import effects
from autoae.analysis.groups import Group, groups
from autoae.analysis.importance import Importance, importance
from autoae.analysis.ledger import Ledger
from autoae.analysis.setting_counts import SettingCounts, count_settings
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot

_BLIND = ("random", "grid", "qmc")
"""Methods that draw settings without looking at results."""

__all__ = ["Candidate", "Confirmation", "Evidence", "TestOpening", "gather"]


@dataclass(frozen=True)
class TestOpening:
    """What the sealed test split has shown.

    Attributes:
        count: How often it was opened for this study.
        opened: The last time, local time.
        figures: By trial, by metric.
        baselines: By name, by metric: the majority class, PCA at the same latent size.
    """

    # The name of a class that pytest would otherwise take for tests.
    __test__ = False

    count: int
    opened: datetime
    figures: Mapping[int, Mapping[str, float]]
    baselines: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Following:
    """What studies that follow one have found out beside it.

    Attributes:
        again: The list that trained its candidates with new seeds.
        opening: What the test split has shown of that list.
        ablation: The knobs around one of its trials, in the study of that name.
    """

    again: StudySnapshot | None = None
    opening: TestOpening | None = None
    ablation: Ledger | None = None


@dataclass(frozen=True)
class Evidence:
    """What a study has found out.

    Attributes:
        study: At this moment.
        spec: The study file in force.
        importances: One for each objective; none for lists and ablations.
        ledger: The effects of the knobs.
        groups: The variants of a list or an ablation over their seeds.
        correlations: Of knobs with figures.
        settings: What the best trials of a search have in common.
        claims: The published figures beside ours.
        confirmation: If candidates were confirmed.
        opening: If the test split was opened.
        following: What the studies say that follow it.
    """

    study: StudySnapshot
    spec: StudySpec
    importances: tuple[Importance, ...]
    ledger: Ledger
    groups: tuple[Group, ...]
    correlations: Correlations
    settings: SettingCounts
    claims: tuple[ClaimCheck, ...]
    confirmation: Confirmation | None = None
    opening: TestOpening | None = None
    following: Following = Following()


def gather(
    study: StudySnapshot,
    spec: StudySpec,
    ledger: Ledger | None = None,
    confirmation: Confirmation | None = None,
    opening: TestOpening | None = None,
    following: Following = Following(),
) -> Evidence:
    """Compute what follows from the trials, and put it beside what was measured separately.

    Args:
        study: At this moment.
        spec: The study file in force.
        ledger: The effects of the knobs; computed unless given.
        confirmation: Of its candidates.
        opening: Of its test split.
        following: Of the studies that follow it.
    """
    domains, method = spec.domains(), spec.settings.search.method
    repeated = groups(study)
    searched = not (spec.is_list or spec.is_ablation)
    indices = range(len(study.objectives)) if searched else ()
    return Evidence(
        study=study,
        spec=spec,
        importances=tuple(importance(study, domains, index) for index in indices),
        ledger=ledger or effects(study, domains),
        groups=repeated,
        correlations=correlations(study, domains),
        settings=count_settings(study, domains if searched else {}, blind=method in _BLIND),
        claims=check_claims(study, spec, repeated, opening.figures if opening else {}),
        confirmation=confirmation,
        opening=opening,
        following=following,
    )
