"""What the levels of a search cost, by the same model as their effects."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from autoae.analysis.effects.columns import Column
from autoae.analysis.effects.design import build
from autoae.analysis.effects.estimates import Estimate
from autoae.analysis.effects.knobs import Knob
from autoae.analysis.effects.model import fit
from autoae.analysis.effects.observational_doubts import too_few
from autoae.analysis.effects.outcomes import OF_THE_WHOLE_RUN, Outcomes, ended
from autoae.analysis.effects.sample import Sample, samples, varies
from autoae.analysis.ledger import CostChange
from autoae.spec.metrics import COSTS
from autoae.store.snapshot import StudySnapshot

CostTable = Mapping[tuple[str, int], tuple[CostChange, ...]]
"""By knob and level."""


def cost_table(study: StudySnapshot, knobs: Sequence[Knob]) -> CostTable:
    """The mean change of every recorded cost over the uniform space.

    Seconds are left out where trials were pruned: only the better ones ran to their end.
    """
    costs = _costs(study)
    table: dict[tuple[str, int], tuple[CostChange, ...]] = {}
    for sample in samples(study, knobs, costs):
        for key, change in _changes(sample):
            table[key] = (*table.get(key, ()), change)
    return table


def _costs(study: StudySnapshot) -> dict[str, Outcomes]:
    trials = ended(study)
    pruned = any(trial.state == "PRUNED" for trial in trials)
    names = [name for name in COSTS if not (pruned and name in OF_THE_WHOLE_RUN)]
    found = {
        name: Outcomes({t.number: t.costs[name] for t in trials if name in t.costs}, None, 0)
        for name in names
    }
    return {name: each for name, each in found.items() if varies(each)}


def _changes(sample: Sample) -> Iterator[tuple[tuple[str, int], CostChange]]:
    if not sample.columns:
        return
    design = build(sample.columns)
    if too_few(len(sample.trials), design.fixed.shape[1]) is not None:
        return
    fitted = fit(design, sample.table)
    for target, estimates in zip(design.targets, fitted.estimates, strict=True):
        for (name, found), estimate in zip(sample.figures.items(), estimates, strict=True):
            reference = _reference(sample, target.column, found)
            key = (target.column.knob.name, target.level)
            yield key, _change(name, estimate, reference)


def _change(name: str, estimate: Estimate, reference: float) -> CostChange:
    return CostChange(name, estimate.value, reference, estimate.interval())


def _reference(sample: Sample, column: Column, found: Outcomes) -> float:
    """The mean of the trials at the first level."""
    rows = zip(sample.trials, column.levels, strict=True)
    values = [found.values[trial.number] for trial, level in rows if level == 0]
    return fmean(values) if values else 0.0
