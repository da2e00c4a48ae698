"""Visitors that do something again and again, all at the same time, from one process that costs little
itself.

An act is a generator: it yields the bytes of a request and is sent the answer, until it is done.
"""

import selectors
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

LONGEST_SECONDS = 60
_PART = 1 << 16

Fields = Sequence[tuple[str, str]]
Act = Generator[bytes, "Answer", None]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known == name), "")


@dataclass
class Visitor:
    """A browser, or a server when it has no cookies. ``address``: where it says it comes from."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> bytes:
        return self._request("GET", path, headers, b"")

    def post(self, path: str, fields: Mapping[str, str] | Fields, **headers: str) -> bytes:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._request("POST", path, headers, urlencode(fields).encode())

    def remember(self, answer: Answer) -> None:
        """Its cookies; one without a value is deleted."""
        for name, value in answer.headers:
            if name == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                if content:
                    self.cookies[cookie] = content
                else:
                    self.cookies.pop(cookie, None)

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"X-Forwarded-For: {self.address}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


def repeat(port: int, acts: Sequence[Callable[[], Act]], *, seconds: float) -> tuple[int, float]:
    """How many were done, and in how many seconds: each visitor begins anew until the time is over and then
    finishes. With 0 seconds each acts once.
    """
    done, started = 0, time.perf_counter()
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(port, act, selector) for act in acts]
        for connection in connections:
            connection.begin()
        running = len(connections)
        while running:
            if time.perf_counter() - started > seconds + LONGEST_SECONDS:
                raise TimeoutError("a visitor never came to an end")
            for key, _events in selector.select(1):
                if key.data.go_on():
                    done += 1
                    if time.perf_counter() - started < seconds:
                        key.data.begin()
                    else:
                        running -= 1
        elapsed = time.perf_counter() - started
        for connection in connections:
            connection.close()
    return done, elapsed


class _Connection:
    def __init__(self, port: int, act: Callable[[], Act], selector: selectors.BaseSelector) -> None:
        self._port, self._make, self._selector = port, act, selector
        self._buffer = b""
        self._socket = self._connected()

    def begin(self) -> None:
        self._act = self._make()
        self._send(next(self._act))

    def go_on(self) -> bool:
        """Whether the act is done with what has arrived."""
        part = self._socket.recv(_PART)
        if not part:
            raise ConnectionError("the server has hung up")
        self._buffer += part
        answer = _parsed(self._buffer)
        if answer is None:
            return False
        self._buffer = b""
        if answer.header("connection").lower() == "close":
            self.close()
            self._socket = self._connected()
        try:
            self._send(self._act.send(answer))
        except StopIteration:
            return True
        return False

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def _connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=LONGEST_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(made, selectors.EVENT_READ, self)
        return made

    def _send(self, request: bytes) -> None:
        self._socket.sendall(request)


def _parsed(received: bytes) -> Answer | None:
    """None while something is missing."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    answer = Answer(int(first.split(" ", 2)[1]), headers, body)
    if answer.header("transfer-encoding") == "chunked":
        return _unchunked(answer) if body.endswith(b"0\r\n\r\n") else None
    return answer if len(body) >= int(answer.header("content-length") or 0) else None


def _unchunked(answer: Answer) -> Answer:
    rest, whole = answer.body, b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        whole, rest = whole + rest[:length], rest[length + 2 :]
    return Answer(answer.status, answer.headers, whole)
