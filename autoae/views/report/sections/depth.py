"""What depth does to loss, accuracy and gradients, and the figures of every depth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

from autoae.analysis.depth import DepthSeries, depth_series
from autoae.analysis.figures import figure_of
from autoae.analysis.groups import Mean, mean_of
from autoae.store.snapshot import Curve, TrialSnapshot
from autoae.views.numbers import figure, whole
from autoae.views.plots.depth import Line, depth_figure, lines_figure
from autoae.views.report.blocks import Block, Plot, Section, Table, table
from autoae.views.report.material import Material
from autoae.views.report.runs import LayerCurves

_TEST = "test_accuracy"
_FIGURES = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", _TEST, "epochs", "params")


@dataclass(frozen=True)
class _Network:
    """A network in these plots: its name, its first trial, and how its line looks."""

    name: str
    trials: tuple[TrialSnapshot, ...]
    color: int
    dash: int


def depth_section(material: Material) -> Section | None:
    """Loss, accuracy and a table by depth; None where depth was not varied."""
    series = depth_series(material.evidence.groups)
    if not series:
        return None
    networks = list(_by_depth(series))
    blocks = [*_losses(material, networks), _accuracy(material, series)]
    return Section("depth", "Depth", (*blocks, _table(material, networks)))


def gradients_section(material: Material) -> Section | None:
    """How large gradients were, by epoch and by layer; None where they were not kept."""
    series = depth_series(material.evidence.groups)
    networks = list(_by_depth(series)) or _best(material)
    named = {each.name: each.trials[0] for each in networks}
    kept = {each.name: each for each in material.folders.gradients(named)}
    shown = [each for each in networks if each.name in kept]
    if not shown:
        return None
    deepest = [each for each in shown if not series or each.name in _deepest(series)]
    return Section("gradients", "Gradients", (_by_epoch(shown, kept), _by_layer(deepest, kept)))


def _by_depth(series: tuple[DepthSeries, ...]) -> Iterator[_Network]:
    """A colour for each depth, a dash for each series; the shallow ones first."""
    depths = sorted({depth for each in series for depth in each.groups})
    for color, depth in enumerate(depths):
        for dash, each in enumerate(series):
            if depth in each.groups:
                yield _Network(_name(depth, each), each.groups[depth].trials, color, dash)


def _name(depth: int, series: DepthSeries) -> str:
    return f"depth {depth}, {series.name}"


def _deepest(series: tuple[DepthSeries, ...]) -> set[str]:
    return {_name(max(each.groups), each) for each in series}


def _best(material: Material) -> list[_Network]:
    return [
        _Network(material.name_of(trial), (trial,), rank, rank // 6)
        for rank, trial in enumerate(material.best)
    ]


def _losses(material: Material, networks: list[_Network]) -> list[Block]:
    named = {each.name: each.trials[0] for each in networks}
    curves = {each.name: each.validation for each in material.folders.losses(named)}
    lines = [_line(each, curves[each.name]) for each in networks if each.name in curves]
    if not lines:
        return []
    drawn = lines_figure(lines, title="validation loss", x="epoch", y="val_loss")
    caption = "Validation loss of the first seed of every network; a colour is a depth."
    return [Plot("depth-losses", drawn, caption)]


def _line(network: _Network, curve: Curve) -> Line:
    return Line(network.name, curve, network.color, network.dash)


def _accuracy(material: Material, series: tuple[DepthSeries, ...]) -> Plot:
    """The test accuracy where the test split was opened, else the objective on validation."""
    opened = _means(material, series, _TEST)
    metric = _TEST if any(opened.values()) else material.study.objectives[0].metric
    found = opened if metric == _TEST else _means(material, series, metric)
    caption = "Means over the seeds with 95 % intervals (Student's t); one seed has none."
    if metric != _TEST:
        caption += f" Of validation images: `autoae study evaluate {material.study.name}` opens "
        caption += "the test split."
    return Plot(f"depth-{metric}", depth_figure(found, metric), caption)


def _means(
    material: Material, series: tuple[DepthSeries, ...], metric: str
) -> dict[str, dict[int, Mean]]:
    return {
        each.name: {
            depth: mean
            for depth, group in each.groups.items()
            if (mean := _mean(material, group.trials, metric)) is not None
        }
        for each in series
    }


def _mean(material: Material, trials: tuple[TrialSnapshot, ...], name: str) -> Mean | None:
    values = (_figure(material, trial, name) for trial in trials)
    return mean_of(value for value in values if value is not None)


def _figure(material: Material, trial: TrialSnapshot, name: str) -> float | None:
    opening = material.evidence.opening
    if name == _TEST:
        return opening.figures.get(trial.number, {}).get(name) if opening else None
    return figure_of(material.study, trial, name)


def _table(material: Material, networks: list[_Network]) -> Table:
    means = {
        each.name: {name: _mean(material, each.trials, name) for name in _FIGURES}
        for each in networks
    }
    known = [name for name in _FIGURES if any(row[name] for row in means.values())]
    rows = [
        [each.name, *(_shown(name, means[each.name][name]) for name in known), *_seeds(each)]
        for each in networks
    ]
    caption = "Means over the seeds, of the epoch that validation chose."
    if _TEST not in known:
        caption += " The test split is sealed."
    return table("depth", ("network", *(f"#{name}" for name in known), "#seeds"), rows, caption)


def _shown(name: str, mean: Mean | None) -> str:
    value = mean.mean if mean else None
    return whole(value) if name == "params" else figure(value)


def _seeds(network: _Network) -> tuple[str]:
    return (str(len(network.trials)),)


def _by_epoch(networks: list[_Network], kept: Mapping[str, LayerCurves]) -> Plot:
    lines = [_line(each, _averaged(kept[each.name])) for each in networks]
    drawn = lines_figure(lines, title="gradient magnitude", x="epoch", y="norm of the gradient")
    caption = (
        "The norm of the gradient of each layer's weights, averaged over the batches of an epoch "
        "and over the layers. First seeds."
    )
    return Plot("gradients", drawn, caption)


def _averaged(curves: LayerCurves) -> Curve:
    return tuple((epoch, fmean(layers.values())) for epoch, layers in curves.epochs.items())


def _by_layer(networks: list[_Network], kept: Mapping[str, LayerCurves]) -> Plot:
    lines = [
        Line(f"{each.name}, epoch {epoch}", _layers(kept[each.name], epoch), number, dash)
        for number, each in enumerate(networks)
        for dash, epoch in enumerate(_ends(kept[each.name]))
    ]
    drawn = lines_figure(lines, title="gradient by layer", x="layer", y="norm of the gradient")
    caption = (
        "The same by layer, from the image on, in the first and the last epoch; a residual block "
        "has two layers, and a third where it projects."
    )
    return Plot("gradients-layers", drawn, caption)


def _ends(curves: LayerCurves) -> tuple[int, ...]:
    epochs = list(curves.epochs)
    return tuple(dict.fromkeys((epochs[0], epochs[-1])))


def _layers(curves: LayerCurves, epoch: int) -> Curve:
    return tuple(enumerate(curves.epochs[epoch].values(), start=1))
