"""`autoae trial enqueue`: ask for a trial with parameters of one's own choice."""

from typing import Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest


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

    with opened(study, storage) as found:
        params = read_parameters(values, found.spec.domains())
        found.study.enqueue_trial(params)
        snapshot = found.snapshot()
    note(f"trial {snapshot.trials[-1].number} waits with " + ", ".join(values))
    more = ""
    if len(snapshot.counted) >= snapshot.budget:
        more = f" --trials {len(snapshot.counted) + 1}"
    note(f"train it with: {command(f'study run {study}{more}', storage)}")


def read_parameters(given: list[str], domains: dict[str, Domain]) -> dict[str, object]:
    """Read `key=value` of parameters that are searched, as Optuna keeps them.

    Raises:
        SpecError: A key is not searched, or its value lies outside what is searched.
    """
    from autoae.spec.document import read_value

    params: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise SpecError(f"expected key=value, such as training.lr=0.01, not {text!r}")
        if key not in domains:
            raise SpecError(f"{key!r} is not searched; {nearest(key, domains)}")
        params[key] = _checked(key, read_value(value, text), domains[key])
    return params


def _checked(key: str, value: Value, domain: Domain) -> object:
    if isinstance(domain, Choices):
        if value not in domain.values:
            raise SpecError(f"{value!r} is none of {list(domain.values)}", key=key)
        return domain.labels[domain.values.index(value)]
    if isinstance(value, bool) or not isinstance(value, int | float) or not _holds(domain, value):
        kind = "whole number" if isinstance(domain, IntRange) else "number"
        step = f" in steps of {domain.step}" if domain.step not in (None, 1) else ""
        expected = f"{kind} from {domain.low} to {domain.high}{step}"
        raise SpecError(f"expected a {expected}, not {value!r}", key=key)
    return value if isinstance(domain, IntRange) else float(value)


def _holds(domain: IntRange | FloatRange, value: float) -> bool:
    if not domain.low <= value <= domain.high:
        return False
    if isinstance(domain, IntRange):
        return isinstance(value, int) and (value - domain.low) % domain.step == 0
    steps = (value - domain.low) / (domain.step or 1)
    return domain.step is None or abs(steps - round(steps)) < 1e-8
