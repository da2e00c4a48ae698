"""Accounts of invented people."""

import functools
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from servicekonto.accounts import addresses, commands, levels, passwords, sessions, step_up
from servicekonto.accounts.factor_models import PasswordCredential
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands import consents
from servicekonto.data_protection.purposes import Purpose
from tests.support.client import PageClient

PASSWORD = "korrekt pferd batterie klammer"
SOME_DAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

_sequence = count(1)


def create_account(
    *,
    email: str | None = None,
    password: str = PASSWORD,
    values: dict[str, object] | None = None,
    agrees: bool = False,
    **overrides: Any,
) -> Account:
    """A confirmed citizen. ``values``: personal data. ``confirmed_at=None``: no password works yet.

    ``agrees``: to personal data being kept, without any so far.
    """
    email = email or f"person{next(_sequence)}@example.org"
    columns = {"kind": AccountKind.CITIZEN, "created_at": SOME_DAY, "confirmed_at": SOME_DAY} | overrides
    with unit_of_work():
        account = Account(email=email, email_index=addresses.fingerprint(email), **columns)
        db.session.add(account)
        db.session.flush()
        if account.confirmed_at is not None:
            db.session.add(
                PasswordCredential(
                    account_id=account.id, encoded_hash=encoded_hash(password), changed_at=SOME_DAY
                )
            )
        if values or agrees:
            consents.give(account, Purpose.PERMANENT_STORAGE, by=account, at=SOME_DAY)
        if values:
            commands.save_personal_data(account, values, by=account, at=SOME_DAY)
    return account


@functools.cache
def encoded_hash(password: str) -> str:
    """Hashing again for each account would only take time."""
    return passwords.hash_password(password)


def sign_in(
    client: PageClient | FlaskClient,
    account: Account,
    *,
    level: AssuranceLevel | None = None,
    at: datetime | None = None,
) -> str:
    """Gives the client the cookie of a new session; returns its token. Staff have used a second factor."""
    level = level or levels.of_demonstration(account)
    with unit_of_work():
        token = sessions.start(account.id, level, at or clock.now())
    flask_client = client.client if isinstance(client, PageClient) else client
    flask_client.set_cookie("servicekonto", token, domain="localhost")
    return token


def is_signed_in(client: PageClient) -> bool:
    return client.client.get("/konto").status_code == 200


def age_the_proof() -> None:
    """Of everybody who is signed in: too old for what matters."""
    with unit_of_work():
        before = clock.now() - step_up.RECENT - timedelta(minutes=1)
        db.session.execute(sa.update(LoginSession).values(authenticated_at=before))
