"""One configuration, chosen from a study file or from a trial of a study."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autoae.cli.opened import opened, split_trial, trial_of
from autoae.spec.config import Configuration
from autoae.spec.document import Document, Tree, locate, read_value
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError, placed
from autoae.spec.names import nearest
from autoae.spec.neighbours import middle
from autoae.spec.reading import read_study
from autoae.spec.settings import Objective
from autoae.spec.study import StudySpec
from autoae.spec.validation import build_configuration


@dataclass(frozen=True)
class Chosen:
    """A configuration and where it comes from.

    Attributes:
        name: What a model made of it is called unless the user says otherwise.
        configuration: With a constant at every leaf.
        objectives: Of its study; they choose the best epoch as in a search.
        places: Where its keys were written, as far as the user wrote them now.
    """

    name: str
    configuration: Configuration
    objectives: tuple[Objective, ...]
    places: Mapping[str, str] = field(default_factory=dict)

    def locate(self, key: str) -> str:
        """File and line, or option, where a key was written; empty where it was not."""
        return locate(key, self.places)


@dataclass(frozen=True)
class Choice:
    """What the user said about the ranges of a study file.

    Attributes:
        overrides: `key=value` each.
        profile: A profile of the file, or None.
        middle: Whether the ranges that are left take their middle value.
        variant: Of a list, or None.
    """

    overrides: Sequence[str] = ()
    profile: str | None = None
    middle: bool = False
    variant: str | None = None


def is_trial(text: str) -> bool:
    """Whether a text means STUDY:TRIAL rather than a preset or a file."""
    number = text.rpartition(":")[2]
    return ":" in text and number.isdecimal() and not Path(text).exists()


def from_file(source: str, choice: Choice) -> Chosen:
    """The one configuration that a study file and the user's choice leave.

    Raises:
        SpecError: A range is left open, or the file is wrong.
    """
    spec = read_study(source, profile=choice.profile, overrides=choice.overrides)
    fixed = _variant(spec, choice.variant)
    left = [name for name in spec.domains() if name not in fixed]
    if left and not choice.middle and not (spec.is_list and fixed):
        raise _open_ranges(spec, left)
    configuration = spec.configuration(lambda key, domain: fixed.get(key, middle(domain)))
    return Chosen(spec.name, configuration, spec.objectives, spec.places)


def refuse_for_trials(*, profile: str | None, middle: bool, variant: str | None) -> None:
    """Refuse options that choose among the ranges of a study file: a trial has none.

    Raises:
        SpecError: One was given.
    """
    given = {"--profile": profile, "--middle": middle, "--variant": variant}
    for option, value in given.items():
        if value:
            raise SpecError(
                "is for study files; a trial has one value for each key already",
                hint="change values of a trial with --set",
                place=option,
            )


def from_trial(text: str, storage: str | None, overrides: Sequence[str] = ()) -> Chosen:
    """The configuration of a trial, with overrides.

    Args:
        text: STUDY:TRIAL.
        storage: As the user gave it.
        overrides: `key=value` each.

    Raises:
        SpecError: No such trial, it never started, or an override is wrong.
        StudyNotFound: No such study.
    """
    name, number = split_trial(text)
    with opened(name, storage) as study:
        trial = trial_of(study.snapshot(), number)
        objectives = study.spec.objectives
    if not trial.configuration:
        raise SpecError(
            f"trial {number} of study {name!r} never started, so it has no configuration",
            hint=f"`autoae trial list {name} --state complete` shows those that have one",
        )
    document = overridden(dict(trial.configuration), overrides, text)
    with placed(document.locate):
        configuration = build_configuration(document.tree)
    return Chosen(f"{name}-{number}", configuration, objectives, document.places)


def overridden(tree: Tree, overrides: Sequence[str], source: str) -> Document:
    """The tree with `key=value` overrides; `source` names it in messages.

    Raises:
        SpecError: An override is no `key=value`, or there is no place for it.
    """
    document = Document(tree, source)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise SpecError("expected key=value", place=f"--set {override}")
        place = f"--set {override}"
        document.override(key, read_value(value, place), place)
    return document


def _variant(spec: StudySpec, variant: str | None) -> dict[str, Value]:
    if variant is None:
        return {}
    known = spec.settings.variants
    if variant not in known:
        has = nearest(variant, known) if known else f"{spec.source} is no list of variants"
        raise SpecError(f"there is no variant {variant!r}; {has}", place="--variant")
    return {"variant": variant, "seed": 0}


def _open_ranges(spec: StudySpec, left: list[str]) -> SpecError:
    if spec.is_list:
        names = ", ".join(spec.settings.variants)
        return SpecError(
            f"{spec.source} lists several variants: {names}", hint="choose one with --variant NAME"
        )
    domains = spec.domains()
    keys = {_key(name): domains[name] for name in left}
    sets = " ".join(f"--set {_assigned(key, middle(domain))}" for key, domain in keys.items())
    message = f"a model has one value for each key, but these are ranges: {', '.join(keys)}"
    return SpecError(
        message, hint=f"take the middle of every range with --middle, or choose: {sets}"
    )


def _key(parameter: str) -> str:
    """The key of the study file behind a parameter: a width has one for each layer."""
    start, _, end = parameter.rpartition(".")
    return start if end.isdecimal() else parameter


def _assigned(key: str, value: Value) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return shlex.quote(f"{key}={text}")
