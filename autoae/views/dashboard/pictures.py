"""The pictures of one trial, as files that the dashboard shows with it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from autoae.analysis.figures import figure_of
from autoae.analysis.projection import Projection, principal_components
from autoae.store.dashboard import Picture
from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot
from autoae.views.numbers import figure
from autoae.views.plots import svg
from autoae.views.plots.theme import BLUE, GREEN, GREY, OCHRE, ORANGE, PINK, PURPLE
from autoae.views.report.blocks import Pictures, Strip
from autoae.views.report.pictures import sheet, strip
from autoae.views.report.runs import Folders, Seen

_SVG = "image/svg+xml"
_WIDTH, _HEIGHT, _GAP = 420, 260, 64
_MOST_CLASSES = 30
_COLORS = (BLUE, ORANGE, GREEN, PURPLE, OCHRE, PINK, "#17707f", "#8f6b4e", GREY, "#5b4db2")

# What learning is watched by: the title of a panel, then a curve of training and of validation.
_PANELS = (
    ("loss (weighted sum)", "train_loss", "val_loss"),
    ("accuracy", "train_accuracy", "val_accuracy"),
    ("squared error per pixel (val_mse)", "", "val_mse"),
)


def trial_pictures(folders: Folders, study: StudySnapshot, trial: TrialSnapshot) -> list[Picture]:
    """Every picture that the files of a trial allow: none, where it left nothing.

    Args:
        folders: Where trials left their files.
        study: Of the trial.
        trial: It.
    """
    return [*_curves(folders, trial), *_seen(folders, study, trial)]


def _curves(folders: Folders, trial: TrialSnapshot) -> Iterator[Picture]:
    curves = folders.curves(trial.number)
    panels = [panel for panel in _PANELS if len(curves.get(panel[2], ())) > 1]
    if panels:
        content = curves_picture(f"trial {trial.number}", curves, panels, trial.epoch)
        yield Picture("learning-curves.svg", _SVG, content)


def _seen(folders: Folders, study: StudySnapshot, trial: TrialSnapshot) -> Iterator[Picture]:
    name, classes = f"trial {trial.number}", folders.classes(trial)
    for seen in folders.seen([trial]):
        if seen.reconstructions is not None:
            yield Picture("reconstructions.png", "image/png", _reconstructions(study, seen))
        if seen.confusion is not None and len(seen.confusion) <= _MOST_CLASSES:
            content = confusion_picture(name, seen.confusion, classes)
            yield Picture("confusion.svg", _SVG, content)
    sample = folders.latents(trial)
    found = None if sample is None else principal_components(*sample)
    if found is not None:
        yield Picture("latent.svg", _SVG, latent_picture(name, found, classes))


def _reconstructions(study: StudySnapshot, seen: Seen) -> bytes:
    assert seen.reconstructions is not None
    error = figure_of(study, seen.trial, "val_mse")
    note = f"val_mse {figure(error)}" if error is not None else ""
    rows = (
        Strip("originals", "", strip(seen.originals)),
        Strip(f"trial {seen.trial.number}", note, strip(seen.reconstructions)),
    )
    return sheet(Pictures("reconstructions", rows, ""))


def curves_picture(
    name: str,
    curves: Mapping[str, Curve],
    panels: Sequence[tuple[str, str, str]],
    best: int | None,
) -> bytes:
    """Training and validation by epoch, one panel for each pair, two side by side.

    Args:
        name: Of the trial.
        curves: By metric.
        panels: Title, metric of the training (may be empty), metric of the validation.
        best: The epoch whose weights were kept, if any.
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    width, top = columns * (_WIDTH + _GAP) + 24, 64
    parts = [svg.text(24, 28, f"{name}: learning curves", size=15)]
    entries = [("validation", BLUE, ""), ("training", GREY, "5 4")]
    entries += [(f"best epoch ({best})", ORANGE, "2 3")] if best else []
    parts.append(svg.legend(_GAP, 50, entries))
    for place, panel in enumerate(panels):
        left = _GAP + place % columns * (_WIDTH + _GAP)
        corner = (left, top + 30 + place // columns * (_HEIGHT + 90))
        parts.append(_panel(corner, curves, panel, best))
    return svg.picture(width, top + rows * (_HEIGHT + 90), parts)


def _panel(
    corner: tuple[float, float],
    curves: Mapping[str, Curve],
    panel: tuple[str, str, str],
    best: int | None,
) -> str:
    title, *names = panel
    training, validation = (curves.get(name, ()) for name in names)
    values = [value for curve in (training, validation) for _, value in curve]
    last = max(epoch for epoch, _ in validation)
    frame = svg.Frame(*corner, _WIDTH - 24, _HEIGHT, (1, max(last, 2)), svg.span(values))
    parts = [svg.axes(frame, "epoch", title)]
    if best:
        ends = ((float(best), frame.ys[0]), (float(best), frame.ys[1]))
        parts.append(svg.line(frame, ends, ORANGE, "2 3"))
    parts += [svg.line(frame, training, GREY, "5 4"), svg.line(frame, validation, BLUE)]
    return "".join(parts)


def confusion_picture(name: str, counts: NDArray[np.int64], classes: Sequence[str]) -> bytes:
    """Counts as numbers, the share of each true class as colour.

    Args:
        name: Of the trial.
        counts: (classes, classes), true class by predicted one.
        classes: Their names; numbers where they are not known.
    """
    count = len(counts)
    names = classes if len(classes) == count else [str(index) for index in range(count)]
    side = max(24, min(44, 520 // count))
    left, top = 60 + 7 * max(len(word) for word in names), 84
    right = int(counts.trace())
    share = f"{100 * right / max(1, int(counts.sum())):.1f} % right"
    parts = [svg.text(24, 28, f"{name}: which class was taken for which, {share}", size=15)]
    parts.append(svg.text(24, 50, "validation images; down: true class, along: predicted", size=12))
    for row, true in enumerate(names):
        y = top + row * side
        parts.append(svg.text(left - 8, y + side / 2 + 4, true, anchor="end", color=svg.FAINT))
        parts += _cells(counts[row], left, y, side, row)
    for column, predicted in enumerate(names):
        x, y = left + (column + 0.5) * side, top + count * side + 14
        turned = f' transform="rotate(-45 {x:.1f} {y:.1f})"' if len(predicted) > 3 else ""
        anchor = "end" if turned else "middle"
        parts.append(svg.text(x, y, predicted, anchor=anchor, color=svg.FAINT, more=turned))
    height = top + count * side + 30 + 5 * max(len(word) for word in names)
    return svg.picture(max(left + count * side + 24, 520), height, parts)


def _cells(row: NDArray[np.int64], left: float, y: float, side: float, true: int) -> Iterator[str]:
    total = max(1, int(row.sum()))
    for column, value in enumerate(row.tolist()):
        color, strength = (BLUE if column == true else ORANGE), 0.06 + 0.8 * value / total
        x = left + column * side
        yield (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{side - 1:.1f}" height="{side - 1:.1f}" '
            f'fill="{color if value else GREY}" fill-opacity="{strength:.2f}"/>'
        )
        if value:
            ink = "#fff" if strength > 0.55 else svg.INK
            words = (x + (side - 1) / 2, y + side / 2 + 4, str(value))
            yield svg.text(*words, anchor="middle", size=11, color=ink)


def latent_picture(name: str, found: Projection, classes: Sequence[str]) -> bytes:
    """Images where they lie in the latent space, coloured by class, each class by its name.

    Args:
        name: Of the trial.
        found: Where they lie.
        classes: Their names; numbers where they are not known.
    """
    xs, ys = found.points.T
    frame = svg.Frame(64, 84, 520, 400, svg.span(xs.tolist()), svg.span(ys.tolist()))
    first, second = (f"{100 * share:.0f} %" for share in found.shares)
    parts = [svg.text(24, 28, f"{name}: the latent space, seen from its widest side", size=15)]
    axis = f"second principal component ({second} of the variance)"
    parts.append(svg.axes(frame, f"first principal component ({first} of the variance)", axis))
    middles = []
    for index in sorted(set(found.labels.tolist())):
        points = found.points[found.labels == index]
        parts.append(svg.dots(frame, points.tolist(), _COLORS[index % len(_COLORS)]))
        word = classes[index] if index < len(classes) else str(index)
        middles.append((*frame.place(*np.median(points, axis=0).tolist()), word))
    # On top of all dots, with a rim of white.
    rim = ' font-weight="700" stroke="#fff" stroke-width="4" paint-order="stroke"'
    parts += [
        svg.text(x, y + 5, word, anchor="middle", size=14, more=rim) for x, y, word in middles
    ]
    return svg.picture(610, 540, parts)
