"""The stages of `autoae auto`: each composes what the single commands do."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import typer

from autoae.analysis.confirmation import unused_seed
from autoae.analysis.importance import importance
from autoae.analysis.winner import Winner, candidates, winner
from autoae.auto.division import (
    AblationSize,
    ablation_size,
    affordable,
    confirmation_size,
    share,
)
from autoae.auto.progress import Stage, progress_from
from autoae.auto.stopping import no_longer_pays
from autoae.cli.auto_run import Run
from autoae.cli.errors import ExitCode
from autoae.cli.followers import follower, followers
from autoae.cli.following import mean_seconds, needs_finished
from autoae.cli.opened import Opened, command, opened
from autoae.cli.output import note
from autoae.cli.running import trained
from autoae.spec.ablation import AblationOptions, ablation_around, factors_of
from autoae.spec.confirmation import ConfirmationOptions, confirmation_of
from autoae.spec.document import value_at
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.attributes import ABLATION, AUTO, CONFIRMATION
from autoae.store.evaluations import openings_of
from autoae.store.snapshot import StudySnapshot
from autoae.store.snapshot_reader import SnapshotReader
from autoae.views.numbers import roughly


def do(run: Run, stage: Stage) -> None:
    """Do one stage, and keep that it ended and what it took.

    Raises:
        typer.Exit: It was interrupted.
        UserError: What the stage composes refuses.
    """
    began, why = time.monotonic(), None
    try:
        why = _STAGES[stage](run)
    finally:
        progress = run.progress()
        assert progress is not None
        progress = replace(progress, spent=progress.spent + time.monotonic() - began)
        run.keep(progress if why is None else progress.after(stage, why))
    _say(stage, f"done: {why}")


def _say(stage: Stage, text: str) -> None:
    note(f"{stage.value:<8} {text}")


def _search(run: Run) -> str:
    with opened(run.name, run.storage) as found:
        spec, study = found.spec, found.snapshot()
        if spec.runs():
            why = f"the {spec.settings.search.method} is run as it stands, {spec.budget} trials"
        else:
            why = "half of the time, or less once it no longer pays"
        seconds = max(share(Stage.SEARCH, _left(found)) - (mean_seconds(study) or 0.0), 1.0)
        _say(Stage.SEARCH, f"up to {roughly(seconds)}: {why}")
        reader, images = SnapshotReader(found.study), value_at(spec.tree, "data.validation")
        held = images if isinstance(images, int) else None

        def enough() -> str | None:
            return None if spec.runs() else no_longer_pays(reader.read(), held)

        because = _train(run, run.name, seconds, _when_news(reader, enough))
        needs_finished(found.snapshot(), "what follows", run.storage)
    return because


def _when_news(
    reader: SnapshotReader, enough: Callable[[], str | None]
) -> Callable[[], str | None]:
    """Judges anew only when a trial has ended: the question is asked many times a second."""
    asked: dict[int, str | None] = {}

    def judged() -> str | None:
        ended = len(reader.read().counted)
        if ended not in asked:
            asked[ended] = enough()
        return asked[ended]

    return judged


def _confirm(run: Run) -> str:
    with opened(run.name, run.storage) as found:
        spec = _taken_up(found, CONFIRMATION) or _confirmation(run, found)
        if spec is None:
            return "skipped, for the time left does not give one network three new seeds"
        seconds = share(Stage.CONFIRM, _left(found))
    return _train(run, spec.name, seconds)


def _confirmation(run: Run, found: Opened) -> StudySpec | None:
    from autoae.cli.study_confirm import create_confirmation

    study, several = found.snapshot(), len(found.spec.objectives) > 1
    known = candidates(study, 5)
    size = confirmation_size(_fitting(run, found, Stage.CONFIRM), len(known))
    if size is None:
        return None
    top, seeds = size
    order = "nearest to the ideal point of the front" if several else "best"
    _say(Stage.CONFIRM, f"the {top} {order}, {seeds} new seeds each: luck chose them so far")
    chosen = {trial.number: dict(trial.configuration) for trial in known[:top]}
    options = ConfirmationOptions(seeds, unused_seed(study))
    spec = confirmation_of(found.spec, chosen, f"{run.name}-confirm", options)
    create_confirmation(found, spec, run.workers)
    return spec


def _ablate(run: Run) -> str:
    with opened(run.name, run.storage) as found:
        if found.spec.runs():
            method = found.spec.settings.search.method
            return f"skipped, for the study is a {method}: `study effects` compares its variants"
        spec = _taken_up(found, ABLATION) or _ablation(run, found)
        if spec is None:
            return "skipped, for the time left does not give one knob three seeds, or none varied"
        seconds = share(Stage.ABLATE, _left(found))
    return _train(run, spec.name, seconds)


def _ablation(run: Run, found: Opened) -> StudySpec | None:
    from autoae.cli.ablate import create_ablation

    best, again = _winner(found), follower(found, CONFIRMATION)
    study = found.snapshot()
    # Seeds that chose neither the trial nor, among the candidates, the winner.
    seed = max(unused_seed(each) for each in (study, *([again.snapshot()] if again else [])))
    trial, name = study.trials[best.trial], f"{run.name}-ablation"

    def made(size: AblationSize) -> StudySpec:
        options = AblationOptions(size.factors, size.levels, size.seeds, seed)
        return ablation_around(found.spec, trial.params, name, trial.number, options)

    def variants(size: AblationSize) -> int:
        return len(made(size).runs()) // size.seeds

    ranked = _ranked(found, study, trial.params, made)
    size = ablation_size(_fitting(run, found, Stage.ABLATE), ranked, variants)
    if size is None:
        return None
    left_out = (
        f", {len(ranked) - len(size.factors)} left out" if len(ranked) > len(size.factors) else ""
    )
    _say(
        Stage.ABLATE,
        f"{len(size.factors)} knobs around trial {trial.number}{left_out}, one at a time with "
        f"{size.seeds} new seeds: what is each worth?",
    )
    spec = made(size)
    create_ablation(found, spec, run.workers)
    return spec


def _ranked(
    found: Opened,
    study: StudySnapshot,
    params: Mapping[str, object],
    made: Callable[[AblationSize], StudySpec],
) -> list[str]:
    """The knobs that can be varied around a trial, those that stood out in the search first."""
    domains = factors_of(found.spec)
    shares = importance(study, found.spec.domains()).shares
    names = sorted((n for n in domains if n in params), key=lambda name: -shares.get(name, 0.0))
    return [name for name in names if _varies(name, made)]


def _varies(name: str, made: Callable[[AblationSize], StudySpec]) -> bool:
    try:
        made(AblationSize((name,), 1, 1))
    except SpecError:
        return False
    return True


def _evaluate(run: Run) -> str:
    from autoae.cli.study_evaluate import may_open, open_test_split

    with opened(run.name, run.storage) as found:
        again = follower(found, CONFIRMATION)
        confirmed = again is not None and bool(again.snapshot().of_state("COMPLETE"))
        target = again if again is not None and confirmed else found
        before = max(len(openings_of(found.study)), len(openings_of(target.study)))
        if before:
            times = "once" if before == 1 else f"{before} times"
            return f"not opened, for the test split was opened {times} before; those figures stand"
        trials = len(target.snapshot().of_state("COMPLETE"))
        _say(Stage.EVALUATE, f"the test images, once, by {trials} trials of {target.spec.name}")
        may_open(target, run.storage, again=False)
        open_test_split(target, run.wishes.device or "auto")
    return "the test split was opened once, and that is counted"


def _report(run: Run) -> str:
    from autoae.cli.report import page

    place = _folder(run)
    place.mkdir(parents=True, exist_ok=True)
    with opened(run.name, run.storage) as found:
        (place / "report.html").write_text(page(found, run.storage), encoding="utf-8")
        for other in followers(found):
            written = page(other, run.storage)
            (place / f"{other.spec.name}.html").write_text(written, encoding="utf-8")
    return str(place / "report.html")


def _export(run: Run) -> str:
    from autoae.cli.found_model import found_model
    from autoae.cli.model_export import FormatName, export_with_card

    with opened(run.name, run.storage) as found:
        best, again = _winner(found), follower(found, CONFIRMATION)
    study = again.spec.name if again is not None and best.again else run.name
    number = best.again[0].number if best.again else best.trial
    _say(Stage.EXPORT, f"trial {number} of {study}: {best.rule}")
    place, model = _folder(run) / "model", found_model(f"{study}:{number}", run.storage)
    exported = export_with_card(model, FormatName.SAFETENSORS, place, run.storage)
    worst = max((check.difference for check in exported.checks), default=0.0)
    return f"{place}, the same outputs within {worst:.1e}"


_STAGES: dict[Stage, Callable[[Run], str]] = {
    Stage.SEARCH: _search,
    Stage.CONFIRM: _confirm,
    Stage.ABLATE: _ablate,
    Stage.EVALUATE: _evaluate,
    Stage.REPORT: _report,
    Stage.EXPORT: _export,
}


def _winner(found: Opened) -> Winner:
    again = follower(found, CONFIRMATION)
    best = winner(found.snapshot(), again.snapshot() if again else None)
    assert best is not None, "the search ended with a complete trial"
    return best


def _taken_up(found: Opened, attribute: str) -> StudySpec | None:
    """The study of a stage that was interrupted, with its size as it was planned."""
    other = follower(found, attribute)
    return None if other is None else other.spec


def _left(found: Opened) -> float:
    progress = progress_from(found.study.user_attrs.get(AUTO))
    assert progress is not None
    return progress.left([found.snapshot(), *(each.snapshot() for each in followers(found))])


def _fitting(run: Run, found: Opened, stage: Stage) -> int:
    """Trainings that fit into the time of a stage."""
    seconds = mean_seconds(found.snapshot())
    assert seconds is not None, "the search ended with a complete trial"
    return affordable(share(stage, _left(found)), seconds, run.workers)


def _folder(run: Run) -> Path:
    progress = run.progress()
    assert progress is not None
    return Path(progress.folder)


def _train(
    run: Run, name: str, seconds: float, enough: Callable[[], str | None] | None = None
) -> str:
    """Train a study of this run, and give why it ended.

    Raises:
        typer.Exit: It was interrupted, or somebody told it to stop.
    """
    from autoae.search.ending import STOPPED

    wishes = replace(run.wishes, timeout=max(seconds, 1.0))
    wishes = wishes if name == run.name else replace(wishes, trials=None)
    with trained(name, run.storage, wishes, as_json=run.as_json, enough=enough) as outcome:
        pass
    if outcome.interrupted or outcome.stopped_because == STOPPED:
        again = command(f"auto {run.name} --resume", run.storage)
        note(f"{outcome.stopped_because}; go on with: {again}")
        raise typer.Exit(int(ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.FAILED))
    return outcome.stopped_because
