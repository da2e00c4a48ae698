"""How often something may be tried. It never sleeps and never locks an account: whoever guesses waits, the
owner elsewhere does not.

One unit of work records the attempt (``record``) and commits; the slow check runs with no transaction open;
another unit of work gives the attempt back when it was rightful (``forgive``).
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts import counters
from servicekonto.accounts.counters import Rows, rows_of
from servicekonto.accounts.models import LoginThrottle
from servicekonto.core.db import db
from servicekonto.core.errors import ThrottledError
from servicekonto.core.sealing import blind_index


@dataclass(frozen=True)
class Rule:
    """``limit`` attempts are let through in ``window``. Then the wait is ``first_wait``, doubled by each
    further attempt up to ``longest_wait``; without ``first_wait`` it lasts until the window ends.
    """

    limit: int
    window: timedelta
    first_wait: timedelta | None = None
    longest_wait: timedelta = timedelta(minutes=15)

    def wait_after(self, attempts: int, *, remaining: timedelta) -> timedelta | None:
        """``attempts`` includes the one just recorded, ``remaining`` is what is left of the window."""
        if attempts < self.limit:
            return None
        if self.first_wait is None:
            return remaining
        doublings = min(attempts - self.limit, 16)
        return min(self.first_wait * (1 << doublings), self.longest_wait)


SIGN_IN_ACCOUNT = "sign_in.account_and_network"
SIGN_IN_NETWORK = "sign_in.network"
SIGN_IN_ALL = "sign_in.all"
MAIL_ACCOUNT = "mail.account"
MAIL_NETWORK = "mail.network"
EMAIL_CHANGE = "email_change.account"
REGISTRATION_NETWORK = "registration.network"
REGISTRATION_ALL = "registration.all"
PROOF_CODE_NETWORK = "proof_code.network"
PROOF_FILE_NETWORK = "proof_file.network"
AUTOSAVE_ACCOUNT = "autosave.account"
CODE_SHORT = "code.account.5_minutes"
CODE_HOUR = "code.account.hour"
CODE_DAY = "code.account.day"
PASSKEY_NETWORK = "passkey.network"
WEBSITE_REQUEST_NETWORK = "website_request.network"
WEBSITE_REQUEST_CLIENT = "website_request.client"
IDENTITY_CODE = "identity_code.account"
CODE_RULES = (CODE_SHORT, CODE_HOUR, CODE_DAY)

RULES: dict[str, Rule] = {
    SIGN_IN_ACCOUNT: Rule(5, timedelta(hours=12), first_wait=timedelta(seconds=30)),
    SIGN_IN_NETWORK: Rule(10, timedelta(minutes=5)),
    SIGN_IN_ALL: Rule(1000, timedelta(minutes=5)),
    MAIL_ACCOUNT: Rule(5, timedelta(days=1)),
    MAIL_NETWORK: Rule(20, timedelta(hours=1)),
    EMAIL_CHANGE: Rule(5, timedelta(days=1)),
    REGISTRATION_NETWORK: Rule(40, timedelta(hours=1)),
    REGISTRATION_ALL: Rule(1000, timedelta(hours=1)),
    PROOF_CODE_NETWORK: Rule(30, timedelta(minutes=10)),
    PROOF_FILE_NETWORK: Rule(30, timedelta(minutes=10)),
    AUTOSAVE_ACCOUNT: Rule(200, timedelta(minutes=5)),
    CODE_SHORT: Rule(5, timedelta(minutes=5)),
    CODE_HOUR: Rule(20, timedelta(hours=1)),
    CODE_DAY: Rule(50, timedelta(days=1)),
    IDENTITY_CODE: Rule(10, timedelta(hours=1)),
    PASSKEY_NETWORK: Rule(20, timedelta(minutes=5)),
    WEBSITE_REQUEST_NETWORK: Rule(1000, timedelta(minutes=5)),
    WEBSITE_REQUEST_CLIENT: Rule(5000, timedelta(minutes=5)),
}


_WINDOWS = {scope: rule.window for scope, rule in RULES.items()}


@dataclass(frozen=True)
class Attempt:
    """What one attempt counts against: pairs of a rule's name and a subject."""

    counters: tuple[tuple[str, str], ...]

    @cached_property
    def rows(self) -> Rows:
        """Recording an attempt and giving it back name the same ones."""
        return rows_of(
            [(scope, blind_index(f"throttle.{scope}", subject)) for scope, subject in self.counters]
        )


