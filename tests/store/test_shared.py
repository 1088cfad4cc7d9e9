"""Files that several machines share: a directory, a bucket, and what is said of anything else."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.artifacts.exceptions import ArtifactNotFound

from autoae.store import shared
from autoae.store.dashboard import Artifacts
from autoae.store.depot import Depot, depot_for
from autoae.store.errors import StorageError
from autoae.store.runs import artifact_folder, run_root, trial_folder
from autoae.store.shared import ENVIRONMENT, Bucket, shared_place
from tests.store.artifact_stores import Memory, bucket


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Run folders of this machine, with one trial in training."""
    folder = trial_folder(tmp_path / "here", "tiny", 3)
    folder.write_json(folder.configuration, {"seed": 1})
    folder.append_metrics(1, {"val_loss": 0.5})
    folder.write_bytes(folder.checkpoint, b"after epoch 1")
    return tmp_path / "here"


def test_a_directory_holds_run_folders_and_pictures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "shared"))
    for url in ("postgresql://host/name", "sqlite:///elsewhere/autoae.db"):
        assert run_root(url) == tmp_path / "shared" / "runs"
    assert artifact_folder(run_root("sqlite:///x.db")) == tmp_path / "shared" / "artifacts"
    assert depot_for(run_root("sqlite:///x.db"), "tiny") is None


def test_a_bucket_leaves_run_folders_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "s3://ours/some/where/")
    assert shared_place() == Bucket("ours", "some/where/")
    assert run_root("postgresql://host/name") == Path("storage/runs")
    monkeypatch.setenv(ENVIRONMENT, "s3://ours")
    assert shared_place() == Bucket("ours", "")


@pytest.mark.parametrize("named", ["gs://ours", "s3://", "s3://me:secret@ours/x", "ftp://x"])
def test_another_place_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT, named)
    with pytest.raises(StorageError, match="expected a directory or s3://BUCKET") as refused:
        run_root("sqlite:///x.db")
    assert "secret" not in f"{refused.value.message} {refused.value.hint}"


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ImportError("boto3")

    monkeypatch.setattr("optuna.artifacts.Boto3ArtifactStore", missing)
    with pytest.raises(StorageError, match="boto3 is not installed") as refused:
        Bucket("ours", "").store()
    assert refused.value.hint == "pip install 'autoae[s3]'"


def test_a_folder_comes_to_another_machine(here: Path, tmp_path: Path) -> None:
    store = Memory()
    Depot(store, "p/", here, "tiny").keep(3)
    assert set(store.files) == {
        f"p/runs/tiny/3/{name}" for name in ("configuration.json", "metrics.jsonl", "checkpoint.pt")
    }
    there = Depot(store, "p/", tmp_path / "there", "tiny")
    assert (there.fetch(3), there.fetch(3), there.fetch(4)) == (3, 0, 0)
    folder = trial_folder(tmp_path / "there", "tiny", 3)
    assert folder.read_metrics() == [{"epoch": 1, "val_loss": 0.5}]
    assert folder.checkpoint.read_bytes() == b"after epoch 1"


def test_only_what_has_changed_is_copied_and_the_checkpoint_last(here: Path) -> None:
    store = Memory()
    depot = Depot(store, "", here, "tiny")
    depot.keep(3)
    depot.keep(3)
    assert store.order == ["configuration.json", "metrics.jsonl", "checkpoint.pt"]
    folder = trial_folder(here, "tiny", 3)
    folder.append_metrics(2, {"val_loss": 0.4})
    folder.write_bytes(folder.checkpoint, b"after epoch 2")
    depot.keep(3)
    assert store.order[3:] == ["metrics.jsonl", "checkpoint.pt"]


def test_a_store_that_does_not_answer_is_one_error(here: Path) -> None:
    class Away(Memory):
        def write(self, *_: object) -> None:
            raise RuntimeError("no route to\nhost")

    with pytest.raises(StorageError, match="AUTOAE_ARTIFACTS cannot be used: no route to host"):
        Depot(Away(), "", here, "tiny").keep(3)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """The bucket that AUTOAE_ARTIFACTS names, as boto3 sees it."""
    pytest.importorskip("boto3")
    monkeypatch.setenv(shared.ENVIRONMENT, "s3://ours/x")
    with bucket(monkeypatch) as files:
        yield files


def test_boto3_takes_a_folder_there_and_back(
    ours: dict[str, bytes], here: Path, tmp_path: Path
) -> None:
    mine, theirs = depot_for(here, "tiny"), depot_for(tmp_path / "there", "tiny")
    assert mine is not None
    assert theirs is not None
    mine.keep(3)
    assert ours["/ours/x/runs/tiny/3/checkpoint.pt"] == b"after epoch 1"
    assert theirs.fetch(3) == 3
    assert trial_folder(tmp_path / "there", "tiny", 3).checkpoint.read_bytes() == b"after epoch 1"


def test_pictures_are_seen_on_another_machine(ours: dict[str, bytes], tmp_path: Path) -> None:
    Artifacts(tmp_path / "here").write("picture", io.BytesIO(b"PNG"))
    there = Artifacts(tmp_path / "there")
    assert there.open_reader("picture").read() == b"PNG"
    there.remove("picture")
    assert ours == {}
    with pytest.raises(ArtifactNotFound):
        there.open_reader("picture")
