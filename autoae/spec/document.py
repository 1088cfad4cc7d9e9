"""A YAML file as a plain tree, with the place of every key."""

import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.events import ScalarEvent
from ruamel.yaml.nodes import MappingNode

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError

Tree = dict[str, Value]

MOST_VALUES = 100_000
"""Keys and values of a file, each counted as often as an alias (`*name`) repeats it."""

DEEPEST = 50
"""Mappings and lists within each other."""

LARGEST = 2**63 - 1
"""Whole number, as far as databases and tensors go."""


@dataclass
class Document:
    """The tree of a study file while it is being read.

    Attributes:
        tree: Plain dicts, lists and scalars.
        source: The file as the user named it.
        places: Where each dotted key was written: `file:line` or an option.
    """

    tree: Tree
    source: str
    places: dict[str, str] = field(default_factory=dict)

    def locate(self, key: str) -> str:
        """File and line, or option, of a key, of something below it, or of what is around it."""
        return locate(key, self.places) or self.source

    def override(self, key: str, value: Value, place: str) -> None:
        """Put a value at a dotted key, creating the sections on the way.

        Raises:
            SpecError: Something on the way is no section.
        """
        *way, last = key.split(".")
        node: Value = self.tree
        for word in way:
            node = _step(node, word, key, place)
        if isinstance(node, list) and last.isdecimal() and int(last) < len(node):
            node[int(last)] = value
        elif isinstance(node, dict) and last:
            node[last] = value
        else:
            raise SpecError(f"there is no place for {key!r}", key=key, place=place)
        # What stood below the key is gone, and with it the places where it was written.
        above = {k: where for k, where in self.places.items() if not k.startswith(f"{key}.")}
        self.places = {**above, key: place}


def value_at(tree: Tree, key: str) -> Value:
    """What stands at a dotted key; None where nothing does."""
    node: Value = tree
    for word in key.split("."):
        if isinstance(node, list) and word.isdecimal() and int(word) < len(node):
            node = node[int(word)]
        else:
            node = node.get(word) if isinstance(node, dict) else None
    return deepcopy(node)


def locate(key: str, places: Mapping[str, str]) -> str:
    """The place of a key, of something below it, or of the nearest section around it, if any."""
    while key:
        below = (place for known, place in places.items() if known.startswith(f"{key}."))
        if place := places.get(key) or next(below, ""):
            return place
        key = key.rpartition(".")[0]
    return ""


def _step(node: Value, word: str, key: str, place: str) -> Value:
    if isinstance(node, list) and word.isdecimal() and int(word) < len(node):
        return node[int(word)]
    # A number in a section that was just created means an item of a list that is not there.
    if isinstance(node, list) or (not node and word.isdecimal()):
        length = f"only {len(node)}" if isinstance(node, list) else "no list"
        message = f"there is no item {word}: {length} stands there"
        raise SpecError(message, hint="give the whole list", key=key, place=place)
    if isinstance(node, dict):
        child = node.setdefault(word, {})
        if isinstance(child, dict | list):
            return child
    raise SpecError(f"{word!r} has no keys of its own", key=key, place=place)


