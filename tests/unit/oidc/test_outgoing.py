"""A form posted to the server of a website, over real sockets."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from servicekonto.oidc import outgoing
from servicekonto.oidc.outgoing import Failure, NotDeliveredError, post_form
from tests.builders.logout import receiver
from tests.support.certificates import make_tls

Talk = Callable[[socket.socket], None]
FIELDS = {"logout_token": "a+b/c="}


@contextmanager
def listening(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says ``talk`` to each that comes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            try:
                with closing(
                    context.wrap_socket(connection, server_side=True) if context else connection
                ) as it:
                    talk(it)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def read_request(connection: socket.socket) -> None:
    """All of it: closing with something unread would break the connection off."""
    seen = b""
    while not seen.endswith(b"a%2Bb%2Fc%3D"):
        more = connection.recv(65536)
        if not more:
            return
        seen += more


def answering(*parts: bytes, pause: float = 0.0) -> Talk:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return talk


def failure_of(url: str, **options: Any) -> Failure:
    with pytest.raises(NotDeliveredError) as raised:
        post_form(url, FIELDS, **options)
    return raised.value.failure


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Name → the addresses of each look-up in turn, as an attacker's name server gives them."""
    known: dict[str, list[list[str]]] = {}
    look_up = socket.getaddrinfo

    def by_table(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host in known:
            found = known[host].pop(0)
            return [entry for address in found for entry in look_up(address, port, *rest, **options)]
        return look_up(host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", by_table)
    return known


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were opened to; none of them is."""
    opened: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], **_options: object) -> socket.socket:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return opened


def test_a_form_arrives_as_it_was_given() -> None:
    with receiver() as received:
        post_form(received.uri, FIELDS, with_loopback=True)

    ((path, headers, body),) = received.requests
    assert path == "/backchannel?of=us"
    assert body == b"logout_token=a%2Bb%2Fc%3D"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (301, Failure.REDIRECT),
        (302, Failure.REDIRECT),
        (307, Failure.REDIRECT),
        (400, Failure.REFUSED),
        (501, Failure.ERROR),
        (700, Failure.ANSWER),
    ],
)
def test_anything_but_yes_is_a_failure_and_no_redirect_is_followed(status: int, failure: Failure) -> None:
    with receiver() as received:
        received.answers = [status]

        assert failure_of(received.uri, with_loopback=True) is failure
    assert len(received.requests) == 1


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"]
)
def test_toy_23_a_name_that_leads_behind_our_walls_is_not_connected_to(
    names: dict[str, list[list[str]]], connections: list[tuple[str, int]], address: str
) -> None:
    names["website.example"] = [[address]]

    assert failure_of("https://website.example/") is Failure.ADDRESS
    assert connections == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "[::]"]
)
def test_toy_23_no_way_to_write_this_machine_leads_to_it(
    connections: list[tuple[str, int]], host: str
) -> None:
    assert failure_of(f"https://{host}/") in {Failure.ADDRESS, Failure.NAME}
    assert connections == []


def test_a_name_that_leads_to_the_internet_and_behind_our_walls_is_not_tried(
    names: dict[str, list[list[str]]], connections: list[tuple[str, int]]
) -> None:
    names["website.example"] = [["93.184.216.34", "10.0.0.5"]]

    assert failure_of("https://website.example/") is Failure.ADDRESS
    assert connections == []


def test_toy_23_a_name_that_changes_in_between_does_not_matter(
    names: dict[str, list[list[str]]], connections: list[tuple[str, int]]
) -> None:
    """DNS rebinding: the address that was checked is the one that is connected to."""
    names["website.example"] = [["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]]

    assert failure_of("https://website.example/") is Failure.CONNECTION
    assert connections == [("93.184.216.34", 443)]
    assert len(names["website.example"]) == 2, "looked up once"


def test_an_unencrypted_address_is_not_connected_to(connections: list[tuple[str, int]]) -> None:
    assert failure_of("http://93.184.216.34/") is Failure.ADDRESS
    assert connections == []


def test_a_name_that_nobody_has_is_said_to_be_one() -> None:
    assert failure_of("https://gibt-es-nicht.invalid/") is Failure.NAME


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with listening(answering()) as port:
        pass

    assert failure_of(f"http://127.0.0.1:{port}/", with_loopback=True) is Failure.CONNECTION


@pytest.mark.parametrize(
    "talk",
    [
        answering(b"", pause=5),
        answering(b"HTTP/1.1 200 OK\r\n", *[b"X"] * 200, pause=0.05),
        answering(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 200, pause=0.05),
    ],
    ids=["nothing", "a byte at a time", "always just a moment"],
)
def test_toy_23_everything_together_has_a_deadline(monkeypatch: pytest.MonkeyPatch, talk: Talk) -> None:
    monkeypatch.setattr(outgoing, "DEADLINE", 0.4)
    begun = time.monotonic()

    with listening(talk) as port:
        assert failure_of(f"http://127.0.0.1:{port}/", with_loopback=True) is Failure.TIMEOUT

    assert time.monotonic() - begun < 2


def test_an_endless_answer_is_not_read() -> None:
    sent: list[int] = []

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    begun = time.monotonic()
    with listening(talk) as port:
        post_form(f"http://127.0.0.1:{port}/", FIELDS, with_loopback=True)

    assert time.monotonic() - begun < 2
    assert sum(sent) < 50_000_000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"Guten Tag\r\n\r\n",
        b"HTTP/1.1 x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        bytes(range(256)),
    ],
)
def test_what_is_no_answer_is_a_failure(answer: bytes) -> None:
    with listening(answering(answer)) as port:
        found = failure_of(f"http://127.0.0.1:{port}/", with_loopback=True)

    assert found in {Failure.ANSWER, Failure.CONNECTION}


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    context = make_tls(tmp_path).of_a_server()

    with listening(answering(b"HTTP/1.1 200 OK\r\n\r\n"), context) as port:
        found = failure_of(f"https://127.0.0.1:{port}/", with_loopback=True)

    assert found is Failure.CERTIFICATE


def test_a_certificate_that_is_trusted_and_fits_the_name_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: dict[str, list[list[str]]]
) -> None:
    tls = make_tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    names["website.example"] = [["127.0.0.1"]]

    with listening(answering(b"HTTP/1.1 204 No Content\r\n\r\n"), tls.of_a_server()) as port:
        post_form(f"https://127.0.0.1:{port}/", FIELDS, with_loopback=True)

        assert failure_of(f"https://website.example:{port}/", with_loopback=True) is Failure.CERTIFICATE


def test_a_server_without_encryption_gets_nothing() -> None:
    with receiver() as received:
        found = failure_of(f"https://127.0.0.1:{received.port}/", with_loopback=True)

    assert found is Failure.CONNECTION
    assert received.requests == []
