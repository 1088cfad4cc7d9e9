"""Whether a study file may continue a study: what its trials have in common must stay."""

from collections.abc import Iterator

from autoae.spec.domains import Choices, Domain, IntRange, Value
from autoae.spec.study import StudySpec
from autoae.store.errors import StudyExists


def check_same_space(old: StudySpec, new: StudySpec) -> None:
    """Refuse to continue a study with another space.

    Ends and steps of numeric ranges may change, and so may budget, sampler, pruner, limits and
    claims. Objectives, constants, choices, log flags and kinds of ranges may not: the sampler
    could not use the old trials, and their values would not compare.

    Args:
        old: The study file that is kept with the study.
        new: The one that shall replace it.

    Raises:
        StudyExists: With the first key that differs.
    """
    difference = next(_differences(old, new), None)
    if difference is None:
        return
    key, message = difference
    raise StudyExists(
        f"study {new.name!r} exists with another space: {message}",
        hint="create a new study with --name NAME",
        key=key,
        place=new.locate(key),
    )


def _differences(old: StudySpec, new: StudySpec) -> Iterator[tuple[str, str]]:
    if old.objectives != new.objectives:
        yield "objectives", f"its objectives are {_objectives(old)}"
    if old.settings.variants != new.settings.variants:
        yield "variants", "its variants differ"
    yield from _parameter_differences(old.domains(), new.domains())
    yield from _constant_differences(old, new)


def _parameter_differences(
    before: dict[str, Domain], after: dict[str, Domain]
) -> Iterator[tuple[str, str]]:
    for key in _searched(before) - _searched(after):
        yield key, f"{key} was searched"
    for key in _searched(after) - _searched(before):
        yield key, f"{key} was not searched"
    for key, domain in before.items():
        if key in after and (reason := _domain_difference(domain, after[key])):
            yield key, reason


def _searched(domains: dict[str, Domain]) -> set[str]:
    """The ranges behind parameters: a width has one for each layer, more in a deeper network."""
    return {key.rstrip("0123456789").removesuffix(".") for key in domains}


def _objectives(spec: StudySpec) -> str:
    return ", ".join(f"{each.direction} {each.metric}" for each in spec.objectives)


def _domain_difference(old: Domain, new: Domain) -> str:
    if isinstance(old, Choices) and isinstance(new, Choices):
        # Optuna keeps the index of a choice, so their order counts too.
        same = repr(old.labels) == repr(new.labels)
        return "" if same else f"its choices were {list(old.values)}"
    if type(old) is not type(new):
        return f"its range held {_kind(old)}"
    assert not isinstance(old, Choices)
    assert not isinstance(new, Choices)
    return "" if old.log == new.log else f"its range had log: {str(old.log).lower()}"


def _kind(domain: Domain) -> str:
    if isinstance(domain, Choices):
        return "choices"
    return "whole numbers" if isinstance(domain, IntRange) else "real numbers"


def _constant_differences(old: StudySpec, new: StudySpec) -> Iterator[tuple[str, str]]:
    before, after = dict(_constants(old)), dict(_constants(new))
    for key in (*before, *after):
        if before.get(key) != after.get(key):
            yield key, f"{key} was {before[key]}" if key in before else f"{key} was not given"


def _constants(spec: StudySpec) -> Iterator[tuple[str, Value]]:
    yield from _leaves(spec.tree, "", _searched(spec.domains()))


def _leaves(node: Value, key: str, searched: set[str]) -> Iterator[tuple[str, Value]]:
    if not isinstance(node, dict):
        yield key, node
        return
    if key in searched:
        return
    for word, child in node.items():
        yield from _leaves(child, f"{key}.{word}" if key else word, searched)
