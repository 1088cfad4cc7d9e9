"""Who may look at a page that is served: whoever has the token of its URL, as with Jupyter.

The first page takes the token from the URL and leaves it with the browser as a cookie, which no
script reads and no other site's page sends along. Every later request has to bring the cookie.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, urlencode

_WORD = "token"

REFUSED = "open the whole URL that was printed: its token lets you in\n"


@dataclass(frozen=True)
class Access:
    """The token of one server.

    Attributes:
        token: Known to whoever started the server.
        cookie: Name of its cookie; browsers keep one jar for all ports of a machine.
    """

    token: str = field(repr=False)
    cookie: str

    def url(self, address: str) -> str:
        """An address with the token."""
        return f"{address}?{urlencode({_WORD: self.token})}"

    def has_cookie(self, header: str) -> bool:
        """Whether the `Cookie` header of a request brings the token."""
        parts = (part.strip().partition("=") for part in header.split(";"))
        return any(name == self.cookie and self._is(value) for name, _, value in parts)

    def opens(self, query: str) -> bool:
        """Whether the query of a URL has the token."""
        return any(self._is(value) for name, value in parse_qsl(query) if name == _WORD)

    def entrance(self, path: str, query: str) -> tuple[dict[str, str], str]:
        """What answers to a URL with the token: headers, and a page that goes on without it.

        A redirection would not do: browsers that come from elsewhere would leave the cookie out.
        """
        others = urlencode([pair for pair in parse_qsl(query) if pair[0] != _WORD])
        # One slash: with two, the rest would name another machine.
        target = "/" + path.lstrip("/") + (f"?{others}" if others else "")
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Set-Cookie": f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        }
        return headers, f'<meta http-equiv="refresh" content="0; url={escape(target)}">\n'

    def _is(self, other: str) -> bool:
        # In a time that does not tell how much of it is right.
        return hmac.compare_digest(other.encode(errors="replace"), self.token.encode())


def new_access(port: int) -> Access:
    """A token that nobody can guess, for the server at a port."""
    return Access(secrets.token_urlsafe(32), f"autoae-{port}")
