"""`autoae study effects`: what each knob did, how sure that is, and what it cost."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.analysis.ledger import Ledger
    from autoae.cli.opened import Opened

ALL = "all"


class Format(StrEnum):
    """What `study effects` can write for other programs."""

    CSV = "csv"
    LATEX = "latex"


def effects(
    study: options.Study,
    metric: Annotated[
        str | None,
        typer.Option(
            help="A metric, or `all`; unless given the objectives, and for --json and CSV all.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Write a table for other programs.")
    ] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the knob ledger: the effect of each knob with interval, verdict and costs.

    Lists and ablations are compared seed by seed with their baseline; of a search the effects
    are estimated from its trials, marked as observational, with an inert control beside them.
    """
    from autoae.cli.opened import opened

    with opened(study, storage) as found:
        tell_effects(found, storage, metric=metric, form=form, as_json=as_json)


def tell_effects(
    found: "Opened",
    storage: str | None,
    *,
    metric: str | None = None,
    form: Format | None = None,
    as_json: bool,
) -> None:
    """Print the ledger of a study.

    Args:
        found: The study.
        storage: As the user gave it, for the next command.
        metric: A metric, `all`, or None: what suits the format.
        form: A table for other programs, or None.
        as_json: For programs.

    Raises:
        SpecError: There is no such metric.
        NotReady: There are no effects, with what would be needed.
    """
    from autoae.cli.following import say_without_validation
    from autoae.views import ledger as views

    say_without_validation(found.spec)
    everything = metric is None and (as_json or form is Format.CSV)
    metrics = _metrics(found, ALL if everything else metric)
    ledger = _ledger(found, metrics, storage)
    if form is Format.CSV and not as_json:
        typer.echo(views.csv_text(ledger), nl=False)
    elif form is Format.LATEX and not as_json:
        typer.echo(views.latex_text(ledger, ledger.metrics), nl=False)
    else:
        show(ledger, lambda: _page(found, ledger, metrics), as_json=as_json)


def _page(found: "Opened", ledger: "Ledger", metrics: tuple[str, ...]) -> "RenderableType":
    """The ledger, and whether reconstruction regularises where variants can tell."""
    from rich.console import Group
    from rich.text import Text

    from autoae.analysis.answer_checks import regularisation_sentences
    from autoae.analysis.groups import groups
    from autoae.views.ledger import ledger_page

    said = regularisation_sentences(groups(found.snapshot()))
    lines = (Text(f"\n{sentence.text} ({sentence.basis})") for sentence in said)
    return Group(ledger_page(ledger, metrics), *lines)


def _metrics(found: "Opened", metric: str | None) -> tuple[str, ...]:
    """The metrics that are meant, of those that were recorded.

    Raises:
        SpecError: There is no such metric.
    """
    from autoae.analysis.effects.outcomes import metrics_of
    from autoae.spec.errors import SpecError
    from autoae.spec.names import nearest

    recorded = metrics_of(found.snapshot())
    if metric is None:
        return tuple(objective.metric for objective in found.spec.objectives)
    if metric == ALL:
        return recorded
    if recorded and metric not in recorded:
        message = f"no trial recorded {metric!r}; {nearest(metric, [*recorded, ALL])}"
        raise SpecError(message, place="--metric")
    return (metric,)


def _ledger(found: "Opened", metrics: tuple[str, ...], storage: str | None) -> "Ledger":
    from autoae.analysis.effects import effects as computed
    from autoae.cli.following import NotReady
    from autoae.cli.opened import command

    snapshot, domains = found.snapshot(), found.spec.domains()
    one = metrics[0] if len(metrics) == 1 else None
    ledger = computed(snapshot, domains, metric=one)
    if ledger.problem is not None:
        left = snapshot.budget - len(snapshot.counted)
        hint = f"study run {found.spec.name}" if left > 0 else ""
        raise NotReady(
            f"study {found.spec.name!r} shows no effects: {ledger.problem}",
            hint=command(hint, storage) if hint else "",
        )
    return ledger
