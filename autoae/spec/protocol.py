"""What published code did and autoae does only where it is asked to: labelled in every output."""

from collections.abc import Mapping

from autoae.spec.document import Tree
from autoae.spec.domains import Value
from autoae.spec.ranges import is_range

SELECTED_ON_TEST = "selected on test"

_ORIGINAL: dict[tuple[str, str], tuple[Value, str]] = {
    ("loss", "softmax_twice"): (True, "softmax twice"),
    ("data", "select_on"): ("test", SELECTED_ON_TEST),
}
"""The key, its value that is of the original protocol, and how that is called."""


def original_protocol(configuration: Mapping[str, Value]) -> str:
    """What a training took over, as a label; empty where it was an honest one.

    Args:
        configuration: Its sections, each leaf a constant.
    """
    found = [
        label
        for (section, key), (value, label) in _ORIGINAL.items()
        if _leaf(configuration, section, key) == value
    ]
    return f"original protocol: {', '.join(found)}" if found else ""


def labelled(notation: str, configuration: Mapping[str, Value]) -> str:
    """An architecture, and beside it what its training took over from an original protocol."""
    return "; ".join(filter(None, (notation, original_protocol(configuration))))


def may_select_on_test(tree: Tree) -> bool:
    """Whether a training of this space looks at the test images."""
    leaf = _leaf(tree, "data", "select_on")
    if isinstance(leaf, dict) and is_range(leaf):
        values = leaf.get("values")
        return isinstance(values, list) and "test" in values
    return leaf == "test"


def _leaf(tree: Mapping[str, Value], section: str, key: str) -> Value:
    content = tree.get(section)
    return content.get(key) if isinstance(content, dict) else None
