"""Files of arrays: all of them come back, and what could do harm does not."""

from pathlib import Path

import numpy as np
import pytest

from autoae.store import arrays
from autoae.store.arrays import read_arrays


def test_all_or_the_wanted_arrays_come_back(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", a=np.arange(3), b=np.ones(2))
    np.save(tmp_path / "one.npy", np.arange(4))
    assert read_arrays(tmp_path / "two.npz").keys() == {"a", "b"}
    assert read_arrays(tmp_path / "two.npz", ("a", "c"))["a"].tolist() == [0, 1, 2]
    assert read_arrays(tmp_path / "one.npy")["images"].tolist() == [0, 1, 2, 3]


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", images=np.zeros(10**6, np.uint8))
    assert (tmp_path / "bomb.npz").stat().st_size < 2000
    monkeypatch.setattr(arrays, "MOST_UNPACKED", 10**5)
    with pytest.raises(ValueError, match="it holds 1,000,128 bytes, the most is 100,000"):
        read_arrays(tmp_path / "bomb.npz")


def test_objects_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "odd.npy", np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_arrays(tmp_path / "odd.npy")


def test_more_numbers_than_there_is_memory_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vast.npy"
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (1" + "0" * 17 + ",), }"
    text = head.ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
    with pytest.raises(ValueError, match=r"."):
        read_arrays(path)