def read_file(path: Path) -> Document:
    """Read a study file.

    Raises:
        SpecError: The file cannot be read or is no YAML mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecError(f"cannot read the study file: {reason}", place=str(path)) from error
    return read_text(text, str(path))


def read_text(text: str, source: str) -> Document:
    """Read the text of a study file; `source` names it in messages.

    Raises:
        SpecError: It is no YAML mapping.
    """
    loaded = _load(text, source)
    if not isinstance(loaded, CommentedMap):
        raise SpecError(
            "expected a mapping with keys such as `model:` and `training:`", place=source
        )
    places = {key: f"{source}:{line}" for key, line in _lines(loaded, "")}
    return Document(_plain_map(loaded, source), source, places)


def read_value(text: str, source: str) -> Value:
    """Read the value of an override as YAML.

    Raises:
        SpecError: It is no YAML.
    """
    try:
        return _plain(_load(text, source), source)
    except SpecError as error:
        error.place = source  # An option has no lines.
        raise


def write_text(tree: Tree) -> str:
    """The tree as YAML text."""
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 100
    stream = StringIO()
    writer.dump(tree, stream)
    return stream.getvalue()


def _load(text: str, source: str) -> object:
    try:
        with warnings.catch_warnings():
            # The later of two anchors of one name counts, as YAML says.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            loaded = _reader().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}:{mark.line + 1}" if mark else source
        raise SpecError(f"not valid YAML: {error.problem}", place=place) from error
    except Exception as error:  # Odd tags make ruamel.yaml stumble over anything.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise SpecError(f"not valid YAML: {reason}", place=source) from error
    _check_extent(loaded, source)
    return loaded


def _reader() -> YAML:
    # The round-trip loader keeps line numbers and builds no Python objects.
    reader = YAML(typ="rt")
    reader.Composer = _Composer
    reader.max_depth = DEEPEST
    return reader


class _Composer(Composer):
    """Refuses lists and mappings as keys: nested ones take time that doubles with each level."""

    def compose_node(self, parent: object, index: object) -> object:
        """Compose a node; a key is one with a mapping around it and no index."""
        if isinstance(parent, MappingNode) and index is None:
            event = self.parser.peek_event()
            if not isinstance(event, ScalarEvent):
                raise ComposerError(None, None, "a key must be a word", event.start_mark)
        return super().compose_node(parent, index)


def _check_extent(loaded: object, source: str) -> None:
    """Refuse what a few lines of aliases make endless, before it is walked through."""
    left, values = [(loaded, 0)], 0
    while left:
        node, depth = left.pop()
        below = _children(node)
        values += len(below)
        if values > MOST_VALUES:
            raise SpecError(f"it holds more than {MOST_VALUES:,} values", place=source)
        if depth > DEEPEST:
            raise SpecError(f"it is nested more than {DEEPEST} deep", place=source)
        left += [(child, depth + 1) for child in below]


def _children(node: object) -> list[object]:
    if isinstance(node, CommentedMap):
        return list(node.values())
    return list(node) if isinstance(node, CommentedSeq) else []


def _lines(node: object, key: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, CommentedMap):
        for word, child in node.items():
            below = f"{key}.{word}" if key else str(word)
            yield below, _line(node, word)
            yield from _lines(child, below)
    elif isinstance(node, CommentedSeq):
        for index, child in enumerate(node):
            yield f"{key}.{index}", _line(node, index)
            yield from _lines(child, f"{key}.{index}")


def _line(node: CommentedMap | CommentedSeq, item: object) -> int:
    """The line of an item, from 1; of what merges it (`<<: *name`), if it stands elsewhere."""
    place: tuple[int, ...] = (node.lc.data or {}).get(item, (node.lc.line or 0,))
    return place[0] + 1


def _plain_map(node: CommentedMap, source: str) -> Tree:
    return {_word(word, source): _plain(child, source) for word, child in node.items()}


def _word(word: object, source: str) -> str:
    if isinstance(word, bool) or not isinstance(word, str | int | float):
        raise SpecError(f"a key must be a word, not {word!r}", place=source)
    return str(word)


def _plain(node: object, source: str) -> Value:
    # ruamel keeps how a scalar was written in subclasses; the plain types are what we compare.
    match node:
        case CommentedMap():
            return _plain_map(node, source)
        case CommentedSeq():
            return [_plain(child, source) for child in node]
        case bool() | None:
            return node
        case int():
            return _whole(int(node), source)
        case float():
            return float(node)
        case str():
            return str(node)
    raise SpecError(
        f"{_shown(node)} is neither text, number, true/false, list nor mapping", place=source
    )


def _whole(number: int, source: str) -> int:
    if abs(number) > LARGEST:
        raise SpecError(f"whole numbers go up to {LARGEST:,}", place=source)
    return number


def _shown(node: object) -> str:
    return f"{node.tag} {node.value!r}" if isinstance(node, TaggedScalar) else repr(node)
