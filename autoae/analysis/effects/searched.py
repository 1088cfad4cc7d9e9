"""The model of a search fitted to its metrics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autoae.analysis.effects.columns import Column
from autoae.analysis.effects.control import Control, controls
from autoae.analysis.effects.design import build
from autoae.analysis.effects.estimates import Estimate
from autoae.analysis.effects.knobs import Knob
from autoae.analysis.effects.model import fit
from autoae.analysis.effects.observational_doubts import doubt_of, too_few
from autoae.analysis.effects.outcomes import Outcomes
from autoae.analysis.effects.sample import Sample, metric_figures, samples, varies
from autoae.analysis.effects.verdicts import Doubt
from autoae.store.snapshot import StudySnapshot


@dataclass(frozen=True)
class Searched:
    """What a search says of one metric.

    Attributes:
        metric: Its name.
        found: Its values.
        sample: The trials and the knobs that varied among them.
        estimates: By the place of the knob in the sample and the level; those that the trials
            can tell.
        control: What knobs that do nothing did; None where nothing was fitted.
        doubt: Why nothing could be fitted, or None.
    """

    metric: str
    found: Outcomes
    sample: Sample
    estimates: dict[tuple[str, int], Estimate]
    control: Control | None
    doubt: Doubt | None

    def doubt_about(self, column: Column, level: int) -> Doubt | None:
        """Why a contrast supports no claim, or None."""
        return self.doubt or doubt_of(column, level, self.found, self.control)


def searched(
    study: StudySnapshot, knobs: Sequence[Knob], metrics: Sequence[str]
) -> dict[str, Searched]:
    """Each metric that varies.

    Args:
        study: Its complete and pruned trials are used.
        knobs: Of the search.
        metrics: Their names.
    """
    found = {name: each for name, each in metric_figures(study, metrics).items() if varies(each)}
    grouped = samples(study, knobs, found)
    return {each.metric: each for sample in grouped for each in _fitted(sample)}


def _fitted(sample: Sample) -> Iterator[Searched]:
    if not sample.columns:
        yield from _unfitted(sample, None)
        return
    design = build(sample.columns)
    doubt = too_few(len(sample.trials), design.fixed.shape[1])
    if doubt is not None:
        yield from _unfitted(sample, doubt)
        return
    model = fit(design, sample.table)
    inert = controls(sample.columns, sample.table, model.likeliest)
    keys = [(target.column.knob.name, target.level) for target in design.targets]
    for index, (metric, found) in enumerate(sample.figures.items()):
        told = dict(zip(keys, (each[index] for each in model.estimates), strict=True))
        control = inert[index] if inert else None
        yield Searched(metric, found, sample, told, control, None)


def _unfitted(sample: Sample, doubt: Doubt | None) -> Iterator[Searched]:
    for metric, found in sample.figures.items():
        yield Searched(metric, found, sample, {}, None, doubt)
