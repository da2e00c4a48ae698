"""Signing in. These functions open their own units of work: the attempt is recorded and committed, then the
hash is computed with no transaction open, then its outcome is written.

E-mail address, password and code come in one form and are refused in one sentence: nobody learns which of
them was wrong (TR-03107-1 § 3.3.1.4). For known, unknown, unconfirmed and locked addresses exactly one hash
is computed: the time tells nothing.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from servicekonto.accounts import (
    addresses,
    attempts,
    events,
    history,
    levels,
    passkeys,
    passwords,
    queries,
    recovery_codes,
    sessions,
    throttle,
    totp,
)
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.history_models import Method, Outcome
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel
from servicekonto.accounts.sessions import MeanwhileError
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ThrottledError
from servicekonto.core.events import publish
from servicekonto.core.scope import as_account, become


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was typed. ``code``: of an app or from paper; ``assertion``: a passkey's answer, as JSON."""

    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Started:
    """A session with a new token, for the cookies. ``known_as`` None: the device cookie stays as it is."""

    token: str
    kind: AccountKind
    known_as: str | None = None


@dataclass(frozen=True)
class Proof:
    method: Method
    level: AssuranceLevel


def sign_in(email: str, given: Given, *, browser: Browser, at: datetime) -> Started | None:
    """None when anything is wrong. Raises ThrottledError."""
    email_index = addresses.fingerprint(email)
    attempt = throttle.sign_in_attempt(email_index=email_index, address=browser.address)
    with unit_of_work():
        throttle.record(attempt, at=at)
        known = attempts.try_password(email_index, at=at)
        record_id = _note(known.account_id, browser, Method.PASSWORD, at=at) if known else UUID(int=0)
    if not passwords.matches(known.encoded_hash if known else None, given.password) or known is None:
        return None
    started = None
    with suppress(MeanwhileError), as_account(known.account_id), unit_of_work():
        proof = _prove(known, given, at=at)
        if proof is None:
            return None
        throttle.forgive(attempt, at=at)  # before the password, in the order of the attempt: no deadlock
        owner = attempts.password_was_right(known, at=at)
        started = start_session(
            owner, proof, browser=browser, record_id=record_id, number_open=owner.sessions, at=at
        )
    if started is not None:
        _renew_hash(known, given.password)
    return started


def sign_in_with_passkey(assertion: str, *, browser: Browser, at: datetime) -> Started | None:
    """Without an address: the passkey says whose it is. None when anything is wrong. Raises
    ThrottledError.
    """
    attempt = throttle.passkey_attempt(address=browser.address)
    with unit_of_work():
        throttle.record(attempt, at=at)
        owner_id = passkeys.owner_of(assertion)
        record_id = _note(owner_id, browser, Method.PASSKEY, at=at) if owner_id is not None else None
    if record_id is None:
        return None
    with suppress(MeanwhileError), unit_of_work():
        used = passkeys.use(assertion, at=at)
        if used is None or not _may_sign_in(used.passkey.account):
            return None
        account = used.passkey.account
        become(account.id, db.session.connection())
        throttle.forgive(attempt, at=at)
        level = levels.of_passkey(used.passkey, user_was_verified=used.user_was_verified, with_password=False)
        return start_session(
            account, Proof(Method.PASSKEY, level), browser=browser, record_id=record_id, at=at
        )
    return None


def start_session(
    account: Account | queries.Owner,
    proof: Proof,
    *,
    browser: Browser,
    record_id: UUID,
    number_open: int = sessions.MOST_SESSIONS,
    at: datetime,
) -> Started:
    """After whatever proved that it is the owner. Works in the surrounding unit of work. ``number_open``: of
    sessions, where it is known.
    """
    become(account.id, db.session.connection())
    known_as, is_new = history.signed_in(
        record_id, account.id, proof.method, proof.level, browser=browser, at=at
    )
    attempts.note_sign_in(account, at=at)
    token = sessions.start(
        account.id,
        proof.level,
        at,
        device=browser.device,
        replaces=browser.token,
        number_open=number_open,
    )
    publish(events.SignedIn(subject_id=account.id, actor_id=account.id, occurred_at=at))
    if is_new:
        publish(events.NewDevice(subject_id=account.id, actor_id=account.id, occurred_at=at))
    return Started(token=token, kind=account.kind, known_as=known_as)


