"""`autoae model summary`: the layers of a network, their shapes and what they cost."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options
from autoae.cli.output import show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.models.costs import Costs
    from autoae.models.summary import LayerSummary
    from autoae.spec.plan import NetworkPlan


def summary(  # noqa: PLR0913, PLR0917 - one parameter an option
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_FILE|STUDY:TRIAL",
            help="A preset, a study file, or a trial of a study.",
            autocompletion=complete.source_or_trial,
            show_default=False,
        ),
    ],
    given: options.Set = None,
    profile: options.Profile = None,
    middle: options.Middle = False,
    variant: options.Variant = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the layers of a network: shapes, parameters, operations."""
    from autoae.cli.chosen import Choice, from_file, from_trial, is_trial, refuse_for_trials
    from autoae.cli.images import images_of
    from autoae.models import build
    from autoae.models.costs import costs
    from autoae.models.summary import summarize
    from autoae.spec.errors import placed

    if is_trial(source):
        refuse_for_trials(profile=profile, middle=middle, variant=variant)
        chosen = from_trial(source, storage, given or ())
    else:
        chosen = from_file(source, Choice(given or (), profile, middle, variant))
    with placed(chosen.locate):
        shape, classes = images_of(chosen.configuration.data)
        network = build(chosen.configuration.model, shape, classes, seed=0)
    layers, cost = summarize(network), costs(network)
    facts = {"network": network.plan.notation, "input": shape, "layers": layers, "costs": cost}
    show(facts, lambda: _page(network.plan, layers, cost), as_json=as_json)


def _page(
    plan: "NetworkPlan", layers: "tuple[LayerSummary, ...]", cost: "Costs"
) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from autoae.views.numbers import whole
    from autoae.views.tables import number, table, wide, words

    columns = [words("layer"), wide("notation"), number("output"), number("parameters")]
    rows = [
        (layer.name, layer.notation, _shape(layer.outputs), whole(layer.params), whole(layer.flops))
        for layer in layers
    ]
    first = ("input", "", _shape(plan.image), "", "")
    total = ("total", "", "", whole(cost.params), whole(cost.flops))
    latent = f"latent: {_shape(plan.latent)}, {cost.latent_ratio:.3g} of the input's numbers"
    return Group(
        Text(plan.notation, style="cyan"),
        Text(),
        table([*columns, number("operations")], [first, *rows, total]),
        Text(),
        Text(latent, style="dim"),
        Text(f"operations do not count: {', '.join(cost.uncounted)}", style="dim"),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(str(size) for size in shape)
