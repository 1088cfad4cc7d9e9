"""`autoae ablate`: what does each knob do around the winner of a search?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note

if TYPE_CHECKING:
    from autoae.cli.opened import Opened
    from autoae.spec.study import StudySpec
    from autoae.store.snapshot import StudySnapshot, TrialSnapshot

BEST = "best"


def ablate(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    around: Annotated[
        str, typer.Option(metavar="best|TRIAL", help="The baseline: the best trial, or a number.")
    ] = BEST,
    factors: Annotated[
        str | None,
        typer.Option(
            metavar="KEY,KEY...",
            help="The parameters to vary, as training.lr,model.encoder.width; all unless given.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="New seeds, the same for every variant; 3 make an effect.")
    ] = 5,
    levels: Annotated[
        int,
        typer.Option(
            min=1,
            help="Values to compare with, of each range of numbers: they divide the way to its "
            "ends evenly, on its own scale. Of choices, all others.",
        ),
    ] = 2,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Vary every two parameters together as well.")
    ] = False,
    name: Annotated[
        str | None, typer.Option(help="What the new study is called; STUDY-ablation unless given.")
    ] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Train it at once.")] = True,
    workers: options.Workers = None,
    device: options.Device = None,
    timeout: options.Timeout = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Vary one knob at a time around the best trial, every variant with the same new seeds.

    The new study is an ordinary one: its file is an ablation, its trials are Optuna's.
    """
    from autoae.cli.opened import command, opened
    from autoae.cli.running import Wishes, run_and_tell
    from autoae.cli.study_effects import tell_effects

    wanted = _Wanted(around, _names(factors), seeds, levels, pairs, name or f"{study}-ablation")
    with opened(study, storage) as found:
        spec = _created(found, storage, wanted, workers)
    if not run:
        note(f"run it with: {command(f'study run {spec.name}', storage)}")
        return
    run_and_tell(
        spec.name,
        storage,
        Wishes(workers, device, timeout),
        lambda ablation: tell_effects(ablation, storage, as_json=as_json),
        as_json=as_json,
    )


@dataclass(frozen=True)
class _Wanted:
    around: str
    factors: tuple[str, ...]
    seeds: int
    levels: int
    pairs: bool
    name: str


def _names(factors: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (factors or "").split(",") if word.strip())


def _created(
    found: "Opened", storage: str | None, wanted: _Wanted, workers: int | None
) -> "StudySpec":
    from autoae.analysis.confirmation import unused_seed
    from autoae.analysis.effects.paired_doubts import FEWEST_PAIRS
    from autoae.spec.ablation import AblationOptions, ablation_around, factors_of

    if wanted.seeds < FEWEST_PAIRS:
        note(f"{wanted.seeds} seeds tell no effect from luck: {FEWEST_PAIRS} at least are needed")
    factors_of(found.spec)  # Refuses a list before its best trial is looked for.
    study = found.snapshot()
    trial = _baseline(study, wanted.around, storage)
    # The winner was chosen by its luck with its own seed, so that is not used again.
    first = unused_seed(study)
    options = AblationOptions(wanted.factors, wanted.levels, wanted.seeds, first, wanted.pairs)
    spec = ablation_around(found.spec, trial.params, wanted.name, trial.number, options)
    create_ablation(found, spec, workers)
    note(f"baseline: trial {trial.number}, {trial.notation}")
    return spec


def create_ablation(found: "Opened", spec: "StudySpec", workers: int | None) -> None:
    """Create an ablation, let its study know of it, and say what it costs.

    Args:
        found: The study of its baseline.
        spec: Of the ablation.
        workers: As the user gave it.

    Raises:
        StudyExists: A study of that name is another one.
    """
    from autoae.cli.following import create_following, mean_seconds, say_what_comes
    from autoae.store.attributes import ABLATION

    create_following(found, spec, ABLATION)
    variants = len(spec.runs()) // spec.settings.search.seeds
    say_what_comes(spec, variants, mean_seconds(found.snapshot()), workers)


def _baseline(study: "StudySnapshot", around: str, storage: str | None) -> "TrialSnapshot":
    """The trial to vary around.

    Raises:
        NotReady: There is none yet.
        SpecError: It is no number, there is no such trial, or its parameters are not known.
    """
    from autoae.analysis.confirmation import contenders
    from autoae.cli.following import needs_finished
    from autoae.cli.opened import trial_of
    from autoae.spec.errors import SpecError

    if around == BEST:
        needs_finished(study, "an ablation around its best trial", storage)
        return contenders(study, 1)[0]
    if not around.isdecimal():
        raise SpecError(
            f"expected `best` or the number of a trial, not {around!r}", place="--around"
        )
    trial = trial_of(study, int(around))
    if not trial.configuration:
        raise SpecError(
            f"trial {trial.number} of study {study.name!r} never started, so nothing can be "
            "varied around it",
            place="--around",
        )
    return trial
