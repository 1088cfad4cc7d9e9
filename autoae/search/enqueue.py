"""Trials that a person asks for, checked before they wait for their turn.

Optuna takes queued values as they are, even those that its ranges do not allow.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest
from autoae.spec.study import StudySpec
from autoae.store.studies import study_spec

if TYPE_CHECKING:
    from optuna import Study


def enqueue(study: "Study", params: Mapping[str, Value]) -> dict[str, Value]:
    """Queue a trial; what is not given is drawn by the sampler when its turn comes.

    Args:
        study: Created by autoae.
        params: Values as a study file writes them, by the name of their parameter.

    Returns:
        The parameters as Optuna keeps them.

    Raises:
        SpecError: A name is unknown, or a value is not allowed.
    """
    checked = checked_params(study_spec(study), params)
    study.enqueue_trial(checked)
    return checked


def checked_params(spec: StudySpec, params: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters as Optuna keeps them, each within its domain.

    Raises:
        SpecError: A name is unknown, or a value is not allowed.
    """
    domains = spec.domains()
    for key in params:
        if key not in domains:
            known = nearest(key, domains) if domains else "the study searches nothing"
            raise SpecError(f"the study has no such parameter; {known}", key=key)
    return {key: _checked(key, domains[key], value) for key, value in params.items()}


def _checked(key: str, domain: Domain, value: Value) -> Value:
    if isinstance(domain, Choices):
        return _label(key, domain, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError(f"expected a number, not {value!r}", key=key)
    if not domain.low <= value <= domain.high:
        raise SpecError(
            f"{value} is not between {domain.low} and {domain.high}, the range of the study",
            key=key,
        )
    _check_step(key, domain, value)
    return float(value) if isinstance(domain, FloatRange) else int(value)


def _label(key: str, domain: Choices, value: Value) -> Value:
    for label, known in zip(domain.labels, domain.values, strict=True):
        # In Python True is 1, in a study file it is not.
        if known == value and isinstance(known, bool) == isinstance(value, bool):
            return label
    raise SpecError(f"{value!r} is none of the study's values {list(domain.values)}", key=key)


def _check_step(key: str, domain: FloatRange | IntRange, value: int | float) -> None:
    if domain.step is None:
        return
    steps = (value - domain.low) / domain.step
    if abs(steps - round(steps)) > 1e-6:
        raise SpecError(
            f"{value} is no step of {domain.step} from {domain.low}, as the study has them",
            key=key,
        )
