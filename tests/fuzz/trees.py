"""Study files that nobody would write: mutated presets, random trees, broken texts."""

from copy import deepcopy
from functools import cache

from hypothesis import strategies as st
from pydantic import BaseModel

from autoae.spec.config import DataOptions, LossOptions, ModelOptions, TrainingOptions
from autoae.spec.document import Tree, read_text, write_text
from autoae.spec.domains import Value
from autoae.spec.encoders import BUILT_IN
from autoae.spec.presets import preset_names, preset_path
from autoae.spec.settings import Claim, Limits, Objective, SearchOptions, Settings

_SECTIONS: tuple[type[BaseModel], ...] = (
    DataOptions, LossOptions, ModelOptions, TrainingOptions, Settings, SearchOptions, Limits,
    Objective, Claim, *BUILT_IN.values(),
)  # fmt: skip
WORDS = sorted(
    {word for section in _SECTIONS for word in section.model_fields}
    | {"min", "max", "log", "step", "values", "data", "model", "loss", "training", "", "0", "a.b"}
)

_LONG = 2000
"""Characters of a preset."""

_ODD_TEXT = (
    "", " ", "~", "conv", "mlp", "resnet50", "mirror", "none", "list", "grid", "ablation",
    "spatial", "digits", "folder", "../..", "\0", "\U0001f600", "C(4) > L(8)", "999*R(8)", "L(3",
    "cuda:9", "<script>", "{}", "val_mse", "params", "full", "quick", "n" * 300,
)  # fmt: skip

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.sampled_from([10**6, 10**9, 2**31, 2**32, 2**63, 10**30, 10**400, -(10**20)]),
    st.floats(),
    st.sampled_from([1e-300, 1e300, 0.1, -0.0]),
    st.sampled_from(_ODD_TEXT),
    st.text(max_size=8),
)
RANGES = st.fixed_dictionaries(
    {},
    optional={
        "min": SCALARS, "max": SCALARS, "log": SCALARS, "step": SCALARS,
        "values": st.lists(SCALARS, max_size=3), "other": SCALARS,
    },
)  # fmt: skip
NODES: st.SearchStrategy[Value] = st.recursive(
    SCALARS | RANGES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=8,
)


@cache
def _presets() -> tuple[Tree, ...]:
    texts = (preset_path(name).read_text("utf-8") for name in preset_names())
    # Long ones take longer to read, and have nothing that shorter ones lack.
    return tuple(read_text(text, "preset").tree for text in texts if len(text) < _LONG)


def _spots(node: Value) -> list[tuple[Value, str | int]]:
    """Every mapping or list below a node, with each of its keys."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))  # type: ignore[arg-type]
    found: list[tuple[Value, str | int]] = [(node, key) for key in keys]
    for key in keys:
        below = node[key]  # type: ignore[index]
        found += _spots(below) if isinstance(below, dict | list) else []
    return found


@st.composite
def mutated_presets(draw: st.DrawFn) -> Tree:
    """A preset with a few of its leaves and branches replaced, added or gone."""
    tree = deepcopy(draw(st.sampled_from(_presets())))
    for _ in range(draw(st.integers(1, 4))):
        if not tree:
            break
        node, key = draw(st.sampled_from(_spots(tree)))
        change = draw(st.sampled_from(["replace", "replace", "add", "delete"]))
        if change == "delete":
            del node[key]  # type: ignore[arg-type, union-attr]
        elif change == "add" and isinstance(node, dict):
            node[draw(st.sampled_from(WORDS))] = draw(NODES)
        else:
            node[key] = draw(NODES)  # type: ignore[index]
    return tree


RANDOM_TREES = st.dictionaries(st.sampled_from(WORDS), NODES, max_size=6)

_PIECES = (
    "data:", "model:", "training:", " ", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", ": ", "? ",
    "&a ", "*a", "<<: *a", "!!set ", "!!omap ", "!!python/object:os.system ", "!!binary ", "!foo ",
    "|", ">", "'", '"', "#", "%YAML 1.1", "---", "...", "\t", "\0", "\ufeff", "\U0001f600",
    "2001-99-99", "0x1f", "1_000", "0o9", ".inf", ".nan", "1e999", "9" * 5000, "encoder", "kind",
    "conv", "lr", "1:2:3", "[" * 60, "{a: " * 60, "[" * 3000,
)  # fmt: skip
BROKEN_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join) | st.text(max_size=40)


@st.composite
def damaged_presets(draw: st.DrawFn) -> str:
    """The text of a preset with a piece cut out, and something else put there."""
    text = write_text(draw(st.sampled_from(_presets())))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 30)))
    return text[:start] + draw(BROKEN_TEXTS) + text[end:]
