"""Who is signed in here. On the server, in SQLite: a signed cookie could not be ended by anybody but the
browser that has it, and Servicekonto says by a call of its own when somebody signed out.
"""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from relying_party.sign_in import SignedIn

VALID_SECONDS = 3600
_TABLES = """
create table if not exists session (
    token_hash blob primary key, sub text not null, sid text, level text not null,
    authenticated_at integer not null, claims text not null, id_token text not null,
    expires_at integer not null);
create index if not exists session_sub on session (sub);
create index if not exists session_sid on session (sid);
create table if not exists logout_token (jti text primary key, expires_at integer not null);
"""


class Sessions:
    """The browser has a random token, the file only its hash: who reads the file signs in nowhere."""

    def __init__(self, file: str) -> None:
        self._file = file
        with self._connection() as connection:
            connection.executescript(_TABLES)

    def begin(self, who: SignedIn) -> str:
        """The token for the cookie: a new one for every sign-in (no session fixation)."""
        token = secrets.token_urlsafe(32)
        row = (
            _hash(token), who.sub, who.sid, who.level, who.authenticated_at,
            json.dumps(dict(who.claims)), who.id_token, int(time.time()) + VALID_SECONDS,
        )  # fmt: skip
        with self._connection() as connection:
            connection.execute("delete from session where expires_at < ?", [time.time()])
            connection.execute("insert into session values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return token

    def get(self, token: str) -> SignedIn | None:
        query = (
            "select sub, sid, level, authenticated_at, claims, id_token from session"
            " where token_hash = ? and expires_at > ?"
        )
        with self._connection() as connection:
            row = connection.execute(query, [_hash(token), time.time()]).fetchone()
        if row is None:
            return None
        sub, sid, level, authenticated_at, claims, id_token = row
        return SignedIn(sub, sid, level, authenticated_at, json.loads(claims), id_token)

    def end(self, token: str) -> None:
        with self._connection() as connection:
            connection.execute("delete from session where token_hash = ?", [_hash(token)])

    def end_all(self, *, sub: str | None, sid: str | None) -> None:
        """Of one sign-in at Servicekonto (``sid``), or without one all of this person."""
        with self._connection() as connection:
            if sid is not None:
                connection.execute("delete from session where sid = ?", [sid])
            else:
                connection.execute("delete from session where sub = ?", [sub])

    def is_first(self, jti: str, *, until: int) -> bool:
        """False for a logout token that was here before."""
        with self._connection() as connection:
            connection.execute("delete from logout_token where expires_at < ?", [time.time()])
            query = "insert into logout_token values (?, ?) on conflict do nothing"
            return connection.execute(query, [jti, until]).rowcount == 1

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
