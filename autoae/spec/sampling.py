"""Classes with fewer training images, or made equally frequent: what does not go together."""

from collections.abc import Iterable
from importlib.util import find_spec

from autoae.spec.composition import COMPOSED
from autoae.spec.config import DataOptions
from autoae.spec.document import Tree
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.ranges import is_range

_GIVEN = ("constrained", "resample", "constrained_share")


def check_sampling(options: DataOptions) -> None:
    """Refuse what needs images of a single class, and a share that is of no class.

    Raises:
        Unbuildable: With the key and the reason.
    """
    default = DataOptions.model_fields
    given = [key for key in _GIVEN if getattr(options, key) != default[key].default]
    if given and options.dataset == COMPOSED:
        raise Unbuildable(
            f"an image of {COMPOSED!r} holds several digits, so it has no single class",
            hint="leave it out",
            key=f"data.{given[0]}",
        )
    if "constrained_share" in given and not options.constrained:
        raise Unbuildable(
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
    data = tree.get("data")
    leaf = data.get("resample") if isinstance(data, dict) else None
    if isinstance(leaf, dict) and is_range(leaf):
        values = leaf.get("values")
        return isinstance(values, list) and "smote" in values
    return leaf == "smote"
