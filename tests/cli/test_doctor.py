from pathlib import Path

from tests.cli.conftest import Autoae


def test_a_healthy_machine_is_told_so(autoae: Autoae) -> None:
    said = autoae("doctor")
    assert said.code == 0
    for words in ("python", "torch", "cores", "digits", "sqlite:///storage/autoae.db"):
        assert words in said.out
    assert not Path("storage").exists()


def test_a_storage_that_does_not_answer_is_a_problem(autoae: Autoae) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    said = autoae("doctor", "--storage", url, "--json")
    assert said.code == 1
    assert "secret" not in said.out
    storage = said.json["storage"]
    assert isinstance(storage, list)
    assert storage[0]["problem"]
