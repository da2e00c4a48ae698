"""A small website behind TLS: it hands out files to browsers and keeps what is posted to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.certificates import Tls


@dataclass(frozen=True)
class Posted:
    path: str
    content_type: str
    fields: dict[str, str]


@dataclass
class Receiver:
    """``files``: path to content type and content."""

    origin: str
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)

    def wait_for(self, path: str, *, after: int = 0, seconds: float = 30) -> Posted:
        """The first that comes there, not counting the first ``after`` of all."""
        deadline = time.monotonic() + seconds
        while not (found := [each for each in self.posted[after:] if each.path == path]):
            assert time.monotonic() < deadline, f"nothing came to {path}, only {self.posted}"
            time.sleep(0.05)
        return found[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_request: Any) -> None:
        """A browser hangs up the first time, to think about the certificate."""


@contextmanager
def running_receiver(tls: Tls) -> Iterator[Receiver]:
    server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Receiver(f"https://localhost:{server.server_address[1]}")
    server.RequestHandlerClass = _handler_for(receiver)
    server.socket = tls.of_a_server().wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler_for(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            kind, content = receiver.files.get(urlsplit(self.path).path, ("", b""))
            self._answer(200 if kind else 404, kind or "text/plain", content)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            content_type = self.headers.get("Content-Type", "").split(";")[0]
            receiver.posted.append(Posted(self.path, content_type, dict(parse_qsl(body))))
            self._answer(200, "text/plain", b"")

        def _answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler
