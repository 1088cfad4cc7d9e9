"""Classes with fewer training images, or made equally frequent: what does not go together."""

from collections.abc import Iterable
from importlib.util import find_spec

from autoae.spec.composition import COMPOSED
from autoae.spec.config import DataOptions
from autoae.spec.document import Tree
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.ranges import is_range


def check_sampling(options: DataOptions) -> None:
    """Refuse what needs images of a single class.

    Raises:
        Unbuildable: With the key and the reason.
    """
    given = {"constrained": options.constrained, "resample": options.resample != "none"}
    for key, is_given in given.items():
        if is_given and options.dataset == COMPOSED:
            raise Unbuildable(
                f"an image of {COMPOSED!r} holds several digits, so it has no single class",
                hint="leave it out",
                key=f"data.{key}",
            )


def check_share(trees: Iterable[Tree]) -> None:
    """Refuse a share of constrained classes in a study of which nothing constrains any.

    Args:
        trees: Of the study, or of its variants.

    Raises:
        SpecError: With the key.
    """
    sections = [_data_of(tree) for tree in trees]
    if any(each.get("constrained") for each in sections):
        return
    if any("constrained_share" in each for each in sections):
        raise SpecError(
            "there is no class of which it could be the share",
            hint="name classes in data.constrained",
            key="data.constrained_share",
        )


def check_package(trees: Iterable[Tree]) -> None:
    """Refuse SMOTE where its package is not installed.

    Only where a study file is read: a study that is stored can be looked at without it.

    Args:
        trees: Of the study, or of its variants.

    Raises:
        SpecError: With what to install.
    """
    if any(map(_may_be_smote, trees)) and not has_smote():
        raise SpecError(
            "`smote` needs the package imbalanced-learn, which is not installed",
            hint=INSTALL,
            key="data.resample",
        )


INSTALL = "pip install 'autoae[smote]'"


def has_smote() -> bool:
    """Whether the package that knows SMOTE is installed."""
    return find_spec("imblearn") is not None


def _may_be_smote(tree: Tree) -> bool:
    leaf = _data_of(tree).get("resample")
    if isinstance(leaf, dict) and is_range(leaf):
        values = leaf.get("values")
        return isinstance(values, list) and "smote" in values
    return leaf == "smote"


def _data_of(tree: Tree) -> Tree:
    data = tree.get("data")
    return data if isinstance(data, dict) else {}
