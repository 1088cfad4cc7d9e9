"""`autoae trial enqueue`: ask for a trial with parameters of one's own choice."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note

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
    storage: options.Storage = None,
) -> None:
    """Put a trial with these parameters first in line; `study run` then trains it."""
    from autoae.cli.opened import command, opened
    from autoae.search.enqueue import enqueue as queued

    with opened(study, storage) as found:
        queued(found.study, _parameters(values))
        snapshot = found.snapshot()
    note(f"trial {snapshot.trials[-1].number} waits with {', '.join(values)}")
    more = ""
    if len(snapshot.counted) >= snapshot.budget:
        more = f" --trials {len(snapshot.counted) + 1}"
    note(f"train it with: {command(f'study run {study}{more}', storage)}")


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
