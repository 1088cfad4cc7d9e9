"""What the latents look like: principal components in the plane and in space, with figures."""

from collections.abc import Iterable

from autoae.analysis.latent import LatentView
from autoae.store.snapshot import TrialSnapshot
from autoae.views.numbers import figure, whole
from autoae.views.plots.latent import plane_figure, space_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Table, table
from autoae.views.report.material import Material
from autoae.views.report.sections.knobs import between

_PANELS = 6
_CAPTION = (
    "Validation images, each class in its colour with its name at its middle, by the first two "
    "principal components of their latents. A picture of two numbers hides what lies in the "
    "others: silhouette and probe are of the whole latent."
)
_TABLE = (
    "silhouette: 1 where classes lie apart, 0 where they mix; probe: share of these images that "
    "a linear classifier gets right, by cross-validation, with its 95 % interval (Wilson); "
    "majority: what naming the most common class gets right."
)
_HINT = "Drag it to turn it."

Seen = list[tuple[TrialSnapshot, LatentView]]


def latents(material: Material) -> Seen:
    """The latents that are looked at: of the best trial, or of a trial of each variant."""
    trials = material.best[:_PANELS] if material.evidence.groups else material.best[:1]
    found = ((trial, material.folders.latent(trial)) for trial in trials)
    return [(trial, view) for trial, view in found if view is not None]


def latent_section(material: Material) -> Section:
    """Pictures of the latents, with what they tell of the classes."""
    seen = latents(material)
    if not seen:
        reason = "the best trials left no latents" if material.best else "no trial is complete yet"
        return Section("latent", "Latent", (Missing(reason),))
    return Section(
        "latent",
        "Latent",
        (*_plane(material, seen), *_space(material, seen), _table(material, seen)),
    )


def _plane(material: Material, seen: Seen) -> Iterable[Block]:
    views = {material.name_of(trial): view for trial, view in seen if len(view.explained) > 1}
    if views:
        drawn = plane_figure(views, material.folders.classes(seen[0][0]))
        yield Plot("latent-plane", drawn, _CAPTION)


def _space(material: Material, seen: Seen) -> Iterable[Block]:
    trial, view = seen[0]
    name = material.name_of(trial)
    if len(view.explained) < 3:
        yield Missing(f"the latent of {name} has fewer than 3 numbers: no picture in space")
        return
    share = f"{sum(view.explained):.0%}"
    caption = f"{name}, the best: three components, {share} of the variance."
    drawn = space_figure(view, material.folders.classes(trial))
    yield Plot("latent-space", drawn, caption, _HINT)


def _table(material: Material, seen: Seen) -> Table:
    columns = (
        "trial",
        "#latent",
        "#latent ÷ input",
        "#variance in 2",
        "#in 3",
        "#silhouette",
        "#probe",
        "95 % interval",
        "#majority",
        "#images",
    )
    rows = [_row(material.name_of(trial), trial, view) for trial, view in seen]
    return table("latent", columns, rows, _TABLE)


def _row(name: str, trial: TrialSnapshot, view: LatentView) -> tuple[str, ...]:
    return (
        name,
        whole(view.numbers),
        figure(trial.costs.get("latent_ratio")),
        *(f"{sum(view.explained[:count]):.1%}" for count in (2, 3)),
        figure(view.silhouette),
        figure(view.probe),
        between(view.probe_interval),
        figure(view.majority),
        whole(view.images),
    )
