"""Where a request ends is no matter of opinion (request smuggling): the web server without the proxy."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import PROJECT_ROOT
from tests.conftest import test_environment
from tests.support.databases import sqlite_urls
from tests.support.mail_server import free_port

SMUGGLED = b"GET /hilfe HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE = 60


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Granian with the documented options. An empty database is enough for /livez."""
    number = free_port()
    environ = test_environment(sqlite_urls(Path(tmp_path_factory.mktemp("boundaries"))))
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "2", "--no-ws"]
    command = [
        sys.executable,
        "-m",
        "granian",
        *options,
        "--host",
        "127.0.0.1",
        "--port",
        str(number),
        "wsgi:app",
    ]
    server = subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(number)
        yield number
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if answers(port, b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") == [200]:
                return
        except OSError:
            time.sleep(0.2)
        assert time.monotonic() < deadline, "the server does not start"


def answers(port: int, sent: bytes) -> list[int]:
    """The status of each answer on one connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(sent)
        try:
            while piece := connection.recv(65536):
                received += piece
        except TimeoutError:
            pass
    return [int(line.split()[1]) for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(port: int, headers: bytes) -> None:
    sent = b"POST /livez HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\nabcde" + SMUGGLED

    assert answers(port, sent) == [400]


def test_nothing_is_taken_for_a_second_request_when_both_lengths_are_given(port: int) -> None:
    body = b"0\r\n\r\n" + SMUGGLED
    headers = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(body)

    assert answers(port, b"POST /livez HTTP/1.1\r\nHost: localhost\r\n" + headers + body) in ([400], [405])
