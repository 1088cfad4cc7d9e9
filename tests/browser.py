"""A headless Chromium for tests, driven through its debugging pipe: no port, no network."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        if (found := shutil.which(name))
    ),
    None,
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or os.name != "posix", reason="no Chromium or Chrome is installed"
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    # Pictures in space are drawn by WebGL, here without a graphics card; the pages are our own.
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'",
    "--remote-debugging-pipe",
)
_SECONDS = 60


def _is_complaint(entry: dict[str, Any]) -> bool:
    level: str = entry["level"]
    return level == "error" or (level == "warning" and entry["source"] != "rendering")


class Page:
    """One page of a browser.

    Attributes:
        events: Everything that the page has told so far: its method and its facts.
    """

    def __init__(self, pipe: "_Pipe") -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._pipe, self._number = pipe, 0
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        self._pipe.send(json.dumps(message).encode())
        while True:
            answer = json.loads(self._pipe.receive())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append((answer.get("method", ""), answer.get("params", {})))

    def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """Set the window, and which colours its user prefers."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path: Path) -> None:
        """Open a file and wait until its figures are drawn."""
        self.call("Page.navigate", url=path.resolve().as_uri())
        drawn = "document.documentElement.dataset.drawn === 'yes'"
        self.wait_for(f"document.readyState === 'complete' && {drawn}")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression of the page is true."""
        code = (
            f"new Promise((done, failed) => {{ const end = Date.now() + {_SECONDS * 1000};"
            f"const look = () => {condition} ? done(true) : Date.now() > end ? failed('late')"
            " : setTimeout(look, 20); look(); })"
        )
        for _ in range(3):  # A page that is just being left takes the expression with it.
            with suppress(AssertionError):
                found = self.call("Runtime.evaluate", expression=code, awaitPromise=True)
                assert "exceptionDetails" not in found, found
                return
        raise AssertionError(f"never came true: {condition}")

    def evaluate(self, code: str) -> Any:
        """The value of an expression of the page."""
        found = self.call("Runtime.evaluate", expression=code, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Write the window as a PNG file."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, and uncaught exceptions.

        What the browser remarks on the speed of its own drawing is none of the page's.
        """
        return [
            json.dumps(facts)
            for method, facts in self.events
            if method == "Runtime.exceptionThrown"
            or (method == "Runtime.consoleAPICalled" and facts["type"] in ("error", "warning"))
            or (method == "Log.entryAdded" and _is_complaint(facts["entry"]))
        ]

    def requests(self) -> list[str]:
        """Every address that was asked for."""
        asked = (f["request"]["url"] for m, f in self.events if m == "Network.requestWillBeSent")
        return [url[:200] for url in asked]


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A page of a new browser with a profile of its own, closed after the block.

    Args:
        folder: Temporary; the profile is put into it.
    """
    assert CHROMIUM
    commands, results = os.pipe(), os.pipe()
    # Chromium reads its commands from descriptor 3 and answers to 4.
    flags = " ".join((*_FLAGS, f"--user-data-dir='{folder / 'profile'}'"))
    line = f"exec '{CHROMIUM}' {flags} 3<&{commands[0]} 4>&{results[1]}"
    log = (folder / "chromium.log").open("wb")
    process = subprocess.Popen(
        ["bash", "-c", line], pass_fds=(commands[0], results[1]), stdout=log, stderr=log
    )
    os.close(commands[0])
    os.close(results[1])
    try:
        yield Page(_Pipe(commands[1], results[0]))
    finally:
        os.close(commands[1])
        process.terminate()
        process.wait(_SECONDS)
        os.close(results[0])
        log.close()


class _Pipe:
    """Messages to and from a browser, each ended by a zero byte."""

    def __init__(self, commands: int, results: int) -> None:
        self._commands, self._results, self._left = commands, results, bytearray()

    def send(self, message: bytes) -> None:
        data = message + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]

    def receive(self) -> bytes:
        while 0 not in self._left:
            data = os.read(self._results, 1 << 16)
            assert data, "the browser has closed its pipe"
            self._left += data
        message, _, rest = bytes(self._left).partition(b"\0")
        self._left = bytearray(rest)
        return message
