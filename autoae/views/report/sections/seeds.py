"""What more than one seed says: confirmation, variants, published figures, test figures."""

from collections.abc import Sequence

from autoae.analysis.claims import ClaimCheck
from autoae.analysis.evidence import Confirmation
from autoae.analysis.figures import figure_of
from autoae.analysis.groups import Group, Mean, mean_figure
from autoae.analysis.variants import VariantFigures, names_of, variant_figures
from autoae.spec.metrics import COSTS, DERIVED, METRICS, Metric
from autoae.views.confirmation import sentences
from autoae.views.numbers import figure, whole
from autoae.views.plots.intervals import Row, intervals_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Table, Text, table
from autoae.views.report.material import Material
from autoae.views.report.sections.knobs import between


def confirmation_section(material: Material) -> Section:
    """The best candidates with new seeds."""
    found, title = material.evidence.confirmation, "Confirmation"
    if found is None:
        reason = (
            f"`autoae study confirm {material.study.name}` trains the best again with new seeds"
        )
        return Section("confirmation", title, (Missing(reason),))
    rows = [
        Row(f"trial {each.trial}", each.mean.values, each.mean.mean, each.mean.interval)
        for each in found.candidates
    ]
    caption = "The best candidates trained again with new seeds: these figures do not flatter."
    plot = Plot("confirmation", intervals_figure(rows, found.metric), caption)
    said = sentences(material.again or material.evidence.spec, found)
    return Section("confirmation", title, (plot, _candidates(material, found), *map(Text, said)))


def _candidates(material: Material, found: Confirmation) -> Table:
    columns = ("#trial", f"#{found.metric}", "95 % interval", "#seeds", "#in the search")
    rows = [
        (
            str(each.trial),
            figure(each.mean.mean),
            between(each.mean.interval),
            str(each.mean.count),
            figure(_searched(material, each.trial, found.metric)),
            whole(each.params),
            each.notation,
        )
        for each in found.candidates
    ]
    caption = "Ordered by the mean; beside it what the search had seen."
    return table("confirmation", (*columns, "#params", "network"), rows, caption)


def _searched(material: Material, number: int, metric: str) -> float | None:
    return figure_of(material.study, material.study.trials[number], metric)


def variants_section(material: Material) -> Section | None:
    """The variants of a list or an ablation over their seeds; None for a search."""
    study, found = material.study, material.evidence.groups
    if not found:
        return None
    blocks: list[Block] = []
    for each in study.objectives:
        rows = [_row(material, group, each.metric) for group in found if group.trials]
        if rows:
            caption = "95 % intervals of the mean (Student's t); one seed has none."
            plot = Plot(f"variants-{each.metric}", intervals_figure(rows, each.metric), caption)
            blocks.append(plot)
    columns = ["variant"]
    columns += [name for o in study.objectives for name in (f"#{o.metric}", "95 % interval")]
    columns += ["#seeds", *_incomplete(material, "#not complete"), "#params", "network"]
    lines = [_line(material, group) for group in found]
    return Section(
        "variants",
        "Variants",
        (*blocks, table("variants", columns, lines), *_figures(material)),
    )


def _figures(material: Material) -> list[Block]:
    """Everything else that is known of the variants: figures beside the objective, and costs."""
    variants = variant_figures(material.study, material.evidence.groups)
    shown = {objective.metric for objective in material.study.objectives}
    asked = material.evidence.spec.settings.costs
    names = [name for name in names_of(variants) if name not in shown]
    parts = {
        "variant-figures": [name for name in names if name not in COSTS],
        "variant-costs": [name for name in names if name in asked],
    }
    return [_part(key, variants, part) for key, part in parts.items() if part]


def _part(key: str, variants: Sequence[VariantFigures], names: Sequence[str]) -> Table:
    meanings = {**METRICS, **COSTS, **DERIVED}
    rows = [
        (each.name, *(_shown(name, each.figures.get(name)) for name in names)) for each in variants
    ]
    caption = f"Means over the seeds. {'; '.join(_meaning(meanings[name]) for name in names)}."
    return table(key, ("variant", *(f"#{name}" for name in names)), rows, caption)


