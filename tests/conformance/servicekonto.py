"""Servicekonto as a demonstration runs it: the forms of its pages, and clients from ``flask clients``."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Page as BrowserPage

from tests.conformance.clients import METHODS, Client, public_keys, unregistered
from tests.conformance.provider import CONSENT, SIGN_IN, SIGN_OUT, Levels, Provider
from tests.conformance.receiver import Receiver
from tests.conformance.tokens import now
from tests.conformance.user_agent import Form, Page, Step, UserAgent
from tests.conftest import test_environment
from tests.support.certificates import Tls
from tests.support.databases import DatabaseUrls
from tests.support.server import PEOPLE, Server, fill_database, running_server
from tests.support.templates import copy_of
from tooling import ROOT

_TEMPLATE = "seeded"
COMMANDS = "tests.conformance.many_commands"
_LEVEL = "http://eidas.europa.eu/LoA/"
_FORMS_IN_BROWSER = "main form:has([name=password], [name=action], [name=vorgang])"
_AGREE, _DENY = (("action", "all"), ("action", "agree")), ("action", "deny")


class OurProvider(Provider):
    levels = Levels(low=f"{_LEVEL}low", high=f"{_LEVEL}substantial")
    known_claims = frozenset(
        {"name", "given_name", "family_name", "birthdate", "email", "email_verified", "address"}
    )
    # Whoever has two factors needs a code for every sign-in: nobody of them is below the higher level.
    step_up = {"prompt": "login"}

    def __init__(self, name: str, server: Server, tls: Tls, clients: Mapping[str, Client]) -> None:
        super().__init__(server.base_url, tls, clients)
        self.name = name
        self._server = server
        self._people = {bool("totp_secret" in each): each for each in reversed(server.people["citizens"])}
        self._last_step = 0

    def page_kind(self, page: Page) -> str | None:
        found = (_kind(form) for form in page.forms)
        return next((kind for kind in found if kind), None)

    def go_on(self, agent: UserAgent, page: Page) -> Step:
        form = _form(page)
        if _kind(form) == SIGN_IN:
            return agent.submit(form, self._typed(self._people[agent.with_two_factors]))
        button = next((each for each in _AGREE if each in form.buttons), None)
        return agent.submit(form, button=button, ticks_all=True)

    def _typed(self, person: Mapping[str, Any]) -> dict[str, str]:
        found = {"email": str(person["email"]), "password": str(person["password"])}
        return found | ({"code": self._code(person["totp_secret"])} if "totp_secret" in person else {})

    def _code(self, secret: str) -> str:
        """Each is good once, and the next one half a minute early."""
        app = pyotp.TOTP(secret)
        self._last_step = max(self._last_step + 1, now() // app.interval)
        time.sleep(max(0, (self._last_step - 1) * app.interval - now()))
        return app.generate_otp(self._last_step)

    def go_on_in_browser(self, page: BrowserPage) -> None:
        form = page.locator(_FORMS_IN_BROWSER).first
        if form.locator("[name=password]").count():
            for name, value in self._typed(self._people[True]).items():
                if form.locator(f"[name={name}]").count():
                    form.locator(f"[name={name}]").fill(value)
        for box in form.locator("input[type=checkbox]").all():
            box.check()
        form.locator("button[type=submit]").first.click()

    def deny(self, agent: UserAgent, page: Page) -> Step:
        return agent.submit(_form(page), button=_DENY)

    def rotate_keys(self) -> None:
        self._server.flask("keys", "rotate", "--now")

    def replace_keys(self, client: Client) -> None:
        file = _keys_of(client, self._server.folder)
        self._server.flask("clients", "set-keys", client.client_id, str(file))


def _kind(form: Form) -> str | None:
    if "password" in form.names:
        return SIGN_IN
    if set(_AGREE) & set(form.buttons):
        return CONSENT
    return SIGN_OUT if "vorgang" in form.names else None


def _form(page: Page) -> Form:
    return next(form for form in page.forms if _kind(form))


@contextmanager
def running_servicekonto(
    database: str, folder: Path, shared: Path, tls: Tls, receiver: Receiver
) -> Iterator[OurProvider]:
    seeded = shared / f"{_TEMPLATE}-{database}"
    urls = copy_of(_TEMPLATE, database, partial(_fill, seeded), shared=shared, folder=folder)
    shutil.copy(seeded / PEOPLE, folder)
    environ = test_environment(urls) | {"SSL_CERT_FILE": str(tls.authority)}
    with running_server(environ, folder, tls=tls) as server:
        yield OurProvider(f"servicekonto-{database}", server, tls, _register(server, receiver))


def _fill(seeded: Path, urls: DatabaseUrls) -> None:
    """Once in a run, not in every process of it. Of SQLite one file is left, all is in it."""
    seeded.mkdir()
    fill_database(test_environment(urls), seeded)
    if urls.owner.startswith("sqlite:"):
        with closing(sqlite3.connect(urls.owner.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _register(server: Server, receiver: Receiver) -> dict[str, Client]:
    """In one process: starting the application takes longer than all the rest."""
    clients = {kind: unregistered(kind, receiver) for kind in METHODS}
    commands = {name: _command(client, server.folder) for name, client in clients.items()}
    done = subprocess.run(
        [sys.executable, "-m", COMMANDS],
        input=json.dumps(list(commands.values())),
        cwd=ROOT,
        env={**os.environ, **server.environ},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = dict(zip(commands, json.loads(done.stdout.splitlines()[-1]), strict=True))
    return {name: _with_names(client, said[name]) for name, client in clients.items()}


def _command(client: Client, folder: Path) -> list[str]:
    scopes = [part for scope in ("profile", "email", "address", "phone") for part in ("--scope", scope)]
    return [
        "clients", "register", "--name", f"Website {client.kind}", "--purpose", "Wir prüfen.",
        "--purpose-en", "We test.", "--contact-email", "test@example.org",
        "--home-page", client.redirect_uri.partition("?")[0], "--redirect-uri", client.redirect_uri,
        "--post-logout-redirect-uri", client.post_logout_redirect_uri, "--offline-access",
        *scopes, *_options(client, folder),
    ]  # fmt: skip


def _options(client: Client, folder: Path) -> list[str]:
    if client.auth_method == "none":
        return ["--kind", "public"]
    options = ["--auth-method", client.auth_method]
    if client.key is not None:
        options += ["--jwks", str(_keys_of(client, folder))]
    if client.id_token_alg:
        options += ["--id-token-alg", client.id_token_alg]
    if client.backchannel_logout_uri:
        options += ["--backchannel-logout-uri", client.backchannel_logout_uri]
        options += ["--backchannel-logout-session-required"]
    return [*options, *(["--dpop", "--require-par"] if client.is_fapi else ["--without-pkce"])]


def _keys_of(client: Client, folder: Path) -> Path:
    file = folder / f"{client.kind}.json"
    file.write_text(json.dumps({"keys": public_keys(client)}))
    return file


def _with_names(client: Client, said: str) -> Client:
    found = dict(re.findall(r"^(client_id|client_secret): (\S+)$", said, re.MULTILINE))
    return replace(client, client_id=found["client_id"], secret=found.get("client_secret", ""))
