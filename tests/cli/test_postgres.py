"""Commands take a PostgreSQL server as their storage, and hide its password."""

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Autoae
from tests.store.postgres import needs_postgres, server
from tests.stored import store
from tests.studies import searched, spec

LOOKS = [
    "study list", "study show hybrid", "study workers hybrid", "study log hybrid",
    "study export hybrid", "trial list hybrid", "trial show hybrid 0",
    "trial compare hybrid 0 1", "trial reproduce hybrid 0", "model list",
    "model summary hybrid:0", "doctor",
]  # fmt: skip
ACTS = [
    "study pause hybrid", "study resume hybrid", "study stop hybrid", "study note hybrid words",
    "trial note hybrid 0 words", "trial retry hybrid 9", "trial publish hybrid 0",
    "trial enqueue hybrid --like 0 training.lr=0.01",
    "study prune-files hybrid --keep best:3 --yes",
    "study create digits-hybrid --storage {url}", "study delete hybrid --yes",
]  # fmt: skip


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a server, which the environment names, without a study."""
    with server() as url:
        monkeypatch.setenv("AUTOAE_STORAGE", url)
        yield url


@needs_postgres
@pytest.mark.slow
def test_commands_work_there_and_hides_the_password(autoae: Autoae, postgres: str) -> None:
    study = spec()
    # Run folders lie below the current folder, which is the test's own.
    store(postgres, study, searched(study, 12))
    for line in LOOKS + ACTS:
        said = autoae(*line.format(url=postgres).split())
        assert said.code == 0, (line, said)
        assert "secret" not in said.out + said.err, line
    assert autoae("study", "show", "hybrid").code != 0
