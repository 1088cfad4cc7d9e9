"""`autoae monitor` as a command: where it is no terminal, and where something is wrong."""

import http.client
import os
import re
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from autoae.cli.monitor import HOST, free_port
from autoae.cli.running import Wishes
from autoae.cli.watching import words_of
from autoae.search.shares import Shares
from autoae.views.tui.serving import is_own_page
from tests.cli.conftest import Autoae


def test_where_stdout_is_no_terminal_it_prints_a_table(filled: Autoae) -> None:
    said = filled("monitor")
    assert said.code == 0
    assert "small" in said.out
    said = filled("monitor", "small")
    assert said.code == 0
    assert "10 complete" in said.out
    assert len(re.findall("C\\(4\\)", said.out)) == 12


def test_a_study_that_is_not_there_and_the_nearest_name(filled: Autoae) -> None:
    said = filled("monitor", "smal")
    assert said.code == 1
    assert "did you mean 'small'" in said.err


def test_without_a_storage_nothing_is_made(autoae: Autoae, tmp_path: Path) -> None:
    said = autoae("monitor")
    assert said.code == 0
    assert "autoae study create" in said.err
    assert autoae("monitor", "any").code == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("version", "words"),
    [("v2.6.0.a", "optuna storage upgrade"), ("v9.9.9", "pip install -U optuna")],
)
def test_a_storage_of_another_optuna_says_what_to_run(
    filled: Autoae, tmp_path: Path, version: str, words: str
) -> None:
    with sqlite3.connect(tmp_path / "storage" / "autoae.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        if version == "v9.9.9":
            connection.execute("UPDATE version_info SET schema_version = 99")
        else:
            connection.execute("UPDATE version_info SET schema_version = 11")
    connection.close()
    said = filled("monitor")
    assert said.code == 1
    assert words in said.err


def test_a_port_in_use_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port


def test_the_run_behind_the_monitor_gets_every_wish() -> None:
    wishes = Wishes(workers=2, trials=9, retries=0, tensorboard=True)
    words = words_of("small", "sqlite:///x.db", wishes)
    assert words[3:6] == ["study", "run", "small"]
    assert " ".join(words).endswith(
        "--json --storage sqlite:///x.db --workers 2 --trials 9 --retries 0 --tensorboard"
    )


def test_the_run_behind_the_monitor_has_its_workers_where_they_were_asked_for() -> None:
    words = words_of("small", None, Wishes(shares=Shares("auto", gpus=0.25)))
    asked = "--launcher ray --ray-address auto --cpus-per-worker 1.0 --gpus-per-worker 0.25"
    assert " ".join(words).endswith(asked)


def test_a_served_monitor_answers_to_its_own_page_alone() -> None:
    own = {"Host": "127.0.0.1:8000"}
    assert is_own_page({**own, "Origin": "http://127.0.0.1:8000"}, 8000)
    assert is_own_page(own, 8000)
    for origin in ("https://elsewhere.example", "http://127.0.0.1:9000", "null"):
        assert not is_own_page({**own, "Origin": origin}, 8000)
    assert not is_own_page({"Host": "elsewhere.example:8000"}, 8000)
    assert not is_own_page({}, 8000)


@pytest.mark.slow
def test_it_is_served_on_this_machine_alone(filled: Autoae, tmp_path: Path) -> None:
    words = [sys.executable, "-u", "-m", "autoae", "monitor", "--serve"]
    environment = {key: value for key, value in os.environ.items() if key != "OPTUNA_STORAGE"}
    server = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        entrance, _, token = address.partition("?token=")
        assert "refresh" in _opened(browser, address, server)
        assert "textual.js" in _opened(browser, entrance, server)
        for path in ("", "ws", "static/js/textual.js", "?token=no"):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(f"{entrance}{path}")
        listening = [
            each.laddr.ip
            for each in psutil.Process(server.pid).net_connections("inet")
            if each.status == psutil.CONN_LISTEN
        ]
        assert listening == [HOST]
        strange = urllib.request.Request(f"{entrance}ws", headers={"Origin": "https://a.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            browser.open(strange)
        port = int(entrance.rpartition(":")[2].strip("/"))
        assert _socket_status(port, "") == 403
        assert _socket_status(port, f"autoae-{port}={token}") == 101
    finally:
        server.terminate()
        said, _ = server.communicate(timeout=60)
    assert token not in said.decode()


def _socket_status(port: int, cookie: str) -> int:
    """What the server answers to a browser that wants a WebSocket."""
    connection = http.client.HTTPConnection(HOST, port)
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Cookie": cookie}
    headers |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    connection.request("GET", "/ws", headers=headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def _opened(
    browser: urllib.request.OpenerDirector, address: str, server: "subprocess.Popen[bytes]"
) -> str:
    """The page, as soon as the server listens."""
    while server.poll() is None:
        try:
            with browser.open(address) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            continue
    raise AssertionError("the server has ended")
