"""The monitor in a browser: textual-serve, answering to pages of its own alone."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Middleware
from textual_serve.server import Server

from autoae.views.access import REFUSED, Access

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OwnServer(Server):
    """Serves a Textual app to a browser on this machine.

    Args:
        command: That is run for each browser.
        host: An address of this machine.
        port: Where it listens.
        access: Who is let in; None lets everybody on this machine in.
    """

    def __init__(self, command: str, host: str, port: int, access: Access | None) -> None:
        super().__init__(command, host=host, port=port, title="autoae")
        self._access = access

    def initialize_logging(self) -> None:
        """Leave requests out: they have the token."""
        super().initialize_logging()
        logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(_own_only)
        if self._access is not None:
            app.middlewares.append(_with_token(self._access))
        return app


def is_own_page(headers: Mapping[str, str], port: int) -> bool:
    """Whether a request comes from a page that this server sent, or from no page at all.

    Any site in the same browser may open a WebSocket to this machine, or have its own name
    resolved to it (DNS rebinding), and could then stop studies.

    Args:
        headers: Of the request.
        port: On which the server listens.
    """
    own = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
    origin = headers.get("Origin")
    return headers.get("Host") in own and (origin is None or origin.removeprefix("http://") in own)


@web.middleware
async def _own_only(request: web.Request, handler: _Handler) -> web.StreamResponse:
    assert request.transport is not None
    if is_own_page(request.headers, request.transport.get_extra_info("sockname")[1]):
        return await handler(request)
    return web.Response(status=403, text="this monitor answers only to its own page\n")


def _with_token(access: Access) -> Middleware:
    @web.middleware
    async def answer(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if access.has_cookie(request.headers.get("Cookie", "")):
            return await handler(request)
        if access.opens(request.query_string):
            headers, page = access.entrance(request.path, request.query_string)
            return web.Response(headers=headers, body=page.encode())
        return web.Response(status=403, text=REFUSED)

    return answer
