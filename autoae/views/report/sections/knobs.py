"""What the knobs did: the ledger, importance, correlations, slices, parallel coordinates."""

from collections.abc import Sequence

from autoae.analysis.ledger import Effect, Interval, Ledger
from autoae.analysis.setting_counts import SettingCounts
from autoae.views.numbers import figure, probability, span
from autoae.views.plots.correlation import correlation_figure
from autoae.views.plots.effects import effects_figure
from autoae.views.plots.importance import LEAST, importance_figure
from autoae.views.plots.knobs import varied
from autoae.views.plots.parallel import parallel_figure
from autoae.views.plots.slices import slices_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Table, Text, table
from autoae.views.report.material import Material, too_few

_NO_KNOBS = "a list has no knobs of its own; its variants stand above"
_FOLDED = 12
"""Rows from which a table that is not the first thing to read is folded."""

FEWEST = 4
"""Complete trials below which a picture of knobs shows nothing but chance."""


def ledger_section(material: Material) -> Section:
    """Every effect with its interval and verdict."""
    ledger, title = material.evidence.ledger, "Knob ledger"
    if ledger.problem is not None:
        return Section("ledger", title, (Missing(ledger.problem), *map(Text, ledger.notices)))
    objectives = [objective.metric for objective in material.study.objectives]
    blocks: list[Block] = [Text(" ".join(_introduction(ledger))), *map(Text, ledger.notices)]
    for metric in ledger.metrics:
        blocks += _effects(ledger, metric) if metric in objectives else []
    others = [effect for effect in ledger.effects if effect.metric not in objectives]
    blocks += [*_others(others), *_costs(ledger), Text(" ".join(ledger.method), faint=True)]
    return Section("ledger", title, tuple(blocks))


def _introduction(ledger: Ledger) -> list[str]:
    if ledger.design == "paired":
        seeds = f"{len(ledger.seeds)} seeds" if len(ledger.seeds) != 1 else "one seed"
        return [f"Each change against the baseline, with the same {seeds} on both sides."]
    return [
        "Observational: estimated from the trials that the search happened to draw, so no proof",
        "of cause. The inert control knob does nothing; effects of its size are noise.",
    ]


def _effects(ledger: Ledger, metric: str) -> list[Block]:
    effects = ledger.of(metric)
    blocks: list[Block] = []
    if any(effect.estimate is not None for effect in effects):
        better = "More" if effects[0].direction == "maximize" else "Less"
        caption = (
            f"{better} is better. Thick lines are 95 % intervals of one comparison, thin ones hold "
            "for all of them together; verdicts are corrected for the number of comparisons."
        )
        blocks.append(Plot(f"effects-{metric}", effects_figure(effects, metric), caption))
    return [*blocks, _effects_table(effects, metric), *_doubts(effects, metric)]


def _effects_table(effects: Sequence[Effect], metric: str) -> Table:
    columns = (
        "knob",
        "change",
        f"#{metric}",
        "95 % interval",
        "#p",
        "#n",
        "#detectable",
        "verdict",
    )
    rows = [(*_effect(each), figure(each.detectable), each.verdict) for each in effects]
    caption = (
        f"Effects on {metric}: p after Holm's correction, n pairs or trials at the level, and the "
        "difference that would be found in 80 % of repetitions."
    )
    return table(f"effects-{metric}", columns, rows, caption)


def _doubts(effects: Sequence[Effect], metric: str) -> list[Block]:
    """Why some effects have no verdict; what "no evidence" could have missed is a number above."""
    rows = [
        (effect.knob, _change(effect), effect.reason)
        for effect in effects
        if effect.reason and effect.verdict not in ("no evidence", "helps", "hurts")
    ]
    return (
        [table(f"doubts-{metric}", ("knob", "change", "why there is no verdict"), rows)]
        if rows
        else []
    )


def _others(effects: Sequence[Effect]) -> list[Block]:
    """The effects on what is no objective, folded."""
    if not effects:
        return []
    columns = ("metric", "knob", "change", "#effect", "95 % interval", "#p", "#n", "verdict")
    rows = [(effect.metric, *_effect(effect), effect.verdict) for effect in effects]
    count = len({effect.metric for effect in effects})
    summary = f"effects on {count} other metrics" if count > 1 else f"effects on {rows[0][0]}"
    return [table("effects-other", columns, rows, summary=summary)]


def _effect(effect: Effect) -> tuple[str, ...]:
    return (
        effect.knob,
        _change(effect),
        "–" if effect.estimate is None else f"{effect.estimate:+.3g}",
        between(effect.interval),
        probability(effect.corrected_p),
        str(effect.count),
    )


def between(interval: Interval | None) -> str:
    """An interval as text."""
    return "–" if interval is None else span(interval.low, interval.high)


