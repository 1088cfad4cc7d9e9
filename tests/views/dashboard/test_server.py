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
from autoae.views.access import new_access
from autoae.views.dashboard.server import Served, is_own, listening
from tests.stored import store
from tests.studies import searched, spec


@contextmanager
def serving_as(
    url: str, artifacts: Path, port: int, *, with_token: bool = True
) -> Iterator[Served]:
    """Serve a storage in this process."""
    storage = open_storage(url)
    with listening(storage, artifacts, "127.0.0.1", port, with_token=with_token) as served:
        thread = threading.Thread(target=served.server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            served.server.shutdown()
            thread.join()
    close_storage(storage)


@contextmanager
def serving(url: str, artifacts: Path, port: int) -> Iterator[int]:
    """Serve a storage in this process to everybody on this machine; gives the port."""
    with serving_as(url, artifacts, port, with_token=False) as served:
        yield served.port


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


def _get(port: int, path: str, host: str | None = None, cookie: str = "") -> tuple[int, bytes]:
    headers = {**({"Host": host} if host else {}), "Cookie": cookie}
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


def test_nobody_gets_in_without_the_token(url: str, tmp_path: Path) -> None:
    with taken_port() as wished, serving_as(url, tmp_path / "artifacts", wished) as served:
        port, entrance = served.port, f"/?{served.url.partition('?')[2]}"
        for path in ("/", "/api/studies", "/dashboard", "/?token=", f"{entrance[:-1]}"):
            code, body = _get(port, path)
            assert code == 403
            assert b"open the whole URL that was printed" in body
        with urllib.request.urlopen(served.url) as answer:
            cookie = answer.headers["Set-Cookie"]
            page = answer.read().decode()
        assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict")
        assert 'url=/"' in page
        token = served.url.partition("token=")[2]
        assert len(token) >= 40
        assert token not in page
        for brought, code in ((cookie.partition(";")[0], 200), (f"autoae-{port}=x", 403)):
            assert _get(port, "/api/studies", cookie=f"other=1; {brought}")[0] == code
        assert _get(port, "/api/studies", "evil.example", cookie.partition(";")[0])[0] == 403


def test_the_entrance_leads_nowhere_else(url: str, tmp_path: Path) -> None:
    with taken_port() as wished, serving_as(url, tmp_path / "artifacts", wished) as served:
        query = served.url.partition("?")[2]
        _, body = _get(served.port, f"//evil.example/%22%3E%3Cscript%3E?a=%22&{query}")
        assert b'url=/evil.example/&quot;&gt;&lt;script&gt;?a=%22"' in body


def test_every_server_has_a_token_of_its_own_and_hides_it() -> None:
    one, other = new_access(8080), new_access(8080)
    assert one.token != other.token
    assert one.token not in repr(one)


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
