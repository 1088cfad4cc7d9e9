"""Where files of a study may go: memory, or a server that speaks enough of S3 for boto3."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

import pytest
from optuna.artifacts.exceptions import ArtifactNotFound


class Memory:
    """An artifact store of Optuna that keeps files in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.order: list[str] = []

    def open_reader(self, artifact_id: str) -> BinaryIO:
        if artifact_id not in self.files:
            raise ArtifactNotFound(artifact_id)
        return io.BytesIO(self.files[artifact_id])

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self.order.append(artifact_id.rpartition("/")[2])
        self.files[artifact_id] = content_body.read()

    def remove(self, artifact_id: str) -> None:
        del self.files[artifact_id]


@contextmanager
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Serve a bucket and let boto3 find it; gives its files by `/BUCKET/KEY`."""
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200)

        def do_GET(self) -> None:
            if self.path in files:
                self._answer(200, files[self.path])
            else:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def do_DELETE(self) -> None:
            files.pop(self.path, None)
            self._answer(204)

        def _answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "nowhere",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        yield files
    finally:
        server.shutdown()
        server.server_close()
