"""`autoae auto`: from a question and a budget to an answer and a model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.auto.progress import Stage
from autoae.cli import options
from autoae.cli.durations import seconds
from autoae.cli.output import note

if TYPE_CHECKING:
    from autoae.auto.progress import Progress
    from autoae.cli.auto_run import Run
    from autoae.spec.study import StudySpec

_FEW = 10
"""Trials, below which a search has hardly begun."""


def auto(  # noqa: PLR0913, PLR0917 - one parameter an option
    source: options.Source,
    budget: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="For everything together: 90s, 30m or 2h.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a study of that name where it stopped."),
    ] = False,
    stage: Annotated[
        Stage | None,
        typer.Option(help="Do this stage alone, then stop; it must be its turn, or be done."),
    ] = None,
    name: options.Name = None,
    given: options.Set = None,
    profile: options.Profile = None,
    trials: options.Trials = None,
    workers: options.Workers = None,
    device: options.Device = None,
    seed: options.Seed = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where report and model go; NAME-auto unless given.",
            file_okay=False,
            show_default=False,
        ),
    ] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Search, confirm, ablate, look at the test images once, report and export, within a budget.

    It divides the time itself, says what it does and why, and ends with what to use, what not to
    bother with and what stays open. Ctrl-C stops it; --resume goes on where it was.
    """
    from autoae.cli.auto_answer import tell
    from autoae.cli.auto_run import Run
    from autoae.cli.running import Wishes, worker_count
    from autoae.spec.reading import read_study

    wishes = Wishes(worker_count(workers), device, trials=trials)
    short = options.overrides(given, trials=trials, device=device, seed=seed)
    known = _known(name or Path(source).stem, storage)
    if known is None:
        if resume:
            raise _nothing_to_resume(source, storage)
        spec = read_study(source, profile=profile, overrides=short, name=name)
        run = Run(spec.name, storage, wishes, as_json)
        _start(run, spec, budget, output)
    else:
        run = Run(known, storage, wishes, as_json)
        _take_up(run, budget, output, resume=resume, changed=bool(given or profile))
    _go_on(run, stage)
    if stage is None:
        tell(run)


def _known(name: str, storage: str | None) -> str | None:
    """The name, if there is a study of it."""
    from autoae.cli.opened import opened
    from autoae.store.errors import StudyNotFound

    try:
        with opened(name, storage):
            return name
    except StudyNotFound:
        return None


def _nothing_to_resume(source: str, storage: str | None) -> Exception:
    from autoae.cli.opened import command
    from autoae.store.errors import StudyNotFound

    return StudyNotFound(
        f"there is no study {Path(source).stem!r} to go on with",
        hint=f"start one: {command(f'auto {source} --budget 30m', storage)}",
    )


def _start(run: "Run", spec: "StudySpec", budget: float | None, output: Path | None) -> None:
    """Create the study, once it is sure that the budget is enough for a trial."""
    from autoae.auto.progress import Progress
    from autoae.cli.opened import warn_of_network_disk
    from autoae.store.attributes import AUTO
    from autoae.store.storage import close_storage, open_storage, storage_url
    from autoae.store.studies import create_study

    allowed = _needed(budget)
    check_affordable(spec, allowed, run.workers)
    url = storage_url(run.storage)
    warn_of_network_disk(url)
    backend = open_storage(url)
    try:
        study = create_study(backend, spec)
        progress = Progress(allowed, str(output or Path(f"{spec.name}-auto")))
        study.set_user_attr(AUTO, progress.kept())
    finally:
        close_storage(backend)


def _needed(budget: float | None) -> float:
    from autoae.spec.errors import SpecError

    if budget is None:
        raise SpecError("say how much time there is, as --budget 30m", place="--budget")
    return budget


