"""What is written in notation is read back as it was, and a slip is shown where it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.spec.errors import SpecError
from autoae.spec.notation import Layer, parse, show

_widths = st.integers(1, 10**9 - 1)
_kernels = st.none() | st.integers(1, 99)
_paddings = st.none() | st.integers(0, 99)
_dropouts = st.none() | st.floats(0.0, 1.0, exclude_max=True)

layers = st.one_of(
    st.builds(
        Layer, st.just("C"), st.booleans(), _widths, _kernels, _kernels, _paddings, _dropouts
    ),
    st.builds(
        Layer, st.just("S"), st.just(False), _widths, _kernels, _kernels, _paddings, _dropouts
    ),
    st.builds(
        Layer, st.just("R"), st.just(False), _widths, _kernels, dropout=_dropouts, pool=_kernels
    ),
    st.builds(Layer, st.just("L"), st.just(False), _widths, dropout=_dropouts),
    st.builds(Layer, st.just("L"), st.just(True), _widths),
)


@given(st.lists(layers, min_size=1).map(tuple))
def test_what_is_shown_is_read_back(written: tuple[Layer, ...]) -> None:
    assert parse(show(written)) == written


@given(st.lists(layers, min_size=1).map(tuple), st.sampled_from(["", " ", "\n  "]))
def test_spacing_does_not_matter(written: tuple[Layer, ...], space: str) -> None:
    compact = show(written).replace(" ", "")
    assert parse(re.sub(r"([(),>'kspmd*])", rf"{space}\1{space}", compact)) == written


def test_every_layer_is_known() -> None:
    text = "C(32) > C'(64,k5,p0) > S(8,k4,s3) > R(16,m2) > L(512,d0.3) > L'(10)"
    assert show(parse(text)) == text


def test_layers_that_are_alike_are_written_once() -> None:
    alike = parse("L(64) > 3 * R(32) > 2*L'(10)")
    assert alike == parse("L(64) > R(32) > R(32) > R(32) > L'(10) > L'(10)")
    assert show(alike) == "L(64) > R(32) > R(32) > R(32) > L'(10) > L'(10)"
    assert show(parse("98*R(32)")) == "98*R(32)"


@given(st.text(alphabet="CSRL'(),>kspmd*0123456789. ", max_size=30))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    message = refusal(text)
    if message is None:
        assert parse(show(parse(text))) == parse(text)
    else:
        assert re.search(r"expected .+ at position \d+, found", message)


def refusal(text: str) -> str | None:
    """Why a text is refused, or None if it is not."""
    try:
        parse(text)
    except SpecError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 1, "a layer (C, C', S, R, L or L')"),
        ("X(3)", 1, "a layer (C, C', S, R, L or L')"),
        ("C32", 2, "`(` or a prime"),
        ("R'(3)", 2, "`(`"),
        ("C(0)", 3, "a width from 1 on"),
        ("0*C(3)", 1, "a layer (C, C', S, R, L or L')"),
        ("1000*C(3)", 1, "a layer (C, C', S, R, L or L')"),
        ("2*2*C(3)", 3, "a layer (C, C', S, R, L or L')"),
        ("C(3,m2)", 5, "one of k, s, p, d and a number"),
        ("R(3,m0)", 6, "a number from 1 on"),
        ("C(3", 4, "`,` or `)`"),
        ("C(3) L(4)", 6, "`>` or the end"),
        ("C(3) >", 7, "a layer (C, C', S, R, L or L')"),
        ("C(3,x2)", 5, "one of k, s, p, d and a number"),
        ("C(3,k2,k3)", 8, "one of s, p, d and a number"),
        ("C(3,k0)", 6, "a number from 1 on"),
        ("L(3,k2)", 5, "one of d and a number"),
        ("L'(3,d0.1)", 5, "`)`"),
        ("C(3,d1)", 6, "a share from 0 to below 1, such as d0.3"),
        ("C(3,d1.5)", 6, "a share from 0 to below 1, such as d0.3"),
    ],
)
def test_a_slip_is_shown_where_it_is(text: str, position: int, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text)
    assert f"expected {expected} at position {position}," in str(caught.value)
