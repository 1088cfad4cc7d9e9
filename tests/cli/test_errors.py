import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from autoae.cli.errors import ExitCode, report_of, trace
from autoae.data.errors import MissingData
from autoae.spec.errors import SpecError, Unbuildable, UserError
from autoae.store.errors import StudyNotFound


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SpecError("wrong"), ExitCode.USAGE),
        (Unbuildable("wrong"), ExitCode.USAGE),
        (UserError("wrong"), ExitCode.FAILED),
        (MissingData("wrong"), ExitCode.FAILED),
        (StudyNotFound("wrong"), ExitCode.FAILED),
        (OSError(errno.ENOSPC, "No space left on device", "storage/x"), ExitCode.FAILED),
        (OperationalError("SELECT 1", {}, Exception("wrong")), ExitCode.FAILED),
        (ZeroDivisionError("wrong"), ExitCode.FAILED),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
    ],
)
def test_every_exception_has_an_exit_code_and_one_line(
    error: BaseException, code: ExitCode
) -> None:
    report = report_of(error)
    assert report.code == code
    assert report.message
    assert "\n" not in report.message


def test_a_report_says_where_what_and_what_next() -> None:
    error = SpecError("must be a number", key="training.lr", place="x.yaml:3", hint="mend it")
    report = report_of(error)
    assert (report.message, report.hint) == ("x.yaml:3: training.lr: must be a number", "mend it")


def test_a_full_disk_says_what_to_do() -> None:
    report = report_of(OSError(errno.ENOSPC, "No space left on device", "storage/x"))
    assert report.message == "storage/x: No space left on device"
    assert "autoae study run" in report.hint


def test_a_traceback_is_shown_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ValueError("wrong")
    assert trace(error) == ""
    monkeypatch.setenv("AUTOAE_DEBUG", "1")
    assert "ValueError: wrong" in trace(error)


def _run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "autoae", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_study_file_ends_with_two_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("model: {encoder: {kind: conv}}\ntraining: {learning_rate: 3}\n")
    said = _run("study", "validate", str(file))
    assert said.returncode == ExitCode.USAGE
    assert "wrong.yaml:2" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout
    assert "Traceback" in _run("study", "validate", str(file), AUTOAE_DEBUG="1").stderr


def test_a_reader_that_leaves_early_sees_no_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "autoae", "study", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout
    assert writer.stderr
    writer.stdout.close()
    assert writer.stderr.read() == ""
    writer.stderr.close()
    writer.wait(timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_no_color_is_honoured_in_a_terminal() -> None:
    import pty

    def said(**environment: str) -> bytes:
        ours, theirs = pty.openpty()
        known = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        subprocess.run(
            [sys.executable, "-m", "autoae", "study", "init", "nothing"],
            env={**known, "TERM": "xterm", **environment},
            stderr=theirs,
            check=False,
        )
        os.close(theirs)
        with os.fdopen(ours, "rb", buffering=0) as reader:
            return reader.read(1000)

    assert b"\x1b[" in said()
    assert b"\x1b[" not in said(NO_COLOR="1")
