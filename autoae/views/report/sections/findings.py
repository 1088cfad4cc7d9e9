"""The answer, the best trials, the front."""

from autoae.analysis.answer import answer
from autoae.analysis.best import best_trials
from autoae.analysis.evidence import Following
from autoae.analysis.findings import findings
from autoae.analysis.front import front
from autoae.store.snapshot import TrialSnapshot
from autoae.views.numbers import clock, cost, figure, whole
from autoae.views.plots.front import front_figure
from autoae.views.report.blocks import Block, Missing, Plot, Section, Sentences, Table, Text, table
from autoae.views.report.material import BEST, Material, too_few


def answer_section(material: Material) -> Section:
    """The answer in sentences."""
    return Section("answer", "Answer", (Sentences(answer(material.evidence)),))


def findings_section(material: Material) -> Section | None:
    """What to do with the answer, once a study follows this one; before, the answer says it."""
    if material.evidence.following == Following():
        return None
    found = findings(material.evidence)
    parts = (
        ("What to use", found.use),
        ("What not to bother with", found.skip),
        ("What stays open", found.unsettled),
    )
    blocks: list[Block] = []
    for title, sentences in parts:
        if sentences:
            blocks += [Text(f"{title}:"), Sentences(sentences)]
    return Section("findings", "Findings", tuple(blocks))


def best_section(material: Material) -> Section:
    """The best trials, whatever their seeds."""
    study = material.study
    trials = best_trials(study, BEST)
    if not trials:
        return Section("best", "Best trials", (Missing("no trial is complete yet"),))
    metrics = [objective.metric for objective in study.objectives]
    costs = [name for name in material.evidence.spec.settings.costs if name not in metrics]
    columns = ["#trial", *_variant(trials, "variant")]
    columns += [f"#{name}" for name in (*metrics, *costs)] + ["#epoch", "#time", "network"]
    rows = [
        [
            str(trial.number),
            *_variant(trials, trial.variant or ""),
            *(figure(value) for value in trial.values),
            *(cost(name, trial.costs.get(name)) for name in costs),
            "–" if trial.epoch is None else f"{trial.epoch}/{trial.epochs}",
            clock(trial.seconds),
            trial.network,
        ]
        for trial in trials
    ]
    return Section("best", "Best trials", (table("best", columns, rows, _best_caption(metrics)),))


def _best_caption(metrics: list[str]) -> str:
    order = f"ordered by {metrics[0]}" if len(metrics) == 1 else "those that no other beats first"
    return f"Complete trials, {order}; figures of the best epoch, each from one seed."


def _variant(trials: tuple[TrialSnapshot, ...], text: str) -> list[str]:
    return [text] if any(trial.variant for trial in trials) else []


def front_section(material: Material) -> Section:
    """Parameters against every objective, and the objectives against each other."""
    study = material.study
    metrics = [objective.metric for objective in study.objectives]
    pairs = [("params", metric) for metric in metrics if metric != "params"]
    if len(metrics) > 1 and "params" not in metrics:
        pairs.insert(0, (metrics[0], metrics[1]))
    blocks: list[Block] = []
    for x, y in pairs:
        blocks += _front(material, x, y)
    return Section("front", "Front", tuple(blocks))


def _front(material: Material, x: str, y: str) -> list[Block]:
    study = material.study
    best = front(study, x, y)
    few = too_few(len(material.complete), 2)
    if few or not best:
        return [Missing(few or f"no complete trial has both {x} and {y}")]
    caption = (
        f"Each point is a complete trial; no other trial is better than one of the front in {y} "
        f"without being worse in {x}."
    )
    hint = "Point at one for its network."
    plot = Plot(f"front-{x}-{y}", front_figure(study, x, y), caption, hint)
    return [plot, _front_table(x, y, best)]


def _front_table(x: str, y: str, trials: tuple[TrialSnapshot, ...]) -> Table:
    columns = ("#trial", "#params", "network", "values")
    rows = [
        (
            str(trial.number),
            whole(trial.costs.get("params")),
            trial.network,
            ", ".join(figure(value) for value in trial.values),
        )
        for trial in trials
    ]
    summary = f"the {len(trials)} trials of this front" if len(trials) > 1 else "its one trial"
    return table(f"front-{x}-{y}", columns, rows, summary=summary)
