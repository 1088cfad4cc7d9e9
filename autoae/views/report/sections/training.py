"""What happened in training: curves, reconstructions, runs over time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autoae.analysis.figures import figure_of
from autoae.analysis.regularisation import in_file_order, reconstructs
from autoae.store.snapshot import TrialSnapshot
from autoae.views.numbers import figure
from autoae.views.plots.curves import curves_figure, losses_figure
from autoae.views.plots.history import history_figure
from autoae.views.report.blocks import Block, Missing, Pictures, Plot, Section, Strip
from autoae.views.report.material import BEST, VARIANTS, Material
from autoae.views.report.pictures import strip
from autoae.views.report.runs import Seen

ROWS = 40
"""Variants that have a row of reconstructions."""


def curves_section(material: Material) -> Section:
    """The objectives over the epochs, and the losses of the best trials."""
    study, best = material.study, material.best[:BEST]
    blocks: list[Block] = []
    if any(trial.curves for trial in study.trials):
        what = "variants" if material.evidence.groups else "trials"
        caption = f"The best {what} in colour, all others faint; pruned ones end early."
        if material.evidence.groups and len(_highlights(material)) == len(material.evidence.groups):
            caption = "One line for each seed, a colour for each variant."
        drawn = curves_figure(study, _highlights(material))
        blocks.append(Plot("curves", drawn, caption))
    else:
        blocks.append(Missing("no trial has finished an epoch yet"))
    losses = material.folders.losses({material.name_of(trial): trial for trial in best})
    if losses:
        caption = "Where the training loss falls on while the validation loss rises, the network "
        caption += "learns by heart."
        blocks.append(Plot("losses", losses_figure(losses), caption))
    elif best:
        root = material.folders.root / study.name
        blocks.append(Missing(f"no loss of the best trials was found in {root}"))
    return Section("curves", "Learning curves", tuple(blocks))


def _highlights(material: Material) -> dict[str, list[int]]:
    """The variants with all their seeds; in a search the best trials."""
    variants = [group for group in material.evidence.groups if group.trials]
    if variants:
        return {group.name: [t.number for t in group.trials] for group in variants[:VARIANTS]}
    return {f"trial {trial.number}": [trial.number] for trial in material.best[:BEST]}


def history_section(material: Material) -> Section:
    """Every run against its creation time."""
    study = material.study
    if not any(trial.started and (trial.values or trial.curves) for trial in study.trials):
        return Section("history", "Runs over time", (Missing("no trial has a value yet"),))
    caption = "Pruned trials stand at their last value; the line is the best complete trial so far."
    plots = [
        Plot(f"history-{each.metric}", history_figure(study, index), caption)
        for index, each in enumerate(study.objectives)
    ]
    return Section("history", "Runs over time", tuple(plots))


def reconstructions_section(material: Material) -> Section:
    """The same images through the best networks, or through one of each variant."""
    seen = material.folders.seen(_reconstructing(material))
    drawn = [each for each in seen if each.reconstructions is not None]
    blocks: list[Block] = [_pictures(material, index, same) for index, same in _by_images(drawn)]
    if not drawn:
        blocks.append(Missing(_no_pictures(material, seen)))
    return Section("reconstructions", "Reconstructions", tuple(blocks))


def _reconstructing(material: Material) -> Sequence[TrialSnapshot]:
    """The first trial of each variant whose decoder was trained; in a search the best trials."""
    variants = in_file_order(material.evidence.groups)
    firsts = [group.trials[0] for group in variants if reconstructs(group.trials[0])]
    return firsts[:ROWS] if variants else material.best


def features_section(material: Material) -> Section:
    """What the layers of the best convolutional network see in a few images."""
    title = "Feature maps"
    seen = next((each for each in material.folders.seen(material.best) if each.features), None)
    if seen is None:
        reason = "none of the best trials left feature maps; encoders of convolutions have them"
        return Section("features", title, (Missing(reason),))
    name = material.name_of(seen.trial)
    caption = (
        f"Validation images through {name}, {seen.trial.notation}: the channels of each layer that "
        "vary most. Each channel is brightened by itself, so compare places, not channels."
    )
    return Section("features", title, (Pictures("feature-maps", _feature_rows(seen), caption),))


def _feature_rows(seen: Seen) -> tuple[Strip, ...]:
    """Each image, and below it a row for each layer."""
    rows = []
    for image in range(len(next(iter(seen.features.values())))):
        rows.append(Strip(f"image {image + 1}", "", strip(seen.originals[image : image + 1])))
        rows += [
            # Each channel is a grey picture of its own.
            Strip(f"layer {layer}", _size(maps), strip(maps[image][:, None]))
            for layer, maps in seen.features.items()
        ]
    return tuple(rows)


def _size(maps: NDArray[np.uint8]) -> str:
    return f"{maps.shape[2]}×{maps.shape[3]} pixels"


def _no_pictures(material: Material, seen: Sequence[Seen]) -> str:
    if seen:
        return "the best networks have no decoder"
    if not material.best:
        return "no trial is complete yet"
    return f"the best trials left no pictures in {material.folders.root / material.study.name}"


def _by_images(seen: Sequence[Seen]) -> list[tuple[int, list[Seen]]]:
    """Trials that saw the very same images together: only those may stand side by side."""
    alike: dict[bytes, list[Seen]] = {}
    for each in seen:
        alike.setdefault(repr(each.originals.shape).encode() + each.originals.tobytes(), []).append(
            each
        )
    return list(enumerate(alike.values()))


def _pictures(material: Material, index: int, seen: Sequence[Seen]) -> Pictures:
    rows = [Strip("originals", "", strip(seen[0].originals))]
    rows += [
        Strip(
            material.name_of(each.trial), _note(material, each.trial), strip(each.reconstructions)
        )
        for each in seen
        if each.reconstructions is not None
    ]
    caption = "The same validation images through each network, one of each class first."
    if any(not reconstructs(group.trials[0]) for group in in_file_order(material.evidence.groups)):
        caption += " Variants whose decoder is not trained have no row."
    return Pictures(f"reconstructions{f'-{index + 1}' if index else ''}", tuple(rows), caption)


def _note(material: Material, trial: TrialSnapshot) -> str:
    error = figure_of(material.study, trial, "val_mse")
    return f"val_mse {figure(error)}" if error is not None else trial.notation
