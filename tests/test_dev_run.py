"""``dev.py run --with-example`` in a folder where nothing was done before: both sites answer, and signing in
at one leads over to the other.
"""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from tooling import ROOT, assets, demo, environment, example

SECONDS = 240
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "build", "tests", "docs", "benchmarks", "node_modules"
)


@dataclass(frozen=True)
class Running:
    folder: Path
    address: str
    process: "subprocess.Popen[str]"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    if not _is_free(example.PORT):
        pytest.skip(f"port {example.PORT} is taken: the example website has no other")
    folder = _copy(tmp_path / "servicekonto")
    command = [sys.executable, "-u", "dev.py", "run", "--with-example", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield Running(folder, _address_said_by(process), process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return listener.connect_ex(("127.0.0.1", port)) != 0


def _copy(folder: Path) -> Path:
    """As after a download, but that the packages are there already: tests ask no registry."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(environment.VENV.resolve())
    interface = folder / "build" / assets.interface_folder().relative_to(ROOT / "build")
    interface.parent.mkdir(parents=True)
    interface.symlink_to(assets.interface_folder().resolve())
    _make_venv_of_example(folder / "build" / example.VENV.name)
    return folder


def _make_venv_of_example(place: Path) -> None:
    """It sees what is installed for Servicekonto, which is the same and more."""
    venv.create(place, symlinks=True)
    packages, ours = environment.site_packages_of(place), environment.site_packages_of(environment.VENV)
    (packages / "ours.pth").write_text(f"{ours.resolve()}\n")
    (packages / "pip").mkdir()
    (place / f".installed-{example.LOCK.stem}").write_text(environment.digest(example.LOCK))


def _address_said_by(process: "subprocess.Popen[str]") -> str:
    lines: SimpleQueue[str] = SimpleQueue()
    assert process.stdout is not None
    Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    said = ""
    while "Demokonten" not in said:
        try:
            said += lines.get(timeout=SECONDS)
        except Empty:
            pytest.fail(f"it does not start:\n{said}")
        assert process.poll() is None, said
    assert f"{example.BASE_URL}/" in said
    return re.search(r"läuft: (http://localhost:\d+)/", said)[1]  # type: ignore[index]


def _read(source: IO[str], lines: "SimpleQueue[str]") -> None:
    with source:
        for line in source:
            lines.put(line)


def press(session: requests.Session, page: requests.Response, button: str, **typed: str) -> requests.Response:
    """On the form with this button, as a browser without scripts does."""
    assert page.status_code == 200, page.text
    buttons = BeautifulSoup(page.text, "html.parser").select("main form button")
    pressed = next((each for each in buttons if each.get_text(strip=True) == button), None)
    form = pressed.find_parent("form") if pressed else None
    assert pressed is not None and form is not None, f"no button {button!r} at {page.url}"
    fields = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
    if pressed.get("name"):
        fields[str(pressed["name"])] = str(pressed["value"])
    target = urljoin(page.url, str(form.get("action") or page.url))
    return session.post(target, data=fields | typed, headers={"Referer": page.url}, timeout=30)


@pytest.mark.slow
def test_both_sites_answer_and_signing_in_at_the_example_leads_over_and_back(running: Running) -> None:
    accounts = json.loads((running.folder / demo.ACCOUNTS.relative_to(ROOT)).read_text())
    person = accounts["citizens"][0]
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Accept-Language"] = "de"
        assert session.get(f"{running.address}/readyz", timeout=30).status_code == 200

        start = session.get(f"{example.BASE_URL}/", timeout=30)
        sign_in = press(session, start, "Mit dem Servicekonto anmelden")
        assert sign_in.url == f"{running.address}/anmelden"
        consent = press(session, sign_in, "Anmelden", email=person["email"], password=person["password"])
        assert consent.url.startswith(f"{running.address}/oidc/vorgang/")
        shown = press(session, consent, "Allem zustimmen")

    assert shown.url == f"{example.BASE_URL}/angaben"
    assert person["name"] in shown.text
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
