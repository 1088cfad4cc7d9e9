"""A study file, read and checked: what is searched, how, and what for."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from autoae.spec.config import Configuration
from autoae.spec.document import Document, Tree, locate, write_text
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.parts import check_parts
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
    def budget(self) -> int:
        """Trials over all runs and workers."""
        search = self.settings.search
        every = len(self.settings.variants) * search.seeds if self.is_list else DEFAULT_TRIALS
        return search.trials or every

    def domains(self) -> dict[str, Domain]:
        """Every parameter that can occur, by name, in the order in which they are asked."""
        if not self.is_list:
            return parameters(self.tree)
        names: Domain = Choices(tuple(self.settings.variants))
        return {"variant": names, "seed": Choices(tuple(range(self.settings.search.seeds)))}

    def configuration(self, choose: Choose) -> Configuration:
        """The configuration that follows from the values that `choose` gives.

        Raises:
            Unbuildable: These values contradict each other.
        """
        tree = self._chosen_variant(choose) if self.is_list else self.tree
        configuration = build_configuration(resolve(tree, choose))
        check_parts(configuration, self.objectives)
        return configuration

    def _chosen_variant(self, choose: Choose) -> Tree:
        chosen = {key: choose(key, domain) for key, domain in self.domains().items()}
        tree = variant_tree(self.tree, self.settings.variants[str(chosen["variant"])])
        training = tree.setdefault("training", {})
        assert isinstance(training, dict)
        # Seed n of a list is n above the file's own, the same for every variant.
        training["seed"] = _seed(training) + int(str(chosen["seed"]))
        return tree

    def locate(self, key: str) -> str:
        """File and line, or option, where a key was written."""
        return locate(key, self.places) or self.source

    def to_text(self) -> str:
        """The study file as it is in force, as YAML."""
        settings = self.settings.model_dump(mode="json", exclude_defaults=True)
        settings.pop("profiles", None)
        order = ("description", "profile")
        head = {key: settings.pop(key) for key in order if key in settings}
        return write_text({**head, **self.tree, **settings})


def variant_tree(tree: Tree, overrides: Mapping[str, Value]) -> Tree:
    """The tree with the overrides of one variant."""
    document = Document(deepcopy(tree), "variant")
    for key, value in overrides.items():
        document.override(key, value, "variant")
    return document.tree


def _seed(training: Mapping[str, Value]) -> int:
    seed = training.get("seed", 0)
    return seed if isinstance(seed, int) else 0