def sign_in_attempt(*, email_index: bytes, address: str | None) -> Attempt:
    """By the typed address, not by the account: an unknown one is throttled alike."""
    network = network_of(address)
    return Attempt(
        (
            (SIGN_IN_ACCOUNT, f"{email_index.hex()}|{network}"),
            (SIGN_IN_NETWORK, network),
            (SIGN_IN_ALL, ""),
        )
    )


def code_attempt(account_id: UUID) -> Attempt:
    return Attempt(tuple((rule, str(account_id)) for rule in CODE_RULES))


def identity_attempt(staff_account_id: UUID) -> Attempt:
    """A clerk types a code that somebody has brought to the counter; a right one is forgiven."""
    return Attempt(((IDENTITY_CODE, str(staff_account_id)),))


def passkey_attempt(*, address: str | None) -> Attempt:
    return Attempt(((PASSKEY_NETWORK, network_of(address)), (SIGN_IN_ALL, "")))


def mail_attempt(*, address: str | None) -> Attempt:
    return Attempt(((MAIL_NETWORK, network_of(address)),))


def email_change_attempt(account_id: UUID) -> Attempt:
    """By the owner: what strangers ask for in their name does not count here."""
    return Attempt(((EMAIL_CHANGE, str(account_id)),))


def registration_attempt(*, address: str | None) -> Attempt:
    return Attempt(((REGISTRATION_NETWORK, network_of(address)), (REGISTRATION_ALL, "")))


def proof_code_attempt(*, address: str | None) -> Attempt:
    """Looking up a document by its code; a right code is forgiven."""
    return Attempt(((PROOF_CODE_NETWORK, network_of(address)),))


def proof_file_attempt(*, address: str | None) -> Attempt:
    return Attempt(((PROOF_FILE_NETWORK, network_of(address)),))


def autosave_attempt(account_id: UUID) -> Attempt:
    """The script saves three seconds after the last key at the earliest: two tabs stay below."""
    return Attempt(((AUTOSAVE_ACCOUNT, str(account_id)),))


def website_request_attempt(*, address: str | None) -> Attempt:
    """A browser brings a request that is kept here; one that leads back is forgiven."""
    return Attempt(((WEBSITE_REQUEST_NETWORK, network_of(address)),))


def pushed_request_attempt(website_id: UUID) -> Attempt:
    return Attempt(((WEBSITE_REQUEST_CLIENT, str(website_id)),))


def network_of(address: str | None) -> str:
    """The address itself (IPv4) or its /64 (IPv6), of which one subscriber has all."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def record(attempt: Attempt, *, at: datetime) -> None:
    """Raises ThrottledError when a rule says wait; the surrounding unit of work then records nothing."""
    counts = counters.count(attempt.rows, _WINDOWS, at=at)
    waits = {
        counted.scope: counted.blocked_until - at
        for counted in counts
        if counted.blocked_until is not None and at < counted.blocked_until
    }
    if waits:
        raise ThrottledError(_seconds(max(waits.values())), rules=frozenset(waits))
    for counted in counts:
        rule = RULES[counted.scope]
        wait = rule.wait_after(counted.attempts, remaining=counted.window_started_at + rule.window - at)
        if wait is not None:
            counters.block(counted, until=at + wait)


def is_exhausted(scope: str, subject: str, *, at: datetime) -> bool:
    """Records, and says whether it was too much, where the answer must not show it (mails per account)."""
    return is_too_much(Attempt(((scope, subject),)), at=at)


def is_too_much(attempt: Attempt, *, at: datetime) -> bool:
    """As ``record``, where the answer must not show it: what is refused counts nowhere."""
    try:
        with db.session.begin_nested():
            record(attempt, at=at)
    except ThrottledError:
        return True
    return False


def forgive(attempt: Attempt, *, at: datetime) -> None:
    """It was the owner: their own counter starts anew, the shared ones get this attempt back."""
    counters.give_back(attempt.rows, anew=SIGN_IN_ACCOUNT, at=at)


def purge(*, at: datetime) -> int:
    """Delete counters that no rule looks at any more."""
    longest = max(rule.window + rule.longest_wait for rule in RULES.values())
    result = db.session.execute(
        sa.delete(LoginThrottle).where(LoginThrottle.window_started_at < at - longest),
        execution_options={"synchronize_session": False},
    )
    return cast("sa.CursorResult[object]", result).rowcount


def _seconds(wait: timedelta) -> int:
    return max(1, -(-wait // timedelta(seconds=1)))
