"""One form, posted to the server of a website. Built so that nobody can use it to look behind our walls, or
to hold a worker: the name is resolved once, the connection goes to exactly the address that was checked
(so a name cannot change in between), redirects are not followed, of the answer only the status is read, and
everything together has a deadline. Variables for proxies are not looked at.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from threading import Event, Timer
from urllib.parse import SplitResult, urlencode, urlsplit

from servicekonto.oidc.reachable import is_reachable

DEADLINE = 10.0  # seconds for everything after the look-up of the name
CONNECT = 4.0  # seconds for each address
MOST_ADDRESSES = 3
_PORTS = {"https": 443, "http": 80}


class Failure(StrEnum):
    """No personal data: these are stored, shown and logged."""

    NAME = "name_not_found"
    ADDRESS = "address_not_allowed"
    CONNECTION = "no_connection"
    CERTIFICATE = "certificate_not_trusted"
    TIMEOUT = "no_answer_in_time"
    ANSWER = "answer_not_understood"
    REDIRECT = "answered_with_redirect"
    REFUSED = "answered_with_4xx"
    ERROR = "answered_with_5xx"


class NotDeliveredError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def post_form(url: str, fields: Mapping[str, str], *, with_loopback: bool = False) -> None:
    """Returning means that the server has said yes (2xx). Raises NotDeliveredError. ``with_loopback``: this
    machine may be reached, and without encryption.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not with_loopback:
        raise NotDeliveredError(Failure.ADDRESS)
    addresses = _allowed(_resolved(parts), with_loopback=with_loopback)
    with _connected(addresses) as connection, _until_deadline(connection) as is_over:
        try:
            status = _exchange(parts, connection, urlencode(fields))
        except (OSError, http.client.HTTPException) as error:
            raise NotDeliveredError(Failure.TIMEOUT if is_over() else _failure_of(error)) from error
        if is_over():  # the library takes the end of the connection for the end of the headers
            raise NotDeliveredError(Failure.TIMEOUT)
    _check(status)


def _resolved(parts: SplitResult) -> list[tuple[str, int]]:
    """Addresses as numbers, with the port."""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname or "", port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDeliveredError(Failure.NAME) from error
    return list(dict.fromkeys((str(address[0]), port) for *_kind, address in found))


def _allowed(addresses: list[tuple[str, int]], *, with_loopback: bool) -> list[tuple[str, int]]:
    """A name that leads behind our walls as well is not tried at all."""
    if not all(is_reachable(address, with_loopback=with_loopback) for address, _port in addresses):
        raise NotDeliveredError(Failure.ADDRESS)
    return addresses[:MOST_ADDRESSES]


@contextmanager
def _connected(addresses: list[tuple[str, int]]) -> Iterator[socket.socket]:
    """With the first that answers."""
    for address in addresses:
        try:
            connection = socket.create_connection(address, timeout=CONNECT)
        except OSError:
            continue
        with connection:
            yield connection
        return
    raise NotDeliveredError(Failure.CONNECTION)


@contextmanager
def _until_deadline(connection: socket.socket) -> Iterator[Callable[[], bool]]:
    """A time limit for each step is none for a server that sends one byte after the other. The second handle
    closes the same connection whatever wraps the first.
    """
    handle, is_over = connection.dup(), Event()
    timer = Timer(DEADLINE, _shut, [handle, is_over])
    timer.daemon = True
    timer.start()
    try:
        yield is_over.is_set
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _shut(connection: socket.socket, is_over: Event) -> None:
    is_over.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _exchange(parts: SplitResult, connection: socket.socket, body: str) -> int:
    """The status of the answer."""
    connection.settimeout(DEADLINE)
    if parts.scheme == "https":
        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)
    with connection:
        client = http.client.HTTPConnection(parts.hostname or "")
        client.sock = connection
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        client.request("POST", path, body=body, headers=_headers(parts))
        with client.getresponse() as answer:
            return answer.status


def _headers(parts: SplitResult) -> dict[str, str]:
    return {
        "Host": parts.netloc,
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Servicekonto",
        "Connection": "close",
    }


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    failures = {3: Failure.REDIRECT, 4: Failure.REFUSED, 5: Failure.ERROR}
    raise NotDeliveredError(failures.get(status // 100, Failure.ANSWER))


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure.CERTIFICATE
    if isinstance(error, TimeoutError):
        return Failure.TIMEOUT
    return Failure.CONNECTION if isinstance(error, OSError) else Failure.ANSWER