def _meaning(of: Metric) -> str:
    return f"{of.name}: {of.meaning}{f', {of.unit}' if of.unit else ''}"


def _shown(name: str, mean: Mean | None) -> str:
    value = mean.mean if mean else None
    if value is not None and name in DERIVED:
        return f"{value:.3g}"
    return whole(value) if name in ("params", "flops") else figure(value)


def _incomplete(material: Material, text: str) -> list[str]:
    """The column of what is not complete, where there is such a thing."""
    return [text] if any(group.missing for group in material.evidence.groups) else []


def _row(material: Material, group: Group, metric: str) -> Row:
    mean = mean_figure(material.study, group.trials, metric)
    if mean is None:
        return Row(group.name, (), None, None)
    return Row(group.name, mean.values, mean.mean, mean.interval)


def _line(material: Material, group: Group) -> list[str]:
    metrics = [objective.metric for objective in material.study.objectives]
    means = [mean_figure(material.study, group.trials, metric) for metric in metrics]
    first = group.trials[0] if group.trials else None
    return [
        group.name,
        *(text for mean in means for text in _mean(mean)),
        str(len(group.trials)),
        *_incomplete(material, str(group.missing)),
        whole(first.costs.get("params") if first else None),
        first.network if first else "–",
    ]


def _mean(mean: Mean | None) -> tuple[str, str]:
    return ("–", "–") if mean is None else (figure(mean.mean), between(mean.interval))


def claims_section(material: Material) -> Section:
    """Published figures beside ours."""
    claims, title = material.evidence.claims, "Published figures"
    if not claims:
        reason = "the study file names no published figures (`claims:`)"
        return Section("claims", title, (Missing(reason),))
    columns = (
        "variant",
        "metric",
        "#published",
        "#ours",
        "95 % interval",
        "#seeds",
        "verdict",
        "why",
    )
    rows = [_claim(each) for each in claims]
    caption = (
        "A published figure is nearly always one training: it holds where 95 % of single trainings "
        "of ours land. Intervals shown are of our mean."
    )
    protocol = table("protocols", ("source", "metric", "what differs"), _protocols(claims))
    return Section(
        "claims", title, (*_claim_plots(claims), table("claims", columns, rows, caption), protocol)
    )


def _protocols(claims: Sequence[ClaimCheck]) -> list[tuple[str, str, str]]:
    """The differences between protocols, once for each source and metric."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for each in claims:
        said = found.setdefault((each.claim.source, each.claim.metric), {})
        said |= dict.fromkeys(each.differences)
    return [(*key, "; ".join(said) or "nothing that is known") for key, said in found.items()]


def _claim(check: ClaimCheck) -> tuple[str, ...]:
    claim, ours = check.claim, check.ours
    counted = claim.metric in ("params", "flops")
    show = whole if counted else figure
    return (
        claim.variant,
        claim.metric,
        show(claim.value),
        show(ours.mean if ours else None),
        between(ours.interval if ours and not counted else None),
        str(ours.count if ours else 0),
        check.verdict,
        check.reason,
    )


def _claim_plots(claims: Sequence[ClaimCheck]) -> list[Block]:
    """A figure for each metric; not for figures that are not comparable."""
    metrics = dict.fromkeys(each.claim.metric for each in claims)
    plots: list[Block] = []
    for metric in metrics:
        shown = [c for c in claims if c.claim.metric == metric and c.verdict != "not comparable"]
        rows = [
            Row(c.claim.variant, c.ours.values, c.ours.mean, c.ours.interval, c.claim.value)
            for c in shown
            if c.ours is not None
        ]
        if rows and metric not in ("params", "flops"):
            caption = f"Published {metric} beside ours."
            plots.append(Plot(f"claims-{metric}", intervals_figure(rows, metric), caption))
    return plots
