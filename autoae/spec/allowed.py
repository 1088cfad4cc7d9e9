"""Values that a person gives to parameters of a study, held against its space.

Optuna takes queued values as they are, even those that its ranges do not allow.
"""

from collections.abc import Mapping

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest
from autoae.spec.study import StudySpec


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


def applicable(spec: StudySpec, params: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters that the study asks for when it is given these, such as widths up to a depth.

    Args:
        spec: The study file.
        params: As Optuna keeps them; one that is missing takes the first value of its domain,
            and is not part of the answer.
    """
    asked: dict[str, Value] = {}

    def choose(key: str, domain: Domain) -> Value:
        if key not in params:
            return domain.ends[0]
        asked[key] = params[key]
        return domain.value_of(params[key]) if isinstance(domain, Choices) else params[key]

    try:
        spec.configuration(choose)
    except SpecError:
        # It will be refused when its turn comes, with its reason.
        return dict(params)
    return asked
