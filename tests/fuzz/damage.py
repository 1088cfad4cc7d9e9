"""Bytes that were damaged on the way: cut off, changed, doubled; and JSON of any kind."""

import json

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
NO_JSON = (b"", b"{", b"[" * 100_000, b"9" * 5000, b'"\\ud800"', b"\xff\xfe", b"NaN", b"1e999")


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """A content with its end missing, some bytes changed, or a piece of it elsewhere."""
    kind = draw(st.sampled_from(["cut", "change", "change", "insert"]))
    at = draw(st.integers(0, max(0, len(content) - 1)))
    if kind == "cut":
        return content[:at]
    other = draw(st.binary(min_size=1, max_size=6))
    return content[:at] + other + content[at + (len(other) if kind == "change" else 0) :]


@st.composite
def changed_json(draw: st.DrawFn, text: bytes) -> bytes:
    """JSON with one of its values replaced by another, or by none; or bytes that are no JSON."""
    kind = draw(st.sampled_from(["value", "value", "value", "whole", "damage", "none"]))
    if kind == "none":
        return draw(st.sampled_from(NO_JSON))
    if kind == "damage":
        return draw(damaged(text))
    tree = json.loads(text)
    if kind == "whole" or not isinstance(tree, dict) or not tree:
        return json.dumps(draw(JSON)).encode()
    node = tree
    key = draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict) and node[key] and draw(st.booleans()):
        node = node[key]
        key = draw(st.sampled_from(sorted(node)))
    node[key] = draw(JSON | st.sampled_from([-1, 0, 10**9, 10**30]))
    return json.dumps(tree).encode()


@st.composite
def changed_line(draw: st.DrawFn, lines: bytes) -> bytes:
    """One of several lines of JSON changed."""
    each = lines.splitlines()
    number = draw(st.integers(0, len(each) - 1))
    each[number] = draw(changed_json(each[number]))
    return b"\n".join(each) + b"\n"
