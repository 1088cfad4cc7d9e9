"""From the tree of a study file to one configuration: every range asked for its value.

The space is defined by running: `resolve` walks the tree and asks `choose` for each range that
applies. What is conditional (the width of a layer beyond the depth) is asked only when it applies.
"""

from collections.abc import Callable

from autoae.spec.document import Tree
from autoae.spec.domains import Choices, Domain, IntRange, Value
from autoae.spec.encoders import encoders
from autoae.spec.notation import MOST_LAYERS
from autoae.spec.ranges import is_range, parse_range

Choose = Callable[[str, Domain], Value]
"""Gives the value of the parameter of that name within that domain."""

ENCODER = "model.encoder"
DEPTH = f"{ENCODER}.depth"
KIND = f"{ENCODER}.kind"


def resolve(tree: Tree, choose: Choose) -> Tree:
    """The tree with a constant at every leaf, in the order in which it is written."""
    return _resolve_map(tree, "", choose)


def parameters(tree: Tree) -> dict[str, Domain]:
    """Every parameter that can occur, by name, in the order in which they are asked."""
    found: dict[str, Domain] = {}
    for kind in _kinds(tree):

        def record(key: str, domain: Domain, kind: Value = kind) -> Value:
            found[key] = domain
            return kind if key == KIND else largest(domain)

        resolve(tree, record)
    return found


def largest(domain: Domain) -> Value:
    """The largest value of a domain, or the last where they cannot be compared."""
    numbers = [value for value in domain.ends if isinstance(value, int | float)]
    return max(numbers) if len(numbers) == len(domain.ends) else domain.ends[-1]


def _kinds(tree: Tree) -> tuple[Value, ...]:
    model = tree.get("model")
    encoder = model.get("encoder") if isinstance(model, dict) else None
    kind = encoder.get("kind") if isinstance(encoder, dict) else None
    if isinstance(kind, dict) and is_range(kind):
        return parse_range(kind, KIND).ends
    return (kind,)


def _resolve_map(node: Tree, key: str, choose: Choose) -> Tree:
    return {
        word: _resolve(child, f"{key}.{word}" if key else word, choose)
        for word, child in node.items()
    }


def _resolve(node: Value, key: str, choose: Choose) -> Value:
    if not isinstance(node, dict):
        return node
    if is_range(node):
        return choose(key, parse_range(node, key))
    return _resolve_encoder(node, choose) if key == ENCODER else _resolve_map(node, key, choose)


def _resolve_encoder(node: Tree, choose: Choose) -> Tree:
    kind = _resolve(node.get("kind"), KIND, choose)
    options = encoders().get(str(kind))
    searched = is_range(node.get("kind"))
    # Where the kind is searched, options of the kinds not chosen do not apply.
    words = [w for w in node if not searched or options is None or w in options.model_fields]
    resolved: Tree = {"kind": kind}
    for word in sorted((w for w in words if w != "kind"), key=lambda w: w != "depth"):
        resolved[word] = _resolve_option(node, word, resolved, choose)
    return resolved


def _resolve_option(node: Tree, word: str, resolved: Tree, choose: Choose) -> Value:
    option, key = node[word], f"{ENCODER}.{word}"
    if isinstance(option, list):
        return _resolve_layers(option, key, _layers(node, resolved), choose)
    if word == "width" and isinstance(option, dict) and is_range(option) and "growth" not in node:
        domain = parse_range(option, key)
        depth = resolved.get("depth", _default_depth(resolved["kind"]))
        if isinstance(depth, int) and not isinstance(depth, bool):
            # A depth beyond the limit is refused by its own key, once the values are checked.
            count = min(depth, MOST_LAYERS)
            return [choose(f"{key}.{layer + 1}", domain) for layer in range(count)]
    return _resolve(option, key, choose)


def _resolve_layers(options: list[Value], key: str, depth: int | None, choose: Choose) -> Value:
    """One value for each layer, each a constant or a range; none beyond the depth."""
    return [
        _resolve(each, f"{key}.{layer + 1}", choose) for layer, each in enumerate(options[:depth])
    ]


def _layers(node: Tree, resolved: Tree) -> int | None:
    """The number of layers where it is searched: a list may then be as long as the deepest."""
    depth = resolved.get("depth")
    return depth if is_range(node.get("depth")) and isinstance(depth, int) else None


def _default_depth(kind: Value) -> Value:
    options = encoders().get(str(kind))
    field = options.model_fields.get("depth") if options else None
    return field.default if field else None


def size(domain: Domain) -> int | None:
    """How many values a domain has; None where it is continuous."""
    match domain:
        case Choices(values):
            return len(values)
        case IntRange(low, high, _, step):
            return (high - low) // step + 1
        case _:
            return (
                None if domain.step is None else int((domain.high - domain.low) / domain.step) + 1
            )
