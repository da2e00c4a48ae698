"""Slow clients against the documented HAProxy: does everybody else still get an answer?

    .venv/bin/python -m benchmarks.slow_clients [--connections 100] [--seconds 30]

Starts PostgreSQL (out of the wheel of the tests), the application as in production (granian, 2 processes,
one worker) with demonstration data, and HAProxy with ``deploy/haproxy.cfg`` on other addresses and paths.
Half of the connections send a header byte by byte, half a body; each comes from an address of its own
(127.0.1.2 …), so that the limit of connections per source does not do the work. Needs HAProxy and Linux.
"""

import argparse
import asyncio
import http.client
import json
import os
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.certificate import write_certificate
from config import PROJECT_ROOT
from servicekonto.core import clock
from tests.conftest import a_key
from tests.support import postgres
from tests.support.mail_server import free_port

CONFIGURATION = PROJECT_ROOT / "deploy" / "haproxy.cfg"
NAME = "localhost"
START_SECONDS = 60
SLOW_HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
SLOW_BODY = (
    b"POST /anmelden HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\n"
)


@dataclass
class Site:
    """The application behind the proxy."""

    port: int
    certificate: Path
    email: str
    password: str

    def connection(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection(NAME, self.port, timeout=20, context=context)


@dataclass
class Attack:
    opened: int = 0
    cut: int = 0
    answered: list[int] = field(default_factory=list)

    async def run(self, site: Site, connections: int, until: float) -> None:
        slow = (self._keep_one_open(site, number, until) for number in range(connections))
        await asyncio.gather(*slow)

    async def _keep_one_open(self, site: Site, number: int, until: float) -> None:
        context = ssl.create_default_context(cafile=str(site.certificate))
        source = (f"127.0.{1 + number // 250}.{2 + number % 250}", 0)
        while time.monotonic() < until:
            with suppress(OSError, ssl.SSLError):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", site.port, ssl=context, server_hostname=NAME, local_addr=source
                )
                self.opened += 1
                try:
                    await self._drip(writer, reader, SLOW_BODY if number % 2 else SLOW_HEADER, until)
                finally:
                    writer.close()

    async def _drip(
        self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader, start: bytes, until: float
    ) -> None:
        writer.write(start)
        while time.monotonic() < until:
            writer.write(b"a")
            await writer.drain()
            with suppress(TimeoutError):
                answer = await asyncio.wait_for(reader.read(4096), timeout=1)
                self.cut += 1
                if match := re.match(rb"HTTP/1.1 (\d{3})", answer):
                    self.answered.append(int(match[1]))
                return


def main() -> None:
    arguments = argparse.ArgumentParser(description="Slow clients against the documented HAProxy")
    arguments.add_argument("--connections", type=int, default=100)
    arguments.add_argument("--seconds", type=int, default=30)
    chosen = arguments.parse_args()
    if haproxy() is None:
        sys.exit("haproxy is missing: apt-get install --no-install-recommends haproxy")
    with ExitStack() as stack:
        site = _start(stack)
        print("calm:   ", _measure(site, chosen.seconds / 3))
        attack = Attack()
        until = time.monotonic() + chosen.seconds
        attacker = threading.Thread(
            target=lambda: asyncio.run(attack.run(site, chosen.connections, until)), daemon=True
        )
        attacker.start()
        time.sleep(1)
        print("attack: ", _measure(site, chosen.seconds - 2))
        attacker.join()
        codes = {code: attack.answered.count(code) for code in sorted(set(attack.answered))}
        print(f"{chosen.connections} slow at a time: {attack.opened} opened, {attack.cut} cut, {codes}")


def haproxy() -> str | None:
    return shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")


