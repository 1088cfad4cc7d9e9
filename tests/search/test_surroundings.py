"""What trials lack and are not blamed for."""

from pathlib import Path

import pytest

from autoae.data.errors import CacheFull, MissingData, no_space
from autoae.search import surroundings
from autoae.search.messages import Failed, Unwritten
from autoae.search.reasons import reason_of, unwritten_of
from autoae.search.surroundings import MOST_SURPRISES, RESERVE_BYTES, Surroundings, free_bytes
from autoae.spec.errors import UserError
from autoae.spec.files import UnwrittenError

PLACE = Path("/disk/runs/tiny/7/checkpoint.pt")
FULL = Failed(7, "no space", Unwritten(PLACE, needed=10**6))


class Free:
    """The room on the disk, as a test wants it."""

    def __init__(self) -> None:
        self.bytes = 0

    def __call__(self, place: Path) -> int:
        assert place == PLACE
        return self.bytes


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Free:
    """None at first."""
    found = Free()
    monkeypatch.setattr(surroundings, "free_bytes", found)
    return found


def fine() -> None:
    """The images are there."""


def test_trials_wait_until_there_is_room_for_what_all_workers_write(free: Free) -> None:
    told = list[str]()
    found = Surroundings(fine, 3, told.append)
    assert not found.lack_room()
    assert found.blamed(FULL)
    free.bytes = RESERVE_BYTES + 3 * 10**6 - 1
    assert found.lack_room()
    free.bytes += 1
    assert not found.lack_room()
    begun, over = told
    assert f"no room on the disk for {PLACE}: 0.0 MB are free, 19.8 MB are needed" in begun
    assert over == "there is room on the disk again: the study goes on"
    assert found.error is None


def test_where_there_is_room_a_quota_is_met_or_something_worse(free: Free) -> None:
    free.bytes = 10**12
    found = Surroundings(fine, 1, lambda _: None)
    for _ in range(MOST_SURPRISES - 1):
        assert found.blamed(FULL)
        assert not found.lack_room()
        assert found.error is None
    assert found.blamed(FULL)
    assert found.error is not None
    assert "quota" in found.error.hint


def test_a_real_lack_forgives_the_surprises_before_it(free: Free) -> None:
    found = Surroundings(fine, 1, lambda _: None)
    for free.bytes in (10**12, 10**12, 0, 10**12):
        found.blamed(FULL)
    assert found.error is None


def test_what_may_not_be_written_ends_the_study() -> None:
    found = Surroundings(fine, 1, lambda _: None)
    assert found.blamed(Failed(7, "read-only", Unwritten(PLACE, full=False)))
    assert found.error is not None
    assert found.error.message == "a worker cannot write its files: read-only"
    assert str(PLACE.parent) in found.error.hint


def test_images_that_are_gone_end_the_study_and_others_are_the_trials_own_matter() -> None:
    def gone() -> None:
        raise MissingData("mnist is not here", hint="fetch it")

    news = Failed(7, "mnist is not here", no_data=True)
    assert not Surroundings(fine, 1, lambda _: None).blamed(news)
    found = Surroundings(gone, 1, lambda _: None)
    assert found.blamed(news)
    assert found.error is not None
    assert found.error.message == "the images cannot be had any more: mnist is not here"
    assert found.error.hint == "fetch it; then continue with `autoae study run`"
    assert not found.blamed(Failed(8, "diverged"))


def test_errors_say_what_could_not_be_written() -> None:
    folder = Path("runs/7")
    error = UnwrittenError(30, "Read-only file system", str(PLACE))
    error.needed = 9
    assert unwritten_of(error, folder) == Unwritten(PLACE, 9, full=False)
    assert reason_of(error) == f"{PLACE} could not be written: Read-only file system"
    cache = no_space(Path("cache"), "it is small", 5)
    assert isinstance(cache, CacheFull)
    assert unwritten_of(cache, folder) == Unwritten(Path("cache"), 5)
    assert unwritten_of(OSError(28, "No space left on device"), folder) == Unwritten(folder)
    assert unwritten_of(PermissionError(13, "Permission denied", "images"), folder) is None
    assert unwritten_of(UserError("x"), folder) is None


def test_the_room_of_a_file_that_is_not_there_is_that_of_its_disk(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "deep" / "file") > 0
    assert free_bytes(Path("no/such/folder")) > 0
