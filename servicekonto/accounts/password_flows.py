"""What needs a password hash. These functions open their own units of work: the attempt is recorded and
committed, then the hash is computed with no transaction open, then its outcome is written.

For known, unknown, unconfirmed and locked addresses each computes exactly one hash: the time tells nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from servicekonto.accounts import (
    addresses,
    commands,
    events,
    password_policy,
    passwords,
    queries,
    sessions,
    throttle,
)
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.core.events import publish


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Who knocks. ``token``: of the session this browser has until now."""

    address: str | None
    device: str | None = None
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """A new session, for the cookie."""

    token: str
    kind: AccountKind


def register(
    email: str, password: str, *, browser: Browser, at: datetime, language: str | None = None
) -> None:
    with unit_of_work():
        throttle.record(throttle.registration_attempt(address=browser.address), at=at)
    encoded_hash = passwords.hash_password(password)
    with unit_of_work():
        commands.register(email, encoded_hash=encoded_hash, language=language, at=at)


def sign_in(email: str, password: str, *, browser: Browser, at: datetime) -> Started | None:
    """None when the password is wrong. Raises ThrottledError."""
    email_index = addresses.fingerprint(email)
    attempt = throttle.sign_in_attempt(email_index=email_index, address=browser.address)
    with unit_of_work():
        throttle.record(attempt, at=at)
        known = queries.known_password(email_index)
    if not passwords.matches(known.encoded_hash if known else None, password) or known is None:
        return None
    renewed = passwords.hash_password(password) if passwords.needs_rehash(known.encoded_hash) else None
    with unit_of_work():
        if queries.known_password(email_index) != known:  # changed or locked while we were hashing
            return None
        throttle.forgive(attempt, at=at)
        account = queries.get(known.account_id)
        if renewed:
            commands.renew_hash(account, known_hash=known.encoded_hash, encoded_hash=renewed)
        return start_session(account, browser=browser, at=at)


def start_session(account: Account, *, browser: Browser, at: datetime) -> Started:
    """After whatever proved that it is the owner. Works in the surrounding unit of work."""
    token = sessions.start(account, AssuranceLevel.LOW, at, device=browser.device, replaces=browser.token)
    commands.note_sign_in(account, at=at)
    publish(events.SignedIn(subject_id=account.id, actor_id=account.id, occurred_at=at))
    return Started(token=token, kind=account.kind)


def change_password(
    account_id: UUID, current: str, new: str, *, browser: Browser, at: datetime
) -> Started | None:
    """All sessions are over and this browser gets a new one. None when the current password is wrong."""
    with unit_of_work():
        account = queries.get(account_id)
        attempt = throttle.sign_in_attempt(email_index=account.email_index, address=browser.address)
        throttle.record(attempt, at=at)
        known = queries.known_password(account.email_index)
    if not passwords.matches(known.encoded_hash if known else None, current) or known is None:
        return None
    encoded_hash = passwords.hash_password(new)
    with unit_of_work():
        throttle.forgive(attempt, at=at)
        account = queries.get(account_id)
        commands.change_password(account, known_hash=known.encoded_hash, encoded_hash=encoded_hash, at=at)
        return start_session(account, browser=browser, at=at)


def owner_of_reset_link(token: str, *, at: datetime) -> UUID:
    """Raises NotFoundError for unknown, used and expired links: for them nothing is hashed."""
    with unit_of_work(read_only=True):
        account = queries.account_of_reset_link(token, at=at)
        if account is None:
            raise NotFoundError("link")
        return account.id


def reset_password(token: str, new: str, *, at: datetime) -> None:
    """Raises NotFoundError when the link was used in the meantime."""
    encoded_hash = passwords.hash_password(new)
    with unit_of_work():
        commands.reset_password(token, encoded_hash=encoded_hash, at=at)


def problem_with(password: str, *, account_id: UUID) -> str | None:
    """``password_policy.problem`` for an existing account; estimated with no transaction open."""
    with unit_of_work(read_only=True):
        account = queries.get(account_id)
        kind, words = account.kind, queries.personal_words(account)
    return password_policy.problem(password, kind=kind, personal=words)
