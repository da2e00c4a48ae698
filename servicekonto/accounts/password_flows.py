"""What needs a password hash. These functions open their own units of work: the attempt is recorded and
committed, then the hash is computed with no transaction open, then its outcome is written.
"""

from datetime import datetime
from uuid import UUID

from servicekonto.accounts import (
    attempts,
    commands,
    factors,
    links,
    password_policy,
    passwords,
    queries,
    recovery,
    sessions,
    throttle,
)
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.models import AssuranceLevel, OneTimeLinkPurpose
from servicekonto.accounts.sign_in_flows import Started
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import NotFoundError


def count_registration(*, browser: Browser, at: datetime) -> None:
    """Also when something is missing in the form. Raises ThrottledError."""
    with unit_of_work():
        throttle.record(throttle.registration_attempt(address=browser.address), at=at)


def register(email: str, password: str, *, at: datetime, language: str | None = None) -> None:
    encoded_hash = passwords.hash_password(password)
    with unit_of_work():
        commands.register(email, encoded_hash=encoded_hash, language=language, at=at)


def change_password(
    session_id: UUID, account_id: UUID, current: str, new: str, *, browser: Browser, at: datetime
) -> Started | None:
    """All other sessions are over and this one gets a new token. None when the current password is wrong.

    With a second factor the password alone is no proof of who is there.
    """
    with unit_of_work():
        account = queries.get(account_id)
        attempt = throttle.sign_in_attempt(email_index=account.email_index, address=browser.address)
        throttle.record(attempt, at=at)
        known = attempts.try_password(account.email_index, at=at)
    if not passwords.matches(known.encoded_hash if known else None, current) or known is None:
        return None
    encoded_hash = passwords.hash_password(new)
    with unit_of_work():
        throttle.forgive(attempt, at=at)
        account = queries.get(account_id)
        commands.change_password(
            account, known_hash=known.encoded_hash, encoded_hash=encoded_hash, but=session_id, at=at
        )
        if factors.has_second(account_id):
            token = sessions.replace_token(session_id)
        else:
            token = sessions.renew(session_id, AssuranceLevel.LOW, at)
        return Started(token=token, kind=account.kind)


def owner_of_link(token: str, purpose: OneTimeLinkPurpose, *, at: datetime) -> UUID:
    """Raises NotFoundError for unknown, used and expired links: for them nothing is hashed."""
    with unit_of_work(read_only=True):
        link = links.find(token, purpose, at=at)
        if link is None:
            raise NotFoundError("link")
        return link.account_id


def reset_password(token: str, new: str, *, at: datetime) -> None:
    """Raises NotFoundError when the link was used in the meantime."""
    encoded_hash = passwords.hash_password(new)
    with unit_of_work():
        commands.reset_password(token, encoded_hash=encoded_hash, at=at)


def finish_reset(token: str, new: str, *, at: datetime) -> None:
    """As ``reset_password``, when the factors were lost too."""
    encoded_hash = passwords.hash_password(new)
    with unit_of_work():
        recovery.finish_reset(token, encoded_hash=encoded_hash, at=at)


def problem_with(password: str, *, account_id: UUID) -> str | None:
    """``password_policy.problem`` for an existing account; estimated with no transaction open."""
    with unit_of_work(read_only=True):
        account = queries.get(account_id)
        kind, words = account.kind, queries.personal_words(account)
    return password_policy.problem(password, kind=kind, personal=words)
