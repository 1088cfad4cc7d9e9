"""How the figures came about: protocol, environment, commands, every trial."""

from collections import Counter
from collections.abc import Iterator, Mapping

from autoae.analysis.figures import figure_of
from autoae.analysis.mixture import mixtures
from autoae.analysis.values import listed_text, range_text
from autoae.spec.protocol import SELECTED_ON_TEST
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import clock, figure, whole
from autoae.views.report.blocks import Block, Code, Missing, Section, Text, table
from autoae.views.report.material import Material

_MOST = 1000
"""Trials that are listed one by one at most."""


def protocol_section(material: Material) -> Section:
    """Data, splits, seeds, and what was selected on what."""
    rows = [*_protocol(material), *_states(material.study)]
    blocks: list[Block] = [table("protocol", ("what", "how"), rows)]
    domains = material.evidence.spec.domains()
    if domains:
        names = [(name, range_text(domain)) for name, domain in domains.items()]
        caption = "What was varied; all else was constant."
        blocks.append(table("space", ("parameter", "values"), names, caption))
    return Section("protocol", "Protocol", tuple(blocks))


def _protocol(material: Material) -> Iterator[tuple[str, str]]:
    spec = material.evidence.spec
    search = spec.settings.search
    yield "objectives", ", ".join(f"{o.direction} {o.metric}" for o in spec.objectives)
    yield "images", _section(spec, "data")
    yield "loss", _section(spec, "loss")
    yield "training", _section(spec, "training")
    yield "search", _search(spec)
    yield "seeds", _seeds(material.study, search.seeds)
    yield "selection", _selection(spec)
    limits = spec.settings.limits.given()
    if limits:
        yield "limits", ", ".join(f"{name} ≤ {limit:,.6g}" for name, limit in limits.items())
    if spec.settings.profile:
        yield "profile", spec.settings.profile


def _selection(spec: StudySpec) -> str:
    metric = spec.objectives[0].metric
    if spec.selects_on_test:
        return (
            f"Original protocol: {SELECTED_ON_TEST}. Each trial's figures are those of its best "
            f"epoch by {metric}, on the test images, which flatters it."
        )
    where = "the images that it learned from, which flatters it"
    if metric.startswith("val_"):
        where = "the validation images"
    return (
        f"Each trial's figures are those of its best epoch by {metric}, on {where}; trials are "
        "compared on the same figures. The test split takes no part."
    )


def _section(spec: StudySpec, name: str) -> str:
    """The options of a section that the study file sets to constants."""
    section = spec.tree.get(name)
    if not isinstance(section, dict):
        return "defaults"
    constant = [
        f"{key} {listed_text(value)}"
        for key, value in section.items()
        if not isinstance(value, dict) and value is not None
    ]
    return ", ".join(constant) or "all of it varied, or defaults"


def _search(spec: StudySpec) -> str:
    search = spec.settings.search
    seed = "" if spec.is_list or spec.is_ablation else f", seed {search.seed}"
    return f"{search.method}{seed}, pruner {search.pruner}, budget {spec.budget} trials"


def _seeds(study: StudySnapshot, seeds: int) -> str:
    used = sorted({trial.seed for trial in study.trials if trial.seed is not None})
    listed = f"{used[0]} to {used[-1]}" if len(used) > 3 else ", ".join(map(str, used))
    each = f"every variant with {seeds} seeds" if seeds > 1 else "one training for each trial"
    return f"{each}; seeds used: {listed or 'none yet'}"


def _states(study: StudySnapshot) -> Iterator[tuple[str, str]]:
    refused = [trial for trial in study.trials if trial.refused]
    lost = [t for t in study.trials if t.state in ("PRUNED", "FAIL") and not t.refused]
    counts = Counter(state_word(trial.state) for trial in study.trials if not trial.refused)
    words = [f"{count} {word}" for word, count in counts.items()]
    words += [f"{len(refused)} refused before training"] if refused else []
    yield "trials", ", ".join(words) or "none"
    for trial in (*refused[:1], *lost[:1]):
        if trial.reason:
            yield f"for example trial {trial.number}", trial.reason


def environment_section(material: Material) -> Section:
    """On what the trials ran; a fact that differs between them has a line for each value."""
    trained = [t for t in material.study.trials if t.state in ("COMPLETE", "PRUNED") and t.epochs]
    found = material.folders.environments(trained)
    if not found:
        root = material.folders.root / material.study.name
        reason = f"no environment.json was found in {root}"
        return Section("environment", "Environment", (Missing(reason),))
    names = [
        name for name in dict.fromkeys(key for each in found for key in each) if name != "seed"
    ]
    rows = [(name, _different(Counter(_fact(each.get(name)) for each in found))) for name in names]
    caption = f"Of {len(found)} trials; where they differ, with the number of trials."
    numbers = [trial.number for trial in trained]
    known = {number: material.folders.of(number).read_environment() for number in numbers}
    warned = [Text(f"Warning: {each}.") for each in mixtures(material.study.name, known)]
    listed = table("environment", ("what", "value"), rows, caption)
    return Section("environment", "Environment", (*warned, listed))


def _fact(value: object) -> str:
    return "–" if value is None else str(value)


def _different(counts: Mapping[str, int]) -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return "; ".join(f"{value} ({count})" for value, count in counts.items())


def commands_section(material: Material) -> Section:
    """The commands that reproduce the study, and its file."""
    lines = [f"{command}  # {what}" for command, what in material.commands]
    text = f"The study is kept in {material.storage}."
    blocks = (
        Text(text),
        Code("\n".join(lines)),
        Code(
            material.evidence.spec.to_text(), f"{material.study.name}.yaml, the study file in force"
        ),
    )
    return Section("reproduce", "Reproduce", blocks)


def trials_section(material: Material) -> Section:
    """Every trial in one line."""
    study = material.study
    if not study.trials:
        return Section("trials", "All trials", (Missing("no trial has started yet"),))
    metrics = [objective.metric for objective in study.objectives]
    columns = ["#trial", "state", *(f"#{name}" for name in metrics), "#params", "#epochs", "#time"]
    columns += ["network", "why it ended"]
    rows = [_trial(study, trial, metrics) for trial in study.trials[:_MOST]]
    rest = len(study.trials) - len(rows)
    caption = f"The first {_MOST} trials; `autoae study export` writes all." if rest else ""
    summary = f"{len(rows)} trials"
    return Section("trials", "All trials", (table("trials", columns, rows, caption, summary),))


def _trial(study: StudySnapshot, trial: TrialSnapshot, metrics: list[str]) -> list[str]:
    return [
        str(trial.number),
        "refused" if trial.refused else state_word(trial.state),
        *(figure(figure_of(study, trial, name)) for name in metrics),
        whole(trial.costs.get("params")),
        str(trial.epochs),
        clock(trial.seconds),
        trial.network,
        trial.reason,
    ]
