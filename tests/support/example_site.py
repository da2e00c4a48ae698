"""examples/relying_party as a process of its own, registered at a running Servicekonto."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.mail_server import free_port
from tests.support.server import Server, stop, wait_for
from tooling import example
from tooling.processes import Service


@contextmanager
def running_example(server: Server) -> Iterator[str]:
    """Its address."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    environ = example.environment(
        _registered(server, base_url), issuer=server.base_url, base_url=base_url, folder=server.folder
    )
    command = example.command("127.0.0.1", port, python=Path(sys.executable))
    services = [Service("example", command, environ=environ, log=server.folder / "example.log")]
    try:
        wait_for(lambda: _answers(base_url), services)
        yield base_url
    finally:
        stop(services)


def _registered(server: Server, base_url: str) -> dict[str, str]:
    """At another port than the one of the demonstration."""
    said = server.flask(
        "clients", "register", "--name", "Standesamtsportal Musterstadt",
        "--purpose", "Sie bestellen Urkunden.", "--purpose-en", "You order certificates.",
        "--contact-email", "standesamt@musterstadt.example.org", "--home-page", f"{base_url}/",
        "--redirect-uri", f"{base_url}/callback", "--post-logout-redirect-uri", f"{base_url}/abgemeldet",
        "--backchannel-logout-uri", f"{base_url}/backchannel-logout", "--backchannel-logout-session-required",
        "--scope", "profile", "--scope", "email", "--scope", "address",
    )  # fmt: skip
    return dict(re.findall(r"^(client_id|client_secret): (\S+)$", said, re.MULTILINE))


def _answers(base_url: str) -> bool:
    try:
        with urlopen(base_url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, ConnectionError):
        return False
