from autoae.views.plots.svg import Frame, axes

FRAME = Frame(0, 0, 100, 100, (0.0, 3.0), (0.0, 1.0))


def test_an_axis_carries_round_numbers_or_the_labels_that_are_given() -> None:
    assert ">2</text>" in axes(FRAME, "x", "y")
    labelled = axes(FRAME, "x", "y", {0.0: "10", 2.0: "1,000"})
    assert ">1,000</text>" in labelled
    assert ">3</text>" not in labelled
    assert 'x="66.7"' in labelled