def _costs(ledger: Ledger) -> list[Block]:
    """What each change costs, once: it is the same for all metrics."""
    effects = [e for e in ledger.of(ledger.metrics[0]) if e.costs] if ledger.metrics else []
    names = list(dict.fromkeys(change.cost for effect in effects for change in effect.costs))
    if not names:
        return []
    rows = [
        (effect.knob, _change(effect), *(_cost_change(effect, name) for name in names))
        for effect in effects
    ]
    columns = ("knob", "change", *(f"#{name}" for name in names))
    caption = "What each change costs, against the same reference."
    summary = "what each change costs" if len(rows) > _FOLDED else ""
    return [table("effect-costs", columns, rows, caption, summary)]


def _change(effect: Effect) -> str:
    return f"{effect.reference} → {effect.level}" if effect.reference else effect.level


def _cost_change(effect: Effect, name: str) -> str:
    for change in effect.costs:
        if change.cost == name:
            relative = change.relative
            return figure(change.mean) if relative is None else f"{relative:+.1%}"
    return "–"


def importance_section(material: Material) -> Section:
    """The share of each parameter, with the number of trials that say so."""
    found = material.evidence.importances
    if not found:
        reason = (
            "a list or an ablation has none; the effects of its changes stand in the knob ledger"
        )
        return Section("importance", "Importance", (Missing(reason),))
    blocks: list[Block] = [
        Missing(f"{each.metric}: {each.problem}") for each in found if each.problem is not None
    ]
    known = [each for each in found if each.problem is None]
    if known:
        trials = known[0].trials
        caption = (
            f"PED-ANOVA over {trials} complete trials: where the best of them differ from all. "
            "A hint, no proof: a knob that does nothing gets a share as well. "
            f"Shares below {100 * LEAST:g} % are left out."
        )
        blocks.insert(0, Plot("importance", importance_figure(known), caption))
    return Section("importance", "Importance", tuple(blocks))


def parallel_section(material: Material) -> Section:
    """Every complete trial as a line through its knobs."""
    title, domains = "Parallel coordinates", material.evidence.spec.domains()
    reason = _unvaried(material)
    if reason:
        return Section("parallel", title, (Missing(reason),))
    metric = material.study.objectives[0].metric
    caption = (
        f"One line for each of {len(material.complete)} complete trials; the best fifth by "
        f"{metric} on top."
    )
    hint = "Click a fifth in the legend to hide it."
    plot = Plot("parallel", parallel_figure(material.study, domains), caption, hint)
    return Section("parallel", title, (plot,))


def correlation_section(material: Material) -> Section:
    """Knobs against figures."""
    found, title = material.evidence.correlations, "Correlation"
    problem = _NO_KNOBS if material.evidence.spec.is_list else found.problem
    if problem is not None:
        return Section("correlation", title, (Missing(problem),))
    caption = (
        f"Spearman's rank correlation over {found.trials} complete trials. An inert knob stays "
        f"below ±{found.noise:.2f} in 95 % of studies of this size, each cell for itself. "
        "A choice has a row for each value."
    )
    columns = ("knob", *(f"#{name}" for name in found.figures))
    rows = [
        (name, *("–" if value is None else f"{value:+.2f}" for value in values))
        for name, values in zip(found.knobs, found.values, strict=True)
    ]
    listing = table("correlation", columns, rows, summary="the same as a table")
    return Section(
        "correlation", title, (Plot("correlation", correlation_figure(found), caption), listing)
    )


def slices_section(material: Material) -> Section:
    """Each knob against each objective."""
    reason = _unvaried(material)
    if reason:
        return Section("slices", "Slices", (Missing(reason),))
    domains, caption = material.evidence.spec.domains(), "Orange: the median of a choice."
    plots = [
        Plot(f"slices-{each.metric}", slices_figure(material.study, domains, index), caption)
        for index, each in enumerate(material.study.objectives)
    ]
    return Section("slices", "Slices", (*plots, *_settings(material.evidence.settings)))


def _settings(counts: SettingCounts) -> list[Block]:
    """Each setting of each choice; none where too few trials are complete."""
    if not counts.settings:
        return []
    columns = ("knob", "setting", "#trials", "#median", "#best", "#in the best fifth", "")
    rows = [
        (
            each.knob,
            each.value,
            str(each.trials),
            figure(each.median),
            figure(each.best),
            str(each.among_best),
            each.stands_out,
        )
        for each in counts.settings
    ]
    caption = (
        f"Every setting by {counts.metric}, and how many of its trials are among the best "
        f"{len(counts.best)} of {counts.complete}. Where settings were drawn without looking at "
        "results, the last column says which stand there more often than chance would have it, or "
        "never against chance (5 %, each setting for itself)."
    )
    return [table("settings", columns, rows, caption, "every setting")]


def _unvaried(material: Material) -> str | None:
    if material.evidence.spec.is_list:
        return _NO_KNOBS
    few = too_few(len(material.complete), FEWEST)
    domains = material.evidence.spec.domains()
    return few or (None if varied(material.complete, domains) else "no knob was varied")
