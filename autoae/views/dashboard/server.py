"""optuna-dashboard behind a small server that listens on one address."""

import errno
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from bottle import HTTPError
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna_dashboard import wsgi

from autoae.store.dashboard import Artifacts
from autoae.views.access import REFUSED, Access, new_access

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from optuna.storages import BaseStorage

_STYLE = b"<style>main p{white-space:normal;overflow-wrap:anywhere}</style>"
"""Without it a long attribute, such as the configuration, makes the page of a trial five windows
wide, and its pictures are out of sight."""

_TRIES = 50
"""Ports that are tried, from the one that is wished for."""


def is_own(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(ThreadingMixIn, WSGIServer):
    # A page that is still being sent does not keep the command from ending.
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Served(Artifacts):
    """Pictures as the pages ask for them."""

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open a picture; one that is gone is an answer, not a crash of the page."""
        try:
            return super().open_reader(artifact_id)
        except ArtifactNotFound as error:
            raise HTTPError(404, f"the picture is not in {self.folder}") from error


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as its base class
        """Nothing."""


@dataclass(frozen=True)
class Served:
    """A server that listens.

    Attributes:
        server: Has to serve.
        port: That it got.
        url: For the browser, with the token if there is one.
    """

    server: WSGIServer
    port: int
    url: str = field(repr=False)


@contextmanager
def listening(
    storage: "BaseStorage", artifacts: Path, host: str, port: int, *, with_token: bool = True
) -> Iterator[Served]:
    """Listen for browsers.

    Args:
        storage: The object, which remembers trials that have ended: by its URL every poll would
            read all of them again.
        artifacts: Where pictures are kept.
        host: An address of this machine.
        port: The first one that is tried.
        with_token: Answer only to who has the token of the URL.

    Yields:
        The server; the block has to let it serve.

    Raises:
        OSError: None of the ports is free, or there is no such address.
    """
    server = _bound(host, port)
    taken = server.server_port
    application = _styled(wsgi(storage, artifact_store=_Served(artifacts)))
    access = new_access(taken) if with_token else None
    application = _with_token(application, access) if access else application
    server.set_app(_guarded(application) if is_own(host) else application)
    address = f"http://{f'[{host}]' if ':' in host else host}:{taken}/"
    try:
        yield Served(server, taken, access.url(address) if access else address)
    finally:
        server.server_close()


def _bound(host: str, port: int) -> WSGIServer:
    kind = _Server6 if ":" in host else _Server
    last = min(port + _TRIES, 65535)
    for candidate in range(port, last + 1):
        try:
            return kind((host, candidate), _Quiet)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES) or candidate == last:
                raise
    raise AssertionError("the last port either is free or raises")


def _guarded(application: "WSGIApplication") -> "WSGIApplication":
    """Answer only requests that name this machine.

    A page of another site may have its own name resolved to this machine (DNS rebinding), and
    could then delete studies.
    """

    def answer(environment: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if is_own(urlsplit(f"//{environment.get('HTTP_HOST', '')}").hostname or ""):
            return application(environment, start)
        start("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"this dashboard answers only to its own machine\n"]

    return answer


def _with_token(application: "WSGIApplication", access: Access) -> "WSGIApplication":
    """Answer only to who brings the token, as a cookie or in the URL."""

    def answer(environment: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if access.has_cookie(environment.get("HTTP_COOKIE", "")):
            return application(environment, start)
        query = environment.get("QUERY_STRING", "")
        if access.opens(query):
            headers, page = access.entrance(environment.get("PATH_INFO", ""), query)
            start("200 OK", list(headers.items()))
            return [page.encode()]
        start("403 Forbidden", [("Content-Type", "text/plain")])
        return [REFUSED.encode()]

    return answer


def _styled(application: "WSGIApplication") -> "WSGIApplication":
    """Add a style to the one page that there is."""

    def answer(environment: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if not str(environment.get("PATH_INFO", "")).startswith("/dashboard"):
            return application(environment, start)
        heads = list[tuple[str, list[tuple[str, str]]]]()
        written = list[bytes]()

        def keep(
            status: str, headers: list[tuple[str, str]], _: object = None, /
        ) -> Callable[[bytes], object]:
            heads.append((status, headers))
            return written.append

        answered = application(environment, keep)
        try:
            written += answered
        finally:
            getattr(answered, "close", lambda: None)()
        body = b"".join(written).replace(b"</head>", _STYLE + b"</head>", 1)
        status, headers = heads[-1]
        others = [header for header in headers if header[0].lower() != "content-length"]
        start(status, [*others, ("Content-Length", str(len(body)))])
        return [body]

    return answer
