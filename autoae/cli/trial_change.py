"""`autoae trial enqueue | retry | prune | note`."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note as say
from autoae.cli.output import show
from autoae.cli.study_change import note_text
from autoae.cli.trial_read import Number

if TYPE_CHECKING:
    from autoae.spec.domains import Value


def enqueue(
    study: options.Study,
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...",
            help="Parameters of the trial, such as model.latent=64; the sampler chooses the rest.",
            show_default=False,
        ),
    ],
    like: Annotated[
        int | None,
        typer.Option(metavar="TRIAL", help="Take the rest from this trial, not from the sampler."),
    ] = None,
    storage: options.Storage = None,
) -> None:
    """Put a trial with these parameters first in line; `study run` then trains it."""
    from autoae.cli.acting import acting

    with acting(study, storage) as (found, commands):
        params = _parameters(values)
        new = commands.enqueue(params) if like is None else commands.vary(like, params)
        train = found.train_next(storage)
    rest = "" if like is None else f", else as trial {like}"
    say(f"trial {new} waits with {', '.join(values)}{rest}")
    say(f"train it with: {train}")


def retry(study: options.Study, trial: Number, storage: options.Storage = None) -> None:
    """Queue a failed or pruned trial again, with the same parameters and seed."""
    from autoae.cli.acting import acting

    with acting(study, storage) as (found, commands):
        new = commands.retry(trial)
        train = found.train_next(storage)
    say(f"trial {new} waits; it repeats trial {trial}")
    say(f"a run that goes on trains it next; where none does: {train}")


def prune(study: options.Study, trial: Number, storage: options.Storage = None) -> None:
    """End one running trial as pruned; the study goes on."""
    from autoae.cli.acting import acting
    from autoae.store.requests import OBEYED_SECONDS

    with acting(study, storage) as (_, commands):
        commands.prune(trial)
    say(f"asked: trial {trial} ends within {OBEYED_SECONDS} seconds")


def note(
    study: options.Study,
    trial: Number,
    text: Annotated[
        str | None, typer.Argument(help="A paragraph to add, Markdown; none to read the note.")
    ] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Add a note to a trial, or read it; optuna-dashboard shows the same note."""
    from autoae.cli.acting import acting

    with acting(study, storage) as (_, commands):
        if text is not None:
            commands.note(text, trial)
            say(f"noted on trial {trial} of study {study}")
            return
        commands.trial(trial)
        kept = commands.notes.of_person(trial)
    facts = {"study": study, "trial": trial, "note": kept}
    show(facts, lambda: note_text(kept), as_json=as_json)


def _parameters(given: list[str]) -> "dict[str, Value]":
    from autoae.spec.document import read_value
    from autoae.spec.errors import SpecError

    params: dict[str, Value] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise SpecError(f"expected key=value, such as training.lr=0.01, not {text!r}")
        params[key] = read_value(value, text)
    return params
