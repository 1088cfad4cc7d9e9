"""The best trials after new seeds, in the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from autoae.analysis.confirmation import Candidate, Confirmation
from autoae.analysis.figures import figure_of
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot
from autoae.views.numbers import figure, short, span
from autoae.views.tables import number, section, table, wide


def confirmation_page(
    study: StudySnapshot, again: StudySpec, found: Confirmation | None
) -> RenderableType:
    """The ranking by mean, and the smallest network that is as good as the best.

    Args:
        study: That the candidates come from.
        again: The list that trained them again.
        found: What it says; None before anything is complete.
    """
    if found is None:
        return Text("no new seed is complete yet")
    columns = [
        number("trial"),
        number(found.metric),
        wide("95 % interval"),
        number("seeds"),
        number("in the search"),
        number("params"),
        wide("network"),
    ]
    rows = [_row(study, again, found.metric, each) for each in found.candidates]
    title = f"The best of {study.name} with new seeds, by the mean of {found.metric}"
    return Group(
        Text(again.name, style="bold"),
        *section(title, table(columns, rows)),
        Text(),
        *(Text(sentence) for sentence in sentences(again, found)),
    )


def sentences(again: StudySpec, found: Confirmation) -> list[str]:
    """What the ranking says, and what it does not.

    Args:
        again: The list that trained the candidates again.
        found: What it says.
    """
    said = [_smallest(found)]
    if found.lost:
        lost = ", ".join(map(str, found.lost))
        said.append(f"No new seed of trial {lost} is complete.")
    if again.settings.profile not in (None, "full"):
        said.append(f"These are figures of the {again.settings.profile} budget.")
    return said


def _smallest(found: Confirmation) -> str:
    best = found.candidates[0]
    small = next(each for each in found.candidates if each.trial == found.smallest)
    margin = "" if found.margin is None else f" ({figure(found.margin)})"
    rule = f"within one standard error{margin} of the best, trial {best.trial}"
    if small.trial == best.trial:
        return f"No smaller network is {rule}."
    return f"The smallest network {rule}, is trial {small.trial}: {_size(small)}, {small.notation}."


def _size(candidate: Candidate) -> str:
    return f"{short(candidate.params)} parameters"


def _row(study: StudySnapshot, again: StudySpec, metric: str, each: Candidate) -> list[str]:
    interval = each.mean.interval
    spread = interval is not None and interval.low < interval.high
    return [
        str(each.trial),
        figure(each.mean.mean),
        span(interval.low, interval.high) if interval and spread else "–",
        f"{each.mean.count}/{again.settings.search.seeds}",
        figure(figure_of(study, study.trials[each.trial], metric)),
        short(each.params),
        each.notation,
    ]