def _measure(site: Site, seconds: float) -> str:
    ready, sign_in = _Series(lambda: _ready(site)), _Series(lambda: _sign_in(site))
    threads = [threading.Thread(target=series.run, args=(seconds,)) for series in (ready, sign_in)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"/readyz {ready}, sign-in {sign_in}"


class _Series:
    """One request after the other, a quarter of a second apart."""

    def __init__(self, request: Callable[[], float]) -> None:
        self._request, self.times, self.failed = request, list[float](), 0

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.times.append(self._request())
            except (OSError, http.client.HTTPException, AssertionError):
                self.failed += 1
            time.sleep(0.25)

    def __str__(self) -> str:
        if len(self.times) < 2:
            return f"no answer ({self.failed} failed)"
        cuts = statistics.quantiles(self.times, n=20, method="inclusive")
        middle = statistics.median(self.times)
        return (
            f"p50 {middle * 1000:.0f} ms, p95 {cuts[-1] * 1000:.0f} ms, max {max(self.times) * 1000:.0f} ms"
            f" ({len(self.times)} answers, {self.failed} failed)"
        )


def _ready(site: Site) -> float:
    started = time.perf_counter()
    connection = site.connection()
    connection.request("GET", "/readyz")
    assert connection.getresponse().status == http.HTTPStatus.OK
    connection.close()
    return time.perf_counter() - started


def _sign_in(site: Site) -> float:
    """From the click on the button to the answer; the page of the form is fetched before."""
    connection = site.connection()
    connection.request("GET", "/anmelden")
    page = connection.getresponse()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    assert token is not None
    cookies = "; ".join(cookie.split(";")[0] for cookie in page.headers.get_all("Set-Cookie", []))
    body = urlencode({"csrf_token": token[1], "email": site.email, "password": site.password})
    headers = {
        "Cookie": cookies,
        "Referer": f"https://{NAME}:{site.port}/anmelden",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    started = time.perf_counter()
    connection.request("POST", "/anmelden", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.SEE_OTHER, answer.status
    connection.close()
    return time.perf_counter() - started


def _start(stack: ExitStack) -> Site:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slow-clients-")))
    proxy_port, web_port = free_port(), free_port()
    environ = _environment(f"https://{NAME}:{proxy_port}")
    people = folder / "people.json"
    for command in (
        ["db", "upgrade"],
        ["authorities", "import"],
        ["catalogue", "publish"],
        ["seed", "--demo", "--json", str(people)],
    ):
        subprocess.run(_flask(*command), env=environ, cwd=PROJECT_ROOT, check=True, capture_output=True)
    certificate = write_certificate(folder, NAME, valid_for=timedelta(days=1), at=clock.now())
    configuration = folder / "haproxy.cfg"
    configuration.write_text(adapted(CONFIGURATION.read_text(), proxy_port, web_port, folder))
    for program in (_web(web_port), _flask("worker"), [str(haproxy()), "-db", "-f", str(configuration)]):
        stack.enter_context(_running(program, environ))
    citizen: dict[str, Any] = json.loads(people.read_text())["citizens"][0]
    site = Site(proxy_port, certificate, citizen["email"], citizen["password"])
    _wait_until_ready(site)
    return site


def adapted(text: str, proxy_port: int, web_port: int, folder: Path) -> str:
    """The documented configuration on this machine: other addresses, no chroot, no port 80."""
    for old, new in (
        ("    log /dev/log local0\n    chroot /var/lib/haproxy\n    user haproxy\n    group haproxy\n", ""),
        ("    bind :80\n", f"    bind 127.0.0.1:{free_port()}\n"),
        ("bind :443 ssl crt /etc/haproxy/certs/konto.pem", f"bind :{proxy_port} ssl crt {folder}/site.pem"),
        ("127.0.0.1:8000", f"127.0.0.1:{web_port}"),
        ("konto.example.org", NAME),
        ("/etc/haproxy/servicekonto-503.html", str(PROJECT_ROOT / "deploy" / "servicekonto-503.html")),
    ):
        if old not in text:
            raise ValueError(f"deploy/haproxy.cfg does not say {old!r} any more")
        text = text.replace(old, new)
    return text


def _environment(base_url: str) -> dict[str, str]:
    urls = postgres.new_database()
    return {
        "PATH": "/usr/bin:/bin",
        "SERVICEKONTO_MODE": "demo",
        "SERVICEKONTO_BASE_URL": base_url,
        "SERVICEKONTO_DATABASE_URL": urls.application,
        "SERVICEKONTO_MIGRATION_DATABASE_URL": urls.owner,
        "SERVICEKONTO_MASTER_KEY": f"test:{a_key('master')}",
        "SERVICEKONTO_SECRET_KEY": a_key("secret"),
        "SERVICEKONTO_TRUSTED_PROXIES": "1",
    }


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def _web(port: int) -> list[str]:
    options = [
        "--interface",
        "wsgi",
        "--workers",
        "2",
        "--blocking-threads",
        "16",
        "--backlog",
        "1024",
        "--no-ws",
    ]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "granian", *options, *address, "wsgi:app"]


@contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environ, cwd=PROJECT_ROOT, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_until_ready(site: Site) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _ready(site)
        except (OSError, AssertionError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main()
