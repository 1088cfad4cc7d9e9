import json
from pathlib import Path

import pytest

from tests.cli.conftest import Autoae


def test_data_sets_are_listed_with_where_they_are(autoae: Autoae) -> None:
    found = {row["name"]: row for row in json.loads(autoae("data", "list", "--json").out)}
    assert {"digits", "mnist", "fashion-mnist", "cifar10", "folder"} <= set(found)
    assert found["digits"]["place"]
    assert "digits" in autoae("data", "list").out


def test_a_data_set_is_shown_in_numbers(autoae: Autoae) -> None:
    facts = autoae("data", "show", "digits", "--json", "--set", "data.validation=100").json
    assert (facts["shape"], facts["train"], facts["validation"]) == ([1, 8, 8], 1337, 100)
    assert "8×8 pixels" in autoae("data", "show", "digits").out


def test_a_data_set_that_is_there_need_not_be_fetched(autoae: Autoae) -> None:
    assert autoae("data", "fetch", "digits").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "digit"), 2, "did you mean 'digits'?"),
        (("fetch", "digit"), 2, "did you mean 'digits'?"),
        (("show", "digits", "--set", "data.limits=3"), 2, "did you mean 'limit'?"),
        (("show", "digits", "--set", "data.validation=5000"), 2, "leave none to train on"),
        (("show", "folder"), 2, "data.path"),
        (("show", "folder", "--set", "data.path=nowhere"), 1, "nowhere"),
    ],
)
def test_what_cannot_be_shown_is_told(
    autoae: Autoae, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = autoae("data", *words)
    assert answer.code == code
    assert said in answer.err


def test_a_missing_data_set_says_how_to_get_it(
    autoae: Autoae, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOAE_DATA_DIR", raising=False)
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "cache"))
    said = autoae("data", "show", "mnist")
    assert said.code == 1
    assert "autoae data fetch mnist" in said.err
