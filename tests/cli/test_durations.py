import pytest
import typer

from autoae.cli.durations import seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("90s", 90), ("2m", 120), ("1h", 3600), ("1.5h", 5400), (" 2M ", 120)],
)
def test_durations_are_read_in_every_unit(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-3", "soon", "2 weeks", "nan", "1h30"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write 90, 90s, 2m or 1h"):
        seconds(text)
