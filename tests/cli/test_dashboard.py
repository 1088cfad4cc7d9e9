"""`autoae dashboard` and `autoae trial publish`."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from autoae.cli.allowance import Allowance
from autoae.cli.drawing import published
from tests.cli.conftest import Autoae
from tests.store.postgres import needs_postgres, server
from tests.stored import store
from tests.studies import searched, spec
from tests.views.dashboard.test_server import taken_port


@contextmanager
def _started(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it names."""
    with subprocess.Popen(
        [sys.executable, "-m", "autoae", "dashboard", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.slow
def test_it_serves_on_this_machine_alone_until_it_is_interrupted(
    filled: Autoae, tmp_path: Path
) -> None:
    with taken_port() as wished, _started(tmp_path, "--port", str(wished)) as (process, address):
        page, _, token = address.partition("?token=")
        port = int(page.rpartition(":")[2].strip("/"))
        assert page == f"http://127.0.0.1:{port}/"
        listens = [
            connection.laddr.ip
            for connection in psutil.Process(process.pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listens == ["127.0.0.1"]
        cookies = urllib.request.HTTPCookieProcessor()
        browser = urllib.request.build_opener(cookies)
        browser.open(address).close()
        with browser.open(f"{page}api/studies") as answer:
            assert b'"small"' in answer.read()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 0
    assert f"port {wished} is in use; the next free one is {port}" in said
    assert said.rstrip().endswith("the dashboard has ended")
    assert token not in said
    assert "Traceback" not in said


@needs_postgres
@pytest.mark.slow
def test_a_server_works_and_its_password_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Run folders of a server's studies lie below the current directory.
    monkeypatch.chdir(tmp_path)
    with server() as url:
        store(url, spec(), searched(spec(), trials=4))
        with (
            taken_port() as wished,
            _started(tmp_path, "--port", str(wished), "--no-token", "--storage", url) as (
                process,
                address,
            ),
        ):
            with urllib.request.urlopen(f"{address}api/studies") as answer:
                assert b'"hybrid"' in answer.read()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
    assert process.returncode == 0
    assert "postgres:***@" in said
    assert "secret" not in said + address


def test_another_address_needs_a_token(filled: Autoae) -> None:
    said = filled("dashboard", "--host", "0.0.0.0", "--no-token")
    assert said.code == 2
    assert "--no-token: without a token, whoever reaches 0.0.0.0 can read, change" in said.err
    assert "ssh -L 8080:127.0.0.1:8080" in said.err


def test_an_address_that_this_machine_lacks_is_named(filled: Autoae) -> None:
    said = filled("dashboard", "--host", "192.0.2.1")
    assert said.code == 1
    assert "warning: 192.0.2.1 is reached from elsewhere" in said.err
    assert "error: " in said.err


def test_a_storage_that_is_not_there_is_not_created(autoae: Autoae, tmp_path: Path) -> None:
    said = autoae("dashboard")
    assert said.code == 1
    assert "sqlite:///storage/autoae.db does not exist yet" in said.err
    assert not (tmp_path / "storage").exists()


def test_trials_are_drawn_on_demand(autoae: Autoae, tmp_path: Path) -> None:
    store(f"sqlite:///{tmp_path}/storage/autoae.db", spec(), searched(spec(), trials=8))
    number = searched(spec(), trials=8).of_state("COMPLETE")[0].number
    said = autoae("trial", "publish", "hybrid", str(number))
    assert said.code == 0
    assert f"trial {number}: learning-curves.svg, reconstructions.png" in said.err
    assert "autoae dashboard" in said.err
    assert len(list((tmp_path / "storage" / "artifacts").iterdir())) == 4
    assert autoae("study", "delete", "hybrid", "--yes").code == 0
    assert list((tmp_path / "storage" / "artifacts").iterdir()) == []


def test_a_trial_that_left_nothing_is_named(filled: Autoae) -> None:
    said = filled("trial", "publish", "small", "3")
    assert said.code == 2
    assert re.search(r"trial 3 of study 'small' left nothing to draw in .*small/3", said.err)
    assert "autoae model train --from small:3" in said.err
    assert filled("trial", "publish", "small", "77").code == 2


def test_what_is_next_names_the_dashboard(filled: Autoae) -> None:
    assert "autoae dashboard" in filled("study", "show", "small").out


def test_no_more_is_permitted_than_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance(0.01, {"plots": 0.5})
    earned = [49.0]
    monkeypatch.setattr(allowance, "earned", lambda: earned[0])
    assert not allowance.permits("plots")
    earned[0] = 50.0
    assert allowance.permits("plots")
    clock = iter([10.0, 10.75])
    monkeypatch.setattr("autoae.cli.allowance.time.thread_time", lambda: next(clock))
    with allowance.charged("plots"):
        pass
    assert allowance.spent == 0.75
    for earned[0], permitted in ((149.0, False), (150.0, True)):
        assert allowance.permits("plots") is permitted


def test_what_children_use_is_earned() -> None:
    before = Allowance(0.01, {}).earned()
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert Allowance(0.01, {}).earned() - before > 0.4


def test_trouble_with_drawing_does_not_end_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.cli.drawing.SHARE", 1e9)
    told, ended = list[str](), threading.Event()

    def tell(message: str) -> None:
        told.append(message)
        ended.set()

    with published("none", f"sqlite:///{tmp_path}/autoae.db", None, tell):
        assert ended.wait(60)
    assert told[0].startswith("the dashboard is not kept up to date: StudyNotFound")


def test_a_study_is_drawn_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.cli.drawing.SHARE", 1e9)
    url = f"sqlite:///{tmp_path}/storage/autoae.db"
    store(url, spec(), searched(spec(), trials=8))
    with published("hybrid", url, None, pytest.fail) as beside:
        pass
    assert len(list((tmp_path / "storage" / "artifacts").iterdir())) >= 4
    assert beside.seconds > 0
