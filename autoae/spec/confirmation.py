"""From a study and its best trials to a list that trains these again with new seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from autoae.spec.config import Configuration
from autoae.spec.document import Document, Tree, value_at
from autoae.spec.domains import Value
from autoae.spec.ranges import is_range
from autoae.spec.reading import SECTIONS, study_from_text
from autoae.spec.settings import Overrides, SearchOptions
from autoae.spec.study import StudySpec
from autoae.spec.validation import build_configuration

PREFIX = "trial-"
"""Each variant of a confirmation is called so, with the number of its trial."""

_NOT_THE_CANDIDATES = ("training.seed", "training.device", "data.order_seed")
"""What is drawn anew, or belongs to the machine."""


@dataclass(frozen=True)
class ConfirmationOptions:
    """How candidates are trained again.

    Attributes:
        seeds: Trainings of each one.
        first_seed: Of the first of them.
        full: Undo what a profile said of images and training; the networks stay.
    """

    seeds: int = 5
    first_seed: int = 0
    full: bool = False


def confirmation_of(
    spec: StudySpec, candidates: Mapping[int, Tree], name: str, options: ConfirmationOptions
) -> StudySpec:
    """The list that trains candidates of a study again.

    What all candidates share stands once, above; each variant says what is its own. Nothing is
    pruned, so that each one has all its epochs.

    Args:
        spec: Of the study.
        candidates: The configuration of each trial, as JSON, by its number.
        name: Of the list.
        options: How to train them.
    """
    undone = budget_of(spec) if options.full else {}
    known = {n: _leaves(build_configuration(tree), undone) for n, tree in candidates.items()}
    shared, own = _apart(known)
    device = value_at(spec.tree, "training.device")
    base = {**shared, "training.seed": options.first_seed, "training.device": device}
    stack = spec.settings.search.stack
    settings = spec.settings.model_copy(
        update={
            "description": f"Do the best {len(known)} of {spec.name} hold with new seeds?",
            "search": SearchOptions(method="list", pruner="none", seeds=options.seeds, stack=stack),
            "variants": {f"{PREFIX}{number}": leaves for number, leaves in own.items()},
            "claims": (),
            **({"profile": None, "replaced": {}} if options.full else {}),
        }
    )
    text = StudySpec(name, _tree(base), settings, {}, spec.source).to_text()
    return study_from_text(text, name=name, source=f"study {name}")


def budget_of(spec: StudySpec) -> Overrides:
    """What a profile took away of images and training, by key; None where nothing was given."""
    return {
        key: value
        for key, value in spec.settings.replaced.items()
        if key.startswith(("data.", "training."))
        and key.count(".") == 1
        and key not in spec.domains()
        and not is_range(value)
    }


def candidate_of(variant: str) -> int | None:
    """The number of the trial behind a variant of a confirmation."""
    number = variant.removeprefix(PREFIX)
    return int(number) if number != variant and number.isdecimal() else None


def _leaves(configuration: Configuration, undone: Mapping[str, Value]) -> Overrides:
    """Every leaf of a configuration by its key, the encoder as a whole."""
    dumped = configuration.model_dump(mode="json")
    found = {f"{part}.{leaf}": v for part in SECTIONS for leaf, v in dumped[part].items()}
    encoder = configuration.model.encoder
    short = encoder.model_dump(mode="json", exclude_defaults=True)
    found["model.encoder"] = {"kind": encoder.kind, **short}
    found |= {key: _declared(key) if value is None else value for key, value in undone.items()}
    return {key: value for key, value in found.items() if key not in _NOT_THE_CANDIDATES}


def _apart(known: Mapping[int, Overrides]) -> tuple[Overrides, dict[int, Overrides]]:
    """What all have in common and is no default, and what is each one's own."""
    first = next(iter(known.values()))
    same = {key for key in first if all(each[key] == first[key] for each in known.values())}
    shared = {key: first[key] for key in first if key in same and first[key] != _declared(key)}
    own = {
        number: {key: value for key, value in leaves.items() if key not in same}
        for number, leaves in known.items()
    }
    return shared, own


def _declared(key: str) -> Value:
    """The default of a leaf as JSON; None for the encoder, which has none."""
    return value_at(_DEFAULTS, key)


def _defaults() -> Tree:
    dumped: Tree = {}
    for name, field in Configuration.model_fields.items():
        assert field.annotation is not None
        fields = field.annotation.model_fields
        dumped[name] = {
            leaf: _json(each.default) for leaf, each in fields.items() if not each.is_required()
        }
    return dumped


def _json(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


_DEFAULTS = _defaults()


def _tree(leaves: Mapping[str, Value]) -> Tree:
    """A tree of sections from leaves by their dotted keys; those of None are left out."""
    document = Document({}, "confirmation")
    for key, value in leaves.items():
        if value is not None:
            document.override(key, value, "confirmation")
    return document.tree