def check_affordable(spec: "StudySpec", budget: float, workers: int) -> None:
    """Refuse a budget whose search could not end one trial; says what one costs, and if few fit.

    Args:
        spec: The study.
        budget: Seconds for everything.
        workers: That train at the same time.

    Raises:
        SpecError: With what would be enough.
    """
    from autoae.auto.division import affordable, share
    from autoae.cli.estimate import estimate
    from autoae.cli.images import images_of
    from autoae.cli.survey import survey
    from autoae.spec.errors import SpecError
    from autoae.views.numbers import roughly

    found = survey(spec, images_of)
    note("measuring what one trial costs ...")
    costs = estimate(spec, found, workers)
    small, large = sorted((costs.smallest.seconds, costs.largest.seconds))
    price = f"one trial takes {' to '.join(dict.fromkeys(map(roughly, (small, large))))}"
    search, better = share(Stage.SEARCH, budget), _what_is_better(large, workers)
    if search < small:
        raise SpecError(
            f"{roughly(budget)} is too little: {price}, and half of the time is for the search",
            hint=better,
            place="--budget",
        )
    note(f"{price}, measured on {costs.assumption.partition('; measured on ')[2]}")
    if affordable(search, large, workers) < _FEW:
        note(f"few trials fit into {roughly(budget)}, so the answer will be rough: {better}")


def _what_is_better(training: float, workers: int) -> str:
    from autoae.views.numbers import roughly

    enough = 2 * training * max(1, _FEW // workers)
    return (
        f"ten trials alone ask for about {roughly(enough)}; or --profile quick, if the study file "
        "has it"
    )


def _take_up(
    run: "Run", budget: float | None, output: Path | None, *, resume: bool, changed: bool
) -> None:
    """Go on with a study that exists, with a new budget or folder where one is given."""
    from dataclasses import replace

    from autoae.auto.progress import Progress
    from autoae.cli.opened import command
    from autoae.spec.errors import SpecError
    from autoae.store.errors import StudyExists

    progress = run.progress()
    if not resume and (progress is None or progress.next is not None):
        raise StudyExists(
            f"study {run.name!r} exists",
            hint=f"go on with it: {command(f'auto {run.name} --resume', run.storage)}; or choose "
            "another --name",
        )
    if changed:
        raise SpecError(
            f"study {run.name!r} keeps the file that it was created with",
            hint="leave --set and --profile out, or choose another --name",
        )
    if progress is None:
        progress = Progress(_needed(budget), str(output or Path(f"{run.name}-auto")))
    elif budget is not None or output is not None:
        folder = progress.folder if output is None else str(output)
        progress = replace(progress, budget=budget or progress.budget, folder=folder)
    run.keep(progress)


def _go_on(run: "Run", only: Stage | None) -> None:
    """Do what is next, stage by stage."""
    from autoae.cli.auto_stages import do
    from autoae.cli.opened import command

    progress = run.progress()
    assert progress is not None
    if only is not None:
        _check_turn(progress, only, run)
        do(run, only)
        following = run.progress()
        if following is not None and following.next is not None:
            again = command(f"auto {run.name} --resume", run.storage)
            note(f"next is {following.next.value}: {again}")
        return
    if progress.next is None:
        note(f"{run.name} is done already; this is its answer")
    while (progress := run.progress()) is not None and progress.next is not None:
        do(run, progress.next)


def _check_turn(progress: "Progress", stage: Stage, run: "Run") -> None:
    """Refuse a stage before its turn, and one whose repetition would mean something else.

    Raises:
        NotReady: With what to do instead.
    """
    from autoae.cli.following import NotReady
    from autoae.cli.opened import command

    if stage in progress.ended and stage not in (Stage.REPORT, Stage.EXPORT):
        raise NotReady(
            f"stage {stage.value} of {run.name} is done: {progress.ended[stage]}",
            hint="`report` and `export` may be repeated; another --name starts from the beginning",
        )
    first = progress.next
    if stage not in progress.ended and first is not stage:
        assert first is not None
        words = f"auto {run.name} --resume --stage {first.value}"
        raise NotReady(
            f"stage {stage.value} comes after {first.value}, which is not done",
            hint=command(words, run.storage),
        )
