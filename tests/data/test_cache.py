"""The cache: built once, also by four processes at once; found damaged; refused by the disk."""

import errno
import hashlib
import logging
import multiprocessing
import os
import shutil
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autoae.data import DataError, facts, integrity, load
from autoae.data.integrity import checksum
from autoae.spec.config import DataOptions
from tests.data import made

DIGITS = DataOptions()


def entry_of(cache: Path) -> Path:
    """The only entry of a cache."""
    (record,) = cache.glob("decoded/*/entry.json")
    return record.parent


def digest() -> str:
    """A digest of all images and labels, loaded anew."""
    data = load(DIGITS)
    parts = (data.train.images, data.test.images, data.train.labels, data.test.labels)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


@pytest.fixture
def builds(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """How often the cache was built."""
    caplog.set_level(logging.INFO, "autoae.data")
    return lambda: len(caplog.records)


def test_built_once(cache: Path, builds: Callable[[], int]) -> None:
    load(DIGITS)
    load(DIGITS)
    facts(DIGITS)
    assert builds() == 1


def test_every_size_has_its_own_entry(cache: Path, builds: Callable[[], int]) -> None:
    for options in (DIGITS, DataOptions(resize=12), DataOptions(resize=12, center_crop=10)):
        load(options)
        load(options.model_copy(update={"validation": 7, "augment": ("flip",)}))
    assert builds() == 3


def test_images_are_mapped_and_protected(cache: Path) -> None:
    images = load(DIGITS).train.images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 1


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 255
    file.write_bytes(content)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-50])


def scribble(file: Path) -> None:
    file.write_bytes(b"{}")


@pytest.mark.parametrize("damage", [flip_a_byte, cut_off, scribble, Path.unlink])
@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "moments.npy", "entry.json"])
def test_damage_is_mended(cache: Path, name: str, damage: object) -> None:
    assert callable(damage)
    before = digest()
    damage(entry_of(cache) / name)
    assert digest() == before


def test_verified_once_and_then_by_size_and_time(
    cache: Path, builds: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []

    def noting(file: Path) -> str:
        hashed.append(file)
        return checksum(file)

    monkeypatch.setattr(integrity, "checksum", noting)
    load(DIGITS)
    load(DIGITS)
    assert not hashed
    os.utime(entry_of(cache) / "images.npy")
    load(DIGITS)
    load(DIGITS)
    assert len(hashed) == 3
    assert builds() == 1


def test_an_interrupted_build_is_no_entry(cache: Path, builds: Callable[[], int]) -> None:
    before = digest()
    entry = entry_of(cache)
    (entry / "entry.json").unlink()
    (entry / "images.npy.partial").write_bytes(b"half")
    assert digest() == before
    assert not list(entry.glob("*.partial"))
    assert builds() == 2


def test_a_failed_build_leaves_no_partial_file(root: Path, cache: Path) -> None:
    place = made.write_folders(root / "pets", {"cat": 100}, 6, 6)
    (place / "cat" / "090.png").write_bytes(b"no image")
    (place / "cat" / "000.png").write_bytes(made.encoded(made.random_images(1, 6, 6, 3)[0]))
    with pytest.raises(DataError, match="090"):
        load(DataOptions(dataset="folder", path=str(place)))
    assert not list(cache.rglob("*.partial"))
    assert not list(cache.rglob("entry.json"))


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match="cannot use the cache") as caught:
        load(DIGITS)
    assert str(tmp_path / "file") in caught.value.message
    assert "AUTOAE_CACHE_DIR" in caught.value.hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o500)
    with pytest.raises(DataError, match="Permission denied"):
        load(DIGITS)


def full_disk(place: Path) -> SimpleNamespace:
    """What `shutil.disk_usage` says of a disk with one byte left."""
    return SimpleNamespace(total=9, used=8, free=1)


def test_a_disk_that_is_too_small(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", full_disk)
    with pytest.raises(DataError, match="too full: it needs 115,008 bytes, free are 1") as caught:
        load(DIGITS)
    assert "AUTOAE_CACHE_DIR" in caught.value.hint


def test_a_disk_that_fills_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DataError, match="too full: no space left"):
            load(DIGITS)
    assert not list(cache.rglob("*.partial"))
    assert load(DIGITS).facts.train == 1437


def _load_at_once(start: Barrier, cache: str, path: str) -> tuple[int, str]:
    """In a process of its own: how often it built, and what it loaded."""
    os.environ["AUTOAE_CACHE_DIR"] = cache
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("autoae.data").addHandler(handler)
    logging.getLogger("autoae.data").setLevel(logging.INFO)
    start.wait()
    data = load(DataOptions(dataset="folder", path=path))
    return len(messages), hashlib.sha256(data.train.images.tobytes()).hexdigest()


def test_four_processes_build_once(root: Path, cache: Path) -> None:
    place = made.write_folders(root / "many", {"cat": 200, "dog": 200}, 16, 16, 3)
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(4) as pool:
        start = manager.Barrier(4)
        work = [(start, str(cache), str(place))] * 4
        results = pool.starmap(_load_at_once, work, chunksize=1)
    assert sorted(built for built, _ in results) == [0, 0, 0, 1]
    assert len({digest for _, digest in results}) == 1
