"""The monitor in a browser: textual-serve, answering to pages of its own alone."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from textual_serve.server import Server

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OwnServer(Server):
    """Serves a Textual app to a browser on this machine."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(_own_only)
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
