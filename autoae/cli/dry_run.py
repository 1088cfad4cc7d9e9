"""`autoae study create --dry-run`: what the study would search and cost; nothing is created."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoae.cli.estimate import Estimate, Extreme, estimate
from autoae.cli.output import note, show
from autoae.cli.survey import Survey
from autoae.spec.study import StudySpec

if TYPE_CHECKING:
    from rich.console import RenderableType


def dry_run(spec: StudySpec, found: Survey, workers: int, *, as_json: bool) -> None:
    """Print size, extremes, time and disk of a study that is not created.

    Args:
        spec: The study.
        found: A survey of its space.
        workers: That would train at the same time.
        as_json: For programs.
    """
    note("measuring the smallest and the largest network ...")
    costs = estimate(spec, found, workers)
    show(_facts(spec, found, costs), lambda: _page(spec, found, costs), as_json=as_json)
    note("nothing was created")


def _facts(spec: StudySpec, found: Survey, costs: Estimate) -> dict[str, object]:
    return {
        "study": spec.name,
        "parameters": list(spec.domains()),
        "combinations": found.combinations,
        "sampled": found.tried,
        "unbuildable": 1 - len(found.candidates) / found.tried,
        "reasons": [{"reason": str(reason), "count": count} for reason, count in found.refusals],
        "cost": costs,
    }


def _page(spec: StudySpec, found: Survey, costs: Estimate) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from autoae.views.numbers import roughly, size
    from autoae.views.tables import pairs

    budget = f"{costs.trials} trials with {costs.workers} workers"
    rows = [
        ("space", _space(found)),
        ("cannot be built", _refused(found, costs)),
        ("smallest of them", _extreme(costs.smallest)),
        ("largest of them", _extreme(costs.largest)),
        ("time", f"{_between(costs.seconds, roughly)} for {budget}"),
        ("disk", f"{_between(costs.bytes, size)} of run folders"),
    ]
    title = Text(f"{spec.name} would search {found.parameters} parameters", style="bold")
    return Group(title, pairs(rows), Text(f"Time: {costs.assumption}.", style="dim"))


def _space(found: Survey) -> str:
    if found.combinations is None:
        return "infinite: some parameters are continuous"
    return f"{found.combinations:,} combinations"


def _refused(found: Survey, costs: Estimate) -> str:
    share = 1 - len(found.candidates) / found.tried
    sample = f"{found.tried} sampled combinations" if found.tried > 1 else "the one combination"
    text = f"{share:.0%} of {sample}"
    if found.refusals:
        text += f", most often: {found.refusals[0][0]}"
    if costs.over_limit:
        text += f"; {costs.over_limit:.0%} of the others break a limit"
    return text


def _extreme(network: Extreme) -> str:
    from autoae.views.numbers import short, whole

    cost = f"{whole(network.params)} parameters, {short(network.flops)} operations an image"
    return f"{cost}\n{network.notation}"


def _between(ends: tuple[float, float], shown: Callable[[float], str]) -> str:
    low, high = (shown(end) for end in ends)
    return f"about {high}" if low == high else f"{low} to {high}"
