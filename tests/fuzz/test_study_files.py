"""Study files, `--set` and the notation, whatever stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.spec.document import write_text
from autoae.spec.errors import SpecError
from autoae.spec.notation import parse, show
from autoae.spec.plan import plan_network
from autoae.spec.presets import preset_names
from autoae.spec.reading import read_study, study_from_text
from autoae.spec.space import largest
from autoae.spec.study import StudySpec
from tests.fuzz.outcome import fuzzed, works_or_tells
from tests.fuzz.trees import (
    BROKEN_TEXTS,
    NODES,
    RANDOM_TREES,
    WORDS,
    damaged_presets,
    mutated_presets,
)

_SOURCE = "odd.yaml"


def _used(spec: StudySpec) -> None:
    """All that `study create` does with a file before anything is stored."""
    again = study_from_text(spec.to_text(), name=spec.name, source=_SOURCE)
    assert again.tree == spec.tree
    assert spec.budget > 0
    configuration = spec.configuration(lambda _, domain: largest(domain))
    plan_network(configuration.model, (3, 32, 32), 10)


def _read(text: str) -> None:
    spec = study_from_text(text, name="odd", source=_SOURCE)
    # What cannot be built is refused by the key, without a file, as trials are.
    works_or_tells(lambda: _used(spec), "")


@fuzzed(0.15)
@given(mutated_presets() | RANDOM_TREES)
def test_a_tree_is_read_or_refused_with_its_place(tree: dict[str, object]) -> None:
    text = write_text(tree)  # type: ignore[arg-type]
    works_or_tells(lambda: _read(text), _SOURCE)


@fuzzed(0.1)
@given(damaged_presets() | BROKEN_TEXTS)
def test_a_text_is_read_or_refused_with_its_place(text: str) -> None:
    works_or_tells(lambda: _read(text), _SOURCE)


_KEYS = st.lists(st.sampled_from([*WORDS, "encoder", "0", "1", "9"]), max_size=4).map(".".join)
_VALUES = BROKEN_TEXTS | NODES.map(lambda node: write_text({"a": node})[3:])


@fuzzed(0.1)
@given(st.sampled_from(preset_names()), _KEYS, _VALUES)
def test_an_override_is_taken_or_refused_by_name(preset: str, key: str, value: str) -> None:
    override = f"{key}={value}"
    # It may also contradict another line of the preset, which is then to blame.
    works_or_tells(lambda: read_study(preset, overrides=[override]), "")


def test_an_override_that_is_no_yaml_names_the_option() -> None:
    assert not works_or_tells(lambda: read_study("digits-hybrid", overrides=["a=["]), "--set a=[")


_NOTATION = st.lists(
    st.sampled_from([
        "C", "S", "R", "L", "'", "(", ")", ">", ",", "k3", "d0.5", "p", "m2", "s", "*", "0", "1",
        "32", "999*", "999*R(8)", " ", "\n", "9" * 12, "d1e-99", "\u2019", ".",
    ]),
    max_size=12,
).map("".join)  # fmt: skip


@fuzzed(0.25)
@given(_NOTATION | st.text(max_size=12))
def test_a_notation_is_parsed_and_written_alike_or_refused_where_it_is_wrong(text: str) -> None:
    def read() -> None:
        layers = parse(text)
        assert parse(show(layers)) == layers

    works_or_tells(read, "position")


@pytest.mark.parametrize("name", ["search.seeds", "model.encoder.depth", "search.seed"])
def test_what_would_fill_the_memory_is_refused(name: str) -> None:
    overrides = ["search.method=ablation", f"{name}={10**12}"]
    assert not works_or_tells(lambda: read_study("digits-hybrid", overrides=overrides), name)


def test_aliases_cannot_grow_without_end() -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{i}: &a{i} [{', '.join(['*a' + str(i - 1)] * 10)}]" for i in range(1, 9)]
    assert not works_or_tells(lambda: _read("\n".join(lines)), _SOURCE)
    assert not works_or_tells(lambda: _read("data: &a {b: *a}"), _SOURCE)


def test_what_is_merged_has_the_line_of_what_merges_it() -> None:
    text = "model: {encoder: {kind: conv}}\ndata: &d {dataset: digits}\nloss:\n  <<: *d\n"
    with pytest.raises(SpecError, match=r"^odd.yaml:4: loss.dataset: unknown key"):
        _read(text)


def test_a_variant_that_is_no_mapping_is_named_once() -> None:
    with pytest.raises(SpecError) as caught:
        read_study("mnist-mlp-depth", overrides=["variants.odd=null"])
    assert (
        str(caught.value) == "--set variants.odd=null: variants.odd: expected a mapping, not None"
    )
