"""What a worker of another machine writes reaches the run folder piece by piece."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoae.search.actor import Trainer
from autoae.search.errors import SearchError
from autoae.search.messages import Epoch, Finished, Resumed
from autoae.search.parcels import Delivery, Outbox, Parcel, kept_of, unpack
from autoae.store.runs import RunFolder
from autoae.version import __version__
from tests.search.test_worker import order


@pytest.fixture
def here(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "there")


def test_what_has_changed_travels_once(here: RunFolder, there: RunFolder) -> None:
    outbox = Outbox(there.path)
    assert outbox.changed() == ()
    there.write_bytes(there.checkpoint, b"first")
    there.append_metrics(1, {"val_mse": 0.5})
    # The lines before the checkpoint: whoever ends in between has none that lacks its lines.
    assert [part.name for part in outbox.changed()] == ["metrics.jsonl", "checkpoint.pt"]
    assert outbox.changed() == ()


def test_lines_are_added_and_other_files_replaced(here: RunFolder, there: RunFolder) -> None:
    outbox = Outbox(there.path)
    for epoch in (1, 2, 3):
        there.write_bytes(there.checkpoint, b"x" * epoch)
        there.append_metrics(epoch, {"val_mse": 1 / epoch})
        unpack(here, outbox.changed())
    assert here.metrics.read_bytes() == there.metrics.read_bytes()
    assert here.checkpoint.read_bytes() == b"xxx"


def test_files_stay_within_their_folder(here: RunFolder, there: RunFolder) -> None:
    there.write_bytes(there.checkpoint, b"x")
    (part,) = Outbox(there.path).changed()
    unpack(here, [replace(part, name="../../outside")])
    assert [path.name for path in here.path.iterdir()] == ["outside"]


def train(url: str, here: RunFolder, earlier: tuple[RunFolder, ...] = ()) -> list[Parcel]:
    """What an actor says of one trial, with its files kept as a coordinator does."""
    trainer, parcels = Trainer(__version__, "."), []
    wanted = replace(order(url), folder=here, earlier=earlier)
    trainer.tell(Delivery(wanted, kept_of(earlier)))
    for said in trainer.news():
        if isinstance(said, Parcel):
            unpack(here, said.files)
            parcels.append(said)
            if isinstance(said.news, Finished):
                break
    return parcels


def test_a_trial_is_trained_elsewhere_and_its_files_are_here(url: str, here: RunFolder) -> None:
    parcels = train(url, here)
    assert [each.news.epoch for each in parcels if isinstance(each.news, Epoch)] == [1, 2, 3]
    assert [line["epoch"] for line in here.read_metrics()] == [1, 2, 3]
    files = {"configuration.json", "environment.json", "checkpoint.pt", "best.json"}
    assert files <= {path.name for path in here.path.iterdir()}


def test_it_goes_on_from_a_checkpoint_that_only_the_coordinator_has(
    url: str, here: RunFolder, there: RunFolder
) -> None:
    train(url, here)
    nothing_saved = RunFolder(here.path / "none")
    parcels = train(url, there, (nothing_saved, here))
    assert Resumed(7, 3) in [each.news for each in parcels]
    assert [line["epoch"] for line in there.read_metrics()] == [1, 2, 3]


def test_a_machine_with_another_version_trains_nothing() -> None:
    with pytest.raises(SearchError, match=r"has autoae .* and the coordinator 0\.0\.0"):
        Trainer("0.0.0", ".")
