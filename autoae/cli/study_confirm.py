"""`autoae study confirm`: the best trials of a study, trained again with new seeds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from autoae.cli.opened import Opened
    from autoae.spec.study import StudySpec


def confirm(  # noqa: PLR0913, PLR0917 - one parameter an option
    study: options.Study,
    top: Annotated[int, typer.Option(min=1, help="How many of the best trials.")] = 5,
    seeds: Annotated[int, typer.Option(min=2, help="New seeds for each of them.")] = 5,
    name: Annotated[
        str | None, typer.Option(help="What the new study is called; STUDY-confirm unless given.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="full",
            help="Undo what a quick profile said of images and epochs; the networks stay.",
        ),
    ] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Train them at once.")] = True,
    workers: options.Workers = None,
    device: options.Device = None,
    timeout: options.Timeout = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Train the best trials again with new seeds: a ranking that luck did not choose."""
    from autoae.cli.opened import command, opened
    from autoae.cli.running import Wishes, run_and_tell

    with opened(study, storage) as found:
        spec = _spec(found, storage, _Wanted(top, seeds, name or f"{study}-confirm", profile))
        create_confirmation(found, spec, workers)
    if not run:
        note(f"run it with: {command(f'study run {spec.name}', storage)}")
        return
    run_and_tell(
        spec.name,
        storage,
        Wishes(workers, device, timeout),
        lambda again: _tell(study, again, storage, as_json=as_json),
        as_json=as_json,
    )


@dataclass(frozen=True)
class _Wanted:
    top: int
    seeds: int
    name: str
    profile: str | None


def _spec(found: "Opened", storage: str | None, wanted: _Wanted) -> "StudySpec":
    from autoae.analysis.confirmation import contenders, unused_seed
    from autoae.cli.following import needs_finished, say_without_validation
    from autoae.spec.confirmation import ConfirmationOptions, confirmation_of

    study = found.snapshot()
    needs_finished(study, "a confirmation", storage)
    say_without_validation(found.spec)
    chosen = contenders(study, wanted.top)
    if len(chosen) < wanted.top:
        note(f"study {study.name} has {len(chosen)} different networks to confirm")
    full = _is_full(found.spec, wanted.profile)
    options = ConfirmationOptions(wanted.seeds, unused_seed(study), full)
    candidates = {trial.number: dict(trial.configuration) for trial in chosen}
    return confirmation_of(found.spec, candidates, wanted.name, options)


def _is_full(spec: "StudySpec", profile: str | None) -> bool:
    """Whether a profile shall be undone; says what it took away where it stays.

    Raises:
        SpecError: Another profile is asked for.
    """
    from autoae.spec.confirmation import budget_of
    from autoae.spec.document import value_at
    from autoae.spec.errors import SpecError

    if profile not in (None, "full"):
        message = f"a confirmation keeps the profile of its study or takes `full`, not {profile!r}"
        raise SpecError(message, place="--profile")
    if profile is None and (budget := budget_of(spec)):
        changes = (f"{k} {value_at(spec.tree, k)}, not {_shown(k, v)}" for k, v in budget.items())
        note(
            f"trained with the budget of the {spec.settings.profile} profile: {'; '.join(changes)}"
        )
        note("--profile full trains the same networks with the budget of the whole file")
    return profile == "full"


def _shown(key: str, value: object) -> str:
    return {"data.limit": "all"}.get(key, "the default") if value is None else str(value)


def create_confirmation(found: "Opened", spec: "StudySpec", workers: int | None) -> None:
    """Create the list that trains candidates again, and say what it costs.

    Args:
        found: The study of the candidates.
        spec: Of the list.
        workers: As the user gave it.

    Raises:
        StudyExists: A study of that name is another one.
    """
    from autoae.cli.following import create_following, mean_seconds, say_what_comes
    from autoae.store.attributes import CONFIRMATION

    create_following(found, spec, CONFIRMATION)
    same = spec.settings.profile == found.spec.settings.profile
    seconds = mean_seconds(found.snapshot()) if same else None
    say_what_comes(spec, len(spec.settings.variants), seconds, workers)


def _tell(name: str, again: "Opened", storage: str | None, *, as_json: bool) -> None:
    from autoae.analysis.confirmation import confirmation
    from autoae.cli.opened import command, opened
    from autoae.views.confirmation import confirmation_page

    with opened(name, storage) as found:
        study = found.snapshot()
    snapshot = again.snapshot()
    confirmed = confirmation(snapshot)
    if confirmed is None:
        note(f"no new seed is complete: {command(f'study run {again.spec.name}', storage)}")
    facts = {
        "study": name,
        "confirmation": again.spec.name,
        "profile": again.spec.settings.profile,
        "seeds": again.spec.settings.search.seeds,
        "found": confirmed,
    }
    if confirmed is not None or as_json:
        show(facts, lambda: confirmation_page(study, again.spec, confirmed), as_json=as_json)
