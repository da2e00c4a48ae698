"""Everything that changes an account. Passwords arrive here hashed: hashing is done with no transaction open
(``password_flows``).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from servicekonto import audit
from servicekonto.accounts import (
    addresses,
    events,
    holding,
    keeping,
    links,
    queries,
    sessions,
    throttle,
)
from servicekonto.accounts.factor_models import PasswordCredential
from servicekonto.accounts.models import (
    Account,
    AccountKind,
    AssuranceLevel,
    OneTimeLinkPurpose,
    PersonalAttribute,
)
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError, NotFoundError
from servicekonto.core.events import publish

SELF_ENTERED = "self"


class AddressTakenError(ConflictError):
    """An account with this address exists."""


def create_account(
    email: str,
    *,
    kind: AccountKind,
    encoded_hash: str,
    by: Account | None,
    at: datetime,
    demo_label: str | None = None,
) -> Account:
    """A confirmed account that nobody has to register: staff, operators, demonstration."""
    account = _new_account(email, kind=kind, at=at)
    account.confirmed_at = at
    account.demo_label = demo_label
    set_password(account, encoded_hash, at=at)
    publish(events.AccountCreated(subject_id=account.id, actor_id=by.id if by else None, occurred_at=at))
    return account


def choose_language(account: Account, choice: str) -> None:
    """Pages, mails and documents are written in it from now on."""
    account.language = choice
    db.session.flush()


def register(email: str, *, encoded_hash: str, at: datetime, language: str | None = None) -> None:
    """An account for this (normalised) address is wanted. Only its mailbox learns whether there was one.

    ``language``: in which the mails to a new account are written, until the owner chooses another.
    """
    account = _account_for_registration(email, language, at=at)
    if throttle.is_exhausted(throttle.MAIL_ACCOUNT, str(account.id), at=at):
        return
    if account.confirmed_at is not None:
        publish(events.RegistrationForExistingAddress(subject_id=account.id, actor_id=None, occurred_at=at))
        return
    _send_confirmation_link(account, encoded_hash, at=at)


def confirm_email(token: str, *, at: datetime) -> Account:
    """Puts the password of the registration that sent this link in force.

    NotFoundError for used, expired and unknown links.
    """
    link = links.redeem(token, OneTimeLinkPurpose.CONFIRM_EMAIL, at=at)
    account = queries.get(link.account_id)
    if account.confirmed_at is None and link.password_hash is not None:
        account.confirmed_at = at
        set_password(account, link.password_hash, at=at)
        publish(events.EmailConfirmed(subject_id=account.id, actor_id=account.id, occurred_at=at))
    links.withdraw_all(account, at=at)
    return account


def request_password_reset(email: str, *, at: datetime) -> None:
    """A link for the owner of this (normalised) address; nothing for unknown and locked accounts."""
    account = queries.by_email(email)
    if account is None or account.locked_at is not None:
        return
    if throttle.is_exhausted(throttle.MAIL_ACCOUNT, str(account.id), at=at):
        return
    token = links.issue(account, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
    publish(
        events.PasswordResetRequested(subject_id=account.id, actor_id=None, occurred_at=at, link_token=token)
    )


def reset_password(token: str, *, encoded_hash: str, at: datetime) -> Account:
    """Whoever reads the mailbox is the owner, so this confirms the address too. Every session ends, and what
    websites may do without one; second factors stay. NotFoundError for a bad link and for a locked account.
    """
    account, _link = holding.redeem(token, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
    if account.locked_at is not None:
        raise NotFoundError("account")
    if account.confirmed_at is None:
        account.confirmed_at = at
        publish(events.EmailConfirmed(subject_id=account.id, actor_id=account.id, occurred_at=at))
    set_password(account, encoded_hash, at=at)
    sessions.end_all(account, at=at)
    links.withdraw_all(account, at=at)
    publish(events.AccountTakenBack(subject_id=account.id, actor_id=account.id, occurred_at=at))
    _password_changed(account, by_reset=True, at=at)
    return account


def change_password(account: Account, *, known_hash: str, encoded_hash: str, but: UUID, at: datetime) -> None:
    """``known_hash`` is what the current password was checked against; ConflictError if it changed since.
    All sessions end ``but`` this one.
    """
    credential = queries.password_credential(account)
    if credential is None or credential.encoded_hash != known_hash:
        raise ConflictError("password")
    set_password(account, encoded_hash, at=at)
    sessions.end_all(account, at=at, but=but)
    links.withdraw_all(account, at=at)
    _password_changed(account, by_reset=False, at=at)


def lock(account: Account, *, at: datetime) -> None:
    """Nobody signs in to it; who is signed in is out at once, and no link sent so far works."""
    account.locked_at = account.locked_at or at
    db.session.flush()
    sessions.end_all(account, at=at)
    links.withdraw_all(account, at=at)


def unlock(account: Account) -> None:
    account.locked_at = None
    db.session.flush()


def sign_out(account: Account, *, token: str | None, at: datetime) -> None:
    if token is not None:
        sessions.end(token, at=at)
    publish(events.SignedOut(subject_id=account.id, actor_id=account.id, occurred_at=at))


def end_session(account: Account, session_id: UUID, *, at: datetime) -> None:
    """Raises NotFoundError when it belongs to somebody else."""
    sessions.end_one(account, session_id, at=at)
    publish(events.SessionsEnded(subject_id=account.id, actor_id=account.id, occurred_at=at))


def end_other_sessions(account: Account, *, but: UUID, at: datetime) -> None:
    sessions.end_all(account, at=at, but=but)
    publish(events.SessionsEnded(subject_id=account.id, actor_id=account.id, occurred_at=at))


def save_personal_data(account: Account, values: Mapping[str, object], *, by: Account, at: datetime) -> None:
    """``values``: attribute to value; None removes it. Verified attributes cannot be changed here.

    ConflictError when the owner has not agreed to anything being kept.
    """
    db.session.refresh(account, ["version"], with_for_update=True)
    present = {attribute.name: attribute for attribute in account.attributes}
    changed = {
        name: value
        for name, value in values.items()
        if value != (present[name].value if name in present else None)
    }
    if any(value is not None for value in changed.values()) and not keeping.may_keep(account):
        raise ConflictError("consent")
    refused = queries.verified_attributes(account) & changed.keys()
    if refused:
        raise InvalidInputError({name: gettext("Diese Angabe ist geprüft und fest.") for name in refused})
    for name, value in changed.items():
        _save_attribute(account, present.get(name), name, value, at=at)
    if changed:
        db.session.flush()
        publish(
            events.PersonalDataChanged(
                subject_id=account.id, actor_id=by.id, occurred_at=at, names=tuple(sorted(changed))
            )
        )


def forget_personal_data(account: Account, *, by: Account, at: datetime) -> None:
    """All of it, verified or not: the owner no longer agrees to its being kept."""
    db.session.refresh(account, ["version"], with_for_update=True)
    names = tuple(sorted(attribute.name for attribute in account.attributes))
    if not names:
        return
    account.attributes.clear()
    db.session.flush()
    publish(events.PersonalDataChanged(subject_id=account.id, actor_id=by.id, occurred_at=at, names=names))


def _save_attribute(
    account: Account, present: PersonalAttribute | None, name: str, value: object, *, at: datetime
) -> None:
    if value is None:
        if present is not None:
            account.attributes.remove(present)
    elif present is not None:
        present.value = value
        present.updated_at = at
    else:
        db.session.add(
            PersonalAttribute(
                account=account,
                name=name,
                value=value,
                level=AssuranceLevel.BASIC,
                source=SELF_ENTERED,
                updated_at=at,
            )
        )


def _account_for_registration(email: str, language: str | None, *, at: datetime) -> Account:
    account = queries.by_email(email)
    if account is not None:
        return account
    try:
        return _new_account(email, kind=AccountKind.CITIZEN, at=at, language=language)
    except AddressTakenError:  # by somebody who clicked at the same moment
        account = queries.by_email(email)
        if account is None:
            raise
        return account


def _new_account(email: str, *, kind: AccountKind, at: datetime, language: str | None = None) -> Account:
    account = Account(
        kind=kind,
        email=email,
        email_index=addresses.fingerprint(email),
        language=language,
        created_at=at,
        confirmed_at=None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError as error:
        raise AddressTakenError("email") from error
    return account


def _send_confirmation_link(account: Account, encoded_hash: str, *, at: datetime) -> None:
    token = links.issue(account, OneTimeLinkPurpose.CONFIRM_EMAIL, at=at, password_hash=encoded_hash)
    publish(
        events.RegistrationRequested(subject_id=account.id, actor_id=None, occurred_at=at, link_token=token)
    )


def set_password(account: Account, encoded_hash: str, *, at: datetime) -> None:
    """A new one is not locked."""
    credential = queries.password_credential(account)
    if credential is None:
        db.session.add(PasswordCredential(account_id=account.id, encoded_hash=encoded_hash, changed_at=at))
    else:
        credential.encoded_hash, credential.changed_at = encoded_hash, at
        credential.failures, credential.locked_at = 0, None
    db.session.flush()


def _password_changed(account: Account, *, by_reset: bool, at: datetime) -> None:
    audit.record(
        Action.PASSWORD_CHANGED,
        account.id,
        authority_id=None,
        by=account,
        at=at,
        account_id=account.id,
        by_reset=int(by_reset),
    )
    publish(
        events.PasswordChanged(subject_id=account.id, actor_id=account.id, occurred_at=at, by_reset=by_reset)
    )
