"""Series of depths: what belongs together, and what is none."""

from autoae.analysis.depth import depth_series
from autoae.analysis.groups import groups
from tests.studies import DEPTHS, repeated, spec


def test_variants_are_a_series_where_they_differ_in_depth_alone() -> None:
    found = depth_series(groups(repeated(spec(DEPTHS, "depths"))))
    named = {
        each.name: {depth: group.name for depth, group in each.groups.items()} for each in found
    }
    assert named == {
        "plain": {2: "shallow", 20: "deep"},
        "residual": {2: "shallow-residual", 20: "deep-residual"},
    }
    assert all(len(group.trials) == 3 for each in found for group in each.groups.values())


def test_series_of_one_kind_are_told_apart() -> None:
    text = DEPTHS.partition("  deep-residual")[0]
    text += "  wide: {model.encoder.width: 64}\n"
    text += "  wide-deep: {model.encoder.width: 64, model.encoder.depth: 9}\n"
    found = depth_series(groups(repeated(spec(f"{text}search: {{method: list, seeds: 3}}\n"))))
    assert {each.name for each in found} == {"plain (shallow, ...)", "plain (wide, ...)"}


def test_a_single_depth_is_no_series() -> None:
    assert depth_series(groups(repeated(spec(DEPTHS.replace("20", "2"), "one")))) == ()
