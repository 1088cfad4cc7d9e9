"""What the classes look like, and what the best network takes for what."""

from collections.abc import Sequence

import numpy as np

from autoae.views.plots.confusion import confusion_figure
from autoae.views.report.blocks import Block, Missing, Pictures, Plot, Section, Strip
from autoae.views.report.material import Material
from autoae.views.report.pictures import named_strip
from autoae.views.report.runs import Seen


def classes_section(material: Material) -> Section:
    """One image of each class, and the confusion of the best classifier."""
    seen = material.folders.seen(material.best)
    judged = next((each for each in seen if each.confusion is not None), None)
    if judged is None or judged.confusion is None:
        reason = "no trial has left what it took the validation images for"
        return Section("classes", "Classes", (Missing(reason),))
    names = _names(judged, len(judged.confusion))
    which = f"Validation images of {material.name_of(judged.trial)}"
    plots = [
        Plot("confusion", confusion_figure(judged.confusion, names), f"{which}: counts."),
        Plot(
            "confusion-shares",
            confusion_figure(judged.confusion, names, normalized=True),
            f"{which}, normalised: per cent of the true class.",
        ),
    ]
    blocks: tuple[Block, ...] = (_samples(judged, names), *plots)
    return Section("classes", "Classes", blocks)


def _names(seen: Seen, count: int) -> Sequence[str]:
    known = len(seen.classes) == count
    return seen.classes if known else [str(index) for index in range(count)]


def _samples(seen: Seen, names: Sequence[str]) -> Pictures:
    """The first picture of each class, in the order of the classes."""
    labels, first = np.unique(seen.labels, return_index=True)
    drawn = named_strip(seen.originals[first], [names[label] for label in labels])
    shown = "each class" if len(labels) == len(names) else f"{len(labels)} classes"
    return Pictures("samples", (Strip(f"one of {shown}", "", drawn),), "Validation images.")
