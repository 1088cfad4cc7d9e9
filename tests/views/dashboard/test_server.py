"""The server of the dashboard, without a browser."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from autoae.store.dashboard import Artifacts, Picture, Showcase
from autoae.store.storage import close_storage, open_storage
from autoae.views.dashboard.server import is_own, listening
from tests.stored import store
from tests.studies import searched, spec


@contextmanager
def serving(url: str, artifacts: Path, port: int) -> Iterator[int]:
    """Serve a storage in this process; gives the port."""
    storage = open_storage(url)
    with listening(storage, artifacts, "127.0.0.1", port) as (server, taken):
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield taken
        finally:
            server.shutdown()
            thread.join()
    close_storage(storage)


@contextmanager
def taken_port() -> Iterator[int]:
    """A port on which somebody listens already."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield int(held.getsockname()[1])


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage with a study of a few trials."""
    place = f"sqlite:///{tmp_path}/autoae.db"
    store(place, spec(), searched(spec(), trials=4))
    return place


def _get(port: int, path: str, host: str | None = None) -> tuple[int, bytes]:
    headers = {"Host": host} if host else {}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_it_listens_on_this_machine_alone_on_the_next_free_port(url: str, tmp_path: Path) -> None:
    with taken_port() as wished, serving(url, tmp_path / "artifacts", wished) as port:
        assert wished < port <= wished + 50
        listens = [
            connection.laddr
            for connection in psutil.Process().net_connections()
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        assert [address.ip for address in listens] == ["127.0.0.1"]
        code, body = _get(port, "/api/studies")
        assert code == 200
        assert b'"hybrid"' in body


def test_a_page_of_another_site_gets_nothing(url: str, tmp_path: Path) -> None:
    with taken_port() as wished, serving(url, tmp_path / "artifacts", wished) as port:
        for host in (f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}"):
            assert _get(port, "/api/studies", host)[0] == 403
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", "127.0.0.1", f"[::1]:{port}"):
            assert _get(port, "/api/studies", host)[0] == 200


def test_a_picture_that_is_gone_is_not_found_and_says_where(url: str, tmp_path: Path) -> None:
    storage, artifacts = open_storage(url), Artifacts(tmp_path / "artifacts")
    shown = Showcase(storage, "hybrid", artifacts)
    shown.pictures(0, [Picture("curves.svg", "image/svg+xml", b"<svg/>")])
    shown.write()
    (file,) = artifacts.folder.iterdir()
    study, trial = (
        storage.get_study_id_from_name("hybrid"),
        storage.get_trial_id_from_study_id_trial_number(1, 0),
    )
    close_storage(storage)
    with taken_port() as wished, serving(url, artifacts.folder, wished) as port:
        path = f"/artifacts/{study}/{trial}/{file.name}"
        assert _get(port, path) == (200, b"<svg/>")
        file.unlink()
        code, body = _get(port, path)
        assert code == 404
        assert str(artifacts.folder).encode() in body


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.0.0.53", True),
        ("0.0.0.0", False),
        ("", False),
        ("192.168.1.4", False),
        ("127.evil.example", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(host: str, own: bool) -> None:
    assert is_own(host) is own
