"""A study file, read and checked: what is searched, how, and what for."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from autoae.spec.config import Configuration
from autoae.spec.document import Document, Tree, locate, write_text
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.parts import check_parts
from autoae.spec.protocol import may_select_on_test
from autoae.spec.runs import Run, ablation_runs, list_runs
from autoae.spec.settings import Objective, Settings
from autoae.spec.space import Choose, parameters, resolve
from autoae.spec.validation import build_configuration

DEFAULT_TRIALS = 50


@dataclass(frozen=True)
class StudySpec:
    """Everything that a study file says, after its profile and overrides.

    Attributes:
        name: What the study is called.
        tree: The sections data, model, loss and training, ranges included.
        settings: Everything else, objectives filled in.
        places: Where each key was written.
        source: The file, preset or storage that it was read from.
    """

    name: str
    tree: Tree
    settings: Settings
    places: Mapping[str, str]
    source: str

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is optimised, the first first."""
        return self.settings.objectives

    @property
    def is_list(self) -> bool:
        """Whether named variants are run instead of a search."""
        return self.settings.search.method == "list"

    @property
    def is_ablation(self) -> bool:
        """Whether factors are varied around a baseline instead of a search."""
        return self.settings.search.method == "ablation"

    @property
    def selects_on_test(self) -> bool:
        """Whether a trial may look at the test images while it is trained."""
        return any(map(may_select_on_test, self.trees))

    @property
    def trees(self) -> list[Tree]:
        """The four sections of every variant of a list; otherwise those of the study alone."""
        variants = self.settings.variants.values()
        return [variant_tree(self.tree, overrides) for overrides in variants] or [self.tree]

    @property
    def budget(self) -> int:
        """Trials over all runs and workers."""
        return self.settings.search.trials or len(self.runs()) or DEFAULT_TRIALS

    def runs(self) -> tuple[Run, ...]:
        """The trials of a list or an ablation, the baseline first; none for a search."""
        search = self.settings.search
        if self.is_list:
            return list_runs(self.settings.variants, search.seeds)
        if self.is_ablation:
            return ablation_runs(self.tree, search.seeds, pairs=search.pairs)
        return ()

    def domains(self) -> dict[str, Domain]:
        """Every parameter that can occur, by name, in the order in which they are asked."""
        seed: Domain = Choices(tuple(range(self.settings.search.seeds)))
        if self.is_list:
            return {"variant": Choices(tuple(self.settings.variants)), "seed": seed}
        return {**parameters(self.tree), **({"seed": seed} if self.is_ablation else {})}

    def configuration(self, choose: Choose) -> Configuration:
        """The configuration that follows from the values that `choose` gives.

        Raises:
            Unbuildable: These values contradict each other.
        """
        domains, tree = self.domains(), self.tree
        if self.is_list:
            name = choose("variant", domains["variant"])
            tree = variant_tree(tree, self.settings.variants[str(name)])
        configuration = build_configuration(resolve(tree, choose))
        if "seed" in domains:
            configuration = with_seed(configuration, choose("seed", domains["seed"]))
        check_parts(configuration, self.objectives)
        return configuration

    def locate(self, key: str) -> str:
        """File and line, or option, where a key was written."""
        return locate(key, self.places) or self.source

    def to_text(self) -> str:
        """The study file as it is in force, as YAML."""
        settings = self.settings.model_dump(mode="json", exclude_defaults=True)
        settings.pop("profiles", None)
        order = ("description", "profile", "replaced")
        head = {key: settings.pop(key) for key in order if key in settings}
        return write_text({**head, **self.tree, **settings})


def variant_tree(tree: Tree, overrides: Mapping[str, Value]) -> Tree:
    """The tree with the overrides of one variant."""
    document = Document(deepcopy(tree), "variant")
    for key, value in overrides.items():
        document.override(key, value, "variant")
    return document.tree


def with_seed(configuration: Configuration, seed: Value) -> Configuration:
    """The configuration with a seed that many above its own, the same for every variant.

    A seed of its own for the order of batches moves as well. Were it the same for all seeds, a
    factor `data.order_seed` would compare with one order, not with orders.
    """
    assert isinstance(seed, int)
    training, data = configuration.training, configuration.data
    moved = training.model_copy(update={"seed": training.seed + seed})
    if data.order_seed is not None:
        data = data.model_copy(update={"order_seed": data.order_seed + seed})
    return configuration.model_copy(update={"training": moved, "data": data})
