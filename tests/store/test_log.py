"""The log of a study is bounded, survives what befalls files, and never stops a study."""

from pathlib import Path

import pytest

from autoae.store.log import StudyLog


def test_lines_come_back_in_their_order(tmp_path: Path) -> None:
    log = StudyLog(tmp_path / "study")
    assert log.read() == ()
    log.append("run", "a run begins")
    log.append("failed", "worker killed by SIGKILL", 3)
    first, second = log.read()
    assert (first.event, first.trial, first.message) == ("run", None, "a run begins")
    assert (second.event, second.trial, second.message) == ("failed", 3, "worker killed by SIGKILL")
    assert first.at <= second.at
    assert log.read(1) == (second,)


def test_it_is_bounded_and_the_last_lines_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.store.log.LARGEST_BYTES", 1000)
    log = StudyLog(tmp_path)
    for number in range(100):
        log.append("complete", "val_accuracy 0.9", number)
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2500
    assert [line.trial for line in log.read(8)] == list(range(92, 100))


def test_torn_and_foreign_lines_are_left_out(tmp_path: Path) -> None:
    log = StudyLog(tmp_path)
    log.append("note", "before")
    with log.path.open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:00:00", "ev\n[]\n\xff\n{"event": "note"}\n')
    log.append("note", "after")
    assert [line.message for line in log.read()] == ["before", "after"]


def test_where_it_cannot_be_written_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    log = StudyLog(tmp_path / "file")
    log.append("note", "lost")
    assert log.read() == ()
