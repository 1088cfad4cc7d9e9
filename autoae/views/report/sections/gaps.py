"""Training images beside validation images: gaps, what regularises, and the curves of both."""

from collections.abc import Sequence

from autoae.analysis.gaps import Gap, gaps_of
from autoae.analysis.groups import Group
from autoae.analysis.regularisation import (
    Regularisation,
    in_file_order,
    regularisation_steps,
    regularisations,
)
from autoae.views.numbers import figure, probability
from autoae.views.plots.curves import LossCurves, losses_figure
from autoae.views.report.blocks import Block, Plot, Section, Table, table
from autoae.views.report.material import Material
from autoae.views.report.sections.knobs import between

_WORDS = {"task": "loss of the task", "reconstruction": "reconstruction loss", "loss": "loss"}


def gaps_section(material: Material) -> Section | None:
    """Training beside validation of every variant; None where nothing of both was kept."""
    groups = in_file_order(material.evidence.groups)
    gaps = [(group, gap) for group in groups for gap in gaps_of(group)]
    if not gaps:
        return None
    compared = regularisations(groups)
    blocks = [*([_compared(compared)] if compared else []), *_steps(material, groups), _gaps(gaps)]
    return Section("gaps", "Training and validation", tuple(blocks))


def _compared(found: Sequence[Regularisation]) -> Table:
    rows = [
        (
            _WORDS.get(each.figure, each.figure),
            each.reconstructing.name,
            each.other.name,
            _signed(each.change.mean),
            between(each.change.interval),
            probability(each.p),
            str(each.change.count),
            each.verdict,
        )
        for each in found
    ]
    columns = ("figure", "with reconstruction", "without", "#change of the gap", "95 % interval")
    caption = (
        "Does reconstruction regularise? Variants that differ in beta and decoder alone: by how "
        "much the gap between training and validation images changes with reconstruction, seed by "
        "seed. Below 0 it is smaller. p is corrected for all comparisons in the same figure (Holm)."
    )
    return table("regularisation", (*columns, "#p", "#seeds", "verdict"), rows, caption)


def _gaps(gaps: Sequence[tuple[Group, Gap]]) -> Table:
    rows = [
        (
            group.name,
            _WORDS.get(gap.figure, gap.figure),
            figure(gap.training.mean),
            figure(gap.validation.mean),
            _signed(gap.gap.mean),
            between(gap.gap.interval),
            str(gap.gap.count),
        )
        for group, gap in gaps
    ]
    columns = ("variant", "figure", "#training", "#validation", "#gap", "95 % interval", "#seeds")
    caption = (
        "Means over the seeds, of the epoch that validation chose. The gap is by how much training "
        "images fare better. Their figures were taken while the network learned, with dropout and "
        "augmentation, so that a gap may be below 0."
    )
    return table("gaps", columns, rows, caption, summary=f"the {len(rows)} gaps of all variants")


def _signed(value: float) -> str:
    return f"+{figure(value)}" if value > 0 else figure(value)


def _steps(material: Material, groups: Sequence[Group]) -> list[Block]:
    """Curves of variants that differ in dropout, gamma and weight decay, a plot each family."""
    blocks: list[Block] = []
    for family in regularisation_steps(groups):
        curves = [each for group in family if (each := _curves(material, group))]
        if len(curves) > 1:
            caption = (
                "The same network, regularised differently; first seeds. It learns by heart from "
                "where the validation loss rises and the training loss falls on."
            )
            drawn = losses_figure(curves, "loss of the task")
            blocks.append(Plot(f"regularisation-{len(blocks) + 1}", drawn, caption))
    return blocks


def _curves(material: Material, group: Group) -> LossCurves | None:
    """The loss of the task: penalties that differ are no part of it."""
    kept = material.folders.curves(group.trials[0].number)
    training, validation = kept.get("train_task", ()), kept.get("val_task", ())
    return LossCurves(group.name, training, validation) if training and validation else None