def start_demonstration(account: Account, *, browser: Browser, at: datetime) -> Started:
    record_id = history.attempt(account.id, Method.DEMONSTRATION, device=browser.device, at=at)
    proof = Proof(Method.DEMONSTRATION, levels.of_demonstration(account))
    return start_session(account, proof, browser=browser, record_id=record_id, at=at)


def confirm(
    session_id: UUID, account_id: UUID, given: Given, *, browser: Browser, at: datetime
) -> Started | None:
    """The signed-in owner proves it again: for something that matters, or for a higher level."""
    needs_password = bool(given.password) or not given.assertion
    with unit_of_work():
        account = queries.get(account_id)
        attempt = throttle.sign_in_attempt(email_index=account.email_index, address=browser.address)
        throttle.record(attempt, at=at)
        known = attempts.try_password(account.email_index, at=at) if needs_password else None
        method = Method.PASSWORD if needs_password else Method.PASSKEY
        record_id = _note(account_id, browser, method, at=at)
    if needs_password and not passwords.matches(known.encoded_hash if known else None, given.password):
        return None
    with suppress(MeanwhileError), unit_of_work():
        proof = _prove(known, given, at=at) if known else _prove_by_passkey(account_id, given, at=at)
        if proof is None:
            return None
        throttle.forgive(attempt, at=at)
        if known:
            attempts.password_was_right(known, at=at)
        history.settle(record_id, Outcome.CONFIRMED, proof.method, proof.level)
        return Started(token=sessions.renew(session_id, proof.level, at), kind=account.kind)
    return None


def _renew_hash(known: queries.KnownPassword, password: str) -> None:
    """Only now: a second hash before would have told that the password was right. Can wait when there is no
    slot.
    """
    if not passwords.needs_rehash(known.encoded_hash):
        return
    with suppress(ThrottledError):
        renewed = passwords.hash_password(password)
        with unit_of_work():
            attempts.renew_hash(
                queries.get(known.account_id), known_hash=known.encoded_hash, encoded_hash=renewed
            )


def _note(account_id: UUID, browser: Browser, method: Method, *, at: datetime) -> UUID:
    """Before the check: whoever is cut off has tried as well."""
    return history.attempt(account_id, method, device=browser.device, at=at)


def _prove(known: queries.KnownPassword, given: Given, *, at: datetime) -> Proof | None:
    """The password was right. With a second factor it is not enough, and without it no code is needed."""
    if given.assertion:
        return _prove_by_passkey(known.account_id, given, at=at, with_password=True)
    if given.code.strip():
        method = _redeem(queries.get(known.account_id), given.code, at=at)
    else:
        method = None if known.has_second else Method.PASSWORD
    return Proof(method, levels.LEVELS[method]) if method else None


def _redeem(account: Account, code: str, *, at: datetime) -> Method | None:
    """The counters belong to the account and stay silent: a code too many is a wrong code."""
    attempt = throttle.code_attempt(account.id)
    if throttle.is_too_much(attempt, at=at):
        return None
    method = None
    if totp.redeem(account, code, at=at):
        method = Method.PASSWORD_AND_TOTP
    elif recovery_codes.redeem(account, code, at=at):
        method = Method.PASSWORD_AND_RECOVERY_CODE
    if method is not None:
        throttle.forgive(attempt, at=at)
    return method


def _prove_by_passkey(
    account_id: UUID, given: Given, *, at: datetime, with_password: bool = False
) -> Proof | None:
    used = passkeys.use(given.assertion, at=at)
    if used is None or used.passkey.account_id != account_id:
        return None
    level = levels.of_passkey(
        used.passkey, user_was_verified=used.user_was_verified, with_password=with_password
    )
    return Proof(Method.PASSWORD_AND_PASSKEY if with_password else Method.PASSKEY, level)


def _may_sign_in(account: Account) -> bool:
    return account.locked_at is None and account.confirmed_at is not None
