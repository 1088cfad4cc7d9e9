"""A study as an answer: what `study show` and the end of a run print."""

from pathlib import Path
from typing import TYPE_CHECKING

from autoae.analysis.best import best_trials
from autoae.analysis.front import front, front_axes
from autoae.analysis.groups import groups
from autoae.analysis.importance import Importance, importance
from autoae.analysis.mixture import mixtures
from autoae.analysis.variants import variant_figures
from autoae.cli.opened import Opened, command
from autoae.cli.output import show
from autoae.store.reasons import failures
from autoae.store.runs import run_root, trial_folder
from autoae.store.snapshot import StudySnapshot
from autoae.store.storage import shown_url, sqlite_file

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.views.summary import Surroundings


def answer(study: Opened, storage: str | None, *, as_json: bool) -> None:
    """Print what a study has found out so far.

    Args:
        study: Opened.
        storage: As the user gave it, for the next commands.
        as_json: For programs.
    """
    snapshot = study.snapshot()
    found = importances(study, snapshot)

    def human() -> "RenderableType":
        from autoae.views.summary import summary

        return summary(snapshot, found, _around(study, snapshot, storage))

    show(_facts(study, snapshot, found), human, as_json=as_json)


def importances(study: Opened, snapshot: StudySnapshot) -> list[Importance]:
    """The importance for each objective; none where the trials were not drawn by a sampler."""
    if study.spec.runs():
        return []
    domains = study.spec.domains()
    return [importance(snapshot, domains, index) for index in range(len(snapshot.objectives))]


def _around(study: Opened, snapshot: StudySnapshot, storage: str | None) -> "Surroundings":
    from autoae.views.summary import Surroundings

    question = study.spec.settings.description
    commands = _next(study, snapshot, storage)
    return Surroundings(
        question, _files(study), commands, study.test_split(), warnings(study, snapshot)
    )


def warnings(study: Opened, snapshot: StudySnapshot) -> tuple[str, ...]:
    """What makes the trials of a study less comparable: other versions, or another device."""
    root, trained = run_root(study.url), (trial.number for trial in snapshot.trials if trial.epochs)
    folders = {number: trial_folder(root, snapshot.name, number) for number in trained}
    known = {number: folder.read_environment() for number, folder in folders.items()}
    return tuple(mixtures(snapshot.name, known))


def _files(study: Opened) -> dict[str, str]:
    return {
        "storage": shown_url(study.url),
        "runs": str(run_root(study.url) / study.spec.name),
    }


def _next(study: Opened, snapshot: StudySnapshot, storage: str | None) -> list[tuple[str, str]]:
    name = study.spec.name
    commands = [*_failed(snapshot, storage), *_continue(study, snapshot, storage)]
    for best in best_trials(snapshot, 1):
        train = f"model train --from {name}:{best.number} --epochs {_longer(study)}"
        commands = [
            (command(f"trial show {name} {best.number}", storage), "look at the best trial"),
            (command(train, storage), "train it longer"),
            *_comparing(study, storage),
            *commands,
        ]
    return [
        *commands,
        (command(f"study report {name}", storage), "the whole answer as a page"),
        (command("dashboard", storage), "see it in the browser"),
    ]


def _failed(snapshot: StudySnapshot, storage: str | None) -> list[tuple[str, str]]:
    """Where nothing has come of a study, what to look at."""
    found = failures(snapshot.counted)
    if not found or snapshot.of_state("COMPLETE"):
        return []
    first = found[0].trials[0]
    return [(command(f"trial show {snapshot.name} {first}", storage), "see what it failed for")]


def _comparing(study: Opened, storage: str | None) -> list[tuple[str, str]]:
    """What tells whether the figures hold, and what they are owed to."""
    name = study.spec.name
    if study.spec.runs():
        return [(command(f"study effects {name}", storage), "see what each change did")]
    return [
        (command(f"study confirm {name}", storage), "does the best hold with new seeds?"),
        (command(f"ablate {name}", storage), "what does each knob do around the best?"),
    ]


def _continue(study: Opened, snapshot: StudySnapshot, storage: str | None) -> list[tuple[str, str]]:
    done, name, budget = len(snapshot.counted), snapshot.name, snapshot.budget
    if snapshot.paused is not None:
        return [(command(f"study resume {name}", storage), "let trials start again")]
    if done < budget:
        return [(command(f"study run {name}", storage), f"{budget - done} trials are left")]
    if not snapshot.of_state("COMPLETE"):
        return []
    # A list has no more to run than what it lists.
    more = command(f"study run {name} --trials {2 * budget}", storage)
    return [] if study.spec.runs() else [(more, "search on")]


def _longer(study: Opened) -> int:
    """Three times the epochs of the study file."""
    training = study.spec.tree.get("training")
    epochs = training.get("epochs", 20) if isinstance(training, dict) else 20
    return 3 * epochs if isinstance(epochs, int) else 60


def _facts(study: Opened, snapshot: StudySnapshot, found: list[Importance]) -> dict[str, object]:
    file, split = sqlite_file(study.url), study.test_split()
    return {
        "study": snapshot.name,
        "question": study.spec.settings.description,
        "profile": study.spec.settings.profile,
        "objectives": [objective.model_dump() for objective in snapshot.objectives],
        "budget": snapshot.budget,
        "done": len(snapshot.counted),
        "paused": snapshot.paused,
        "warnings": warnings(study, snapshot),
        "failures": failures(snapshot.counted),
        "best": [trial.number for trial in best_trials(snapshot, 5)],
        "front": [trial.number for trial in front(snapshot, *front_axes(snapshot))],
        "importance": found,
        "variants": variant_figures(snapshot, groups(snapshot)),
        "test": {"openings": split.count, "evaluation": split.latest} if split else None,
        "storage": shown_url(study.url),
        "database": Path(file) if file else None,
        "runs": run_root(study.url) / study.spec.name,
        "trials": snapshot.trials,
    }
