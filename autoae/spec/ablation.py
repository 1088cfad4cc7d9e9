"""From a study and one of its trials to an ablation around that trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoae.spec.document import Document, Tree
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.encoders import encoders
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest
from autoae.spec.neighbours import middle, neighbours
from autoae.spec.ranges import is_range, parse_range
from autoae.spec.reading import study_from_text
from autoae.spec.settings import SearchOptions
from autoae.spec.space import DEPTH, ENCODER
from autoae.spec.study import StudySpec

SEEDS = ("seed", "training.seed")


@dataclass(frozen=True)
class AblationOptions:
    """What an ablation varies, and how often it repeats it.

    Attributes:
        factors: Names of searched parameters, `model.encoder.width` for those of all layers;
            without any, all that apply to the trial.
        levels: Values to compare with, of each interval.
        seeds: Repetitions of each variant.
        first_seed: Of the first repetition.
        pairs: Vary every two factors together as well.
    """

    factors: Sequence[str] = ()
    levels: int = 2
    seeds: int = 5
    first_seed: int = 0
    pairs: bool = False


def ablation_around(
    spec: StudySpec, params: Mapping[str, Value], name: str, trial: int, options: AblationOptions
) -> StudySpec:
    """The ablation of a study whose baseline is the configuration of one of its trials.

    Each chosen parameter becomes `values`, the trial's own first; all others, and what only
    another level asks for, become constants. The width of a layer that the baseline does not
    have is that of its last one.

    Args:
        spec: Of the study that was searched.
        params: Of the trial, as Optuna keeps them.
        name: Of the ablation.
        trial: The number of the trial, for the description.
        options: What to vary.

    Raises:
        SpecError: A factor is no parameter of the study, does not apply to the trial or never
            varied, or there is none.
    """
    around = _Around(spec, params, options)
    settings = spec.settings.model_copy(
        update={
            "description": f"What does each knob do around trial {trial} of {spec.name}?",
            "search": _search(options).model_copy(update={"stack": spec.settings.search.stack}),
            "claims": (),
        }
    )
    tree = Document(around.tree(), spec.name)
    tree.override("training.seed", options.first_seed, spec.name)
    text = StudySpec(name, tree.tree, settings, {}, spec.source).to_text()
    return study_from_text(text, name=name, source=f"study {name}")


def factors_of(spec: StudySpec) -> dict[str, Domain]:
    """The parameters that an ablation of a study can vary.

    Raises:
        SpecError: The study is a list, which searches none.
    """
    if spec.is_list:
        raise SpecError(
            f"{spec.name} is a list of variants, which has no parameters to vary",
            hint=f"`autoae study effects {spec.name}` compares its variants",
        )
    return {name: domain for name, domain in spec.domains().items() if name not in SEEDS}


def _search(options: AblationOptions) -> SearchOptions:
    return SearchOptions(method="ablation", pruner="none", seeds=options.seeds, pairs=options.pairs)


class _Around:
    """The tree of a study with everything fixed to a trial but the factors."""

    def __init__(
        self, spec: StudySpec, params: Mapping[str, Value], options: AblationOptions
    ) -> None:
        self._spec, self._levels = spec, options.levels
        self._domains = factors_of(spec)
        self._values = {
            name: domain.value_of(params[name]) if isinstance(domain, Choices) else params[name]
            for name, domain in self._domains.items()
            if name in params
        }
        self._factors = self._chosen(options.factors)

    def tree(self) -> Tree:
        """The four sections of the ablation's study file."""
        return {key: self._node(node, key) for key, node in self._spec.tree.items()}

    def _chosen(self, given: Sequence[str]) -> dict[str, tuple[Value, ...]]:
        """Each factor with the values to compare its own with."""
        named = [name for word in given for name in self._named(word)] or list(self._values)
        found = {name: self._others(name) for name in named}
        varying = {name: others for name, others in found.items() if others}
        if given and len(varying) < len(found):
            still = next(name for name in found if name not in varying)
            raise SpecError(f"{still} has a single value in study {self._spec.name!r}")
        if not varying:
            raise SpecError(f"study {self._spec.name!r} searches nothing that could be varied")
        return varying

    def _others(self, name: str) -> tuple[Value, ...]:
        return neighbours(self._domains[name], self._values[name], self._levels)

    def _named(self, word: str) -> list[str]:
        """The parameters that a name stands for."""
        names = [name for name in self._domains if name == word or _range_of(name) == word]
        if not names:
            known = {*self._domains, *map(_range_of, self._domains)}
            raise SpecError(
                f"{word!r} is no parameter that study {self._spec.name!r} searches; "
                f"{nearest(word, known)}",
                place="--factors",
            )
        if applying := [name for name in names if name in self._values]:
            return applying
        raise SpecError(f"{word} does not apply to the trial", place="--factors")

    def _node(self, node: Value, key: str) -> Value:
        if not isinstance(node, dict):
            return node
        if is_range(node):
            return self._leaf(key, parse_range(node, key))
        if key == ENCODER:
            return self._encoder(node)
        return {word: self._node(child, f"{key}.{word}") for word, child in node.items()}

    def _leaf(self, name: str, domain: Domain) -> Value:
        if name not in self._values:
            return middle(domain)
        value, others = self._values[name], self._factors.get(name, ())
        return {"values": [value, *others]} if others else value

    def _encoder(self, node: Tree) -> Tree:
        kind = self._node(node.get("kind"), f"{ENCODER}.kind")
        words = [word for word in node if _applies(word, kind)]
        return {word: self._option(node[word], f"{ENCODER}.{word}") for word in words}

    def _option(self, option: Value, key: str) -> Value:
        """An option of the encoder, or a list of one for each layer of the deepest network."""
        if not isinstance(option, list) and f"{key}.1" not in self._values:
            return self._node(option, key)
        made: list[Value] = []
        for layer in range(self._deepest(option, key)):
            each = option[layer] if isinstance(option, list) else option
            name = f"{key}.{layer + 1}"
            beyond = is_range(each) and name not in self._values and bool(made)
            made.append(_baseline(made[-1]) if beyond else self._node(each, name))
        return made

    def _deepest(self, option: Value, key: str) -> int:
        depths = (self._values.get(DEPTH), *self._factors.get(DEPTH, ()))
        known = [depth for depth in depths if isinstance(depth, int)]
        given = len(option) if isinstance(option, list) else 0
        return max(known) if known else given or sum(_range_of(n) == key for n in self._values)


def _applies(word: str, kind: Value) -> bool:
    """Whether encoders of a kind have an option; of several kinds, one of them may."""
    options = encoders().get(kind) if isinstance(kind, str) else None
    return options is None or word in options.model_fields


def _baseline(node: Value) -> Value:
    """A constant, or the baseline of a factor."""
    if not isinstance(node, dict):
        return node
    values = node["values"]
    assert isinstance(values, list)
    return values[0]


def _range_of(name: str) -> str:
    """The key of the study file behind a parameter: a width has one for each layer."""
    start, _, end = name.rpartition(".")
    return start if end.isdecimal() else name
