"""Identity documents seen at a counter lift attributes of an account to *substantial*.

The owner brings a code from their account, so that nobody looks up accounts of people who are not there. A
clerk with that role compares the document with what the owner has entered and confirms each attribute.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto import audit
from servicekonto.accounts import events, factors, queries, throttle
from servicekonto.accounts.models import Account, AssuranceLevel, PersonalAttribute
from servicekonto.audit import Action
from servicekonto.authorities.identity_models import DocumentKind, IdentityCheck
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError, NotFoundError
from servicekonto.core.events import publish
from servicekonto.core.ids import ALPHABET, unmistakable
from servicekonto.core.sealing import blind_index

VALIDITY = timedelta(minutes=30)
CODE_LENGTH = 10
LIFTED_TO = AssuranceLevel.SUBSTANTIAL
SOURCE = "counter"

_PERSON = ("family_name", "given_names", "birth_name", "birth_date", "birth_place")

# What each document says about a person.
SHOWN_BY: dict[DocumentKind, tuple[str, ...]] = {
    DocumentKind.IDENTITY_CARD: (*_PERSON, "address"),
    DocumentKind.PASSPORT: _PERSON,
    DocumentKind.RESIDENCE_PERMIT: (*_PERSON, "address"),
}
NEEDED = ("family_name", "given_names", "birth_date")


def new_code(account: Account, *, at: datetime) -> IdentityCheck:
    """Replaces one that was not used. Raises InvalidInputError when there is nothing to compare with yet, and
    ConflictError without two factors that are *substantial*: less must not lead to what is verified.
    """
    _assert_protected(account)
    missing = set(NEEDED) - queries.attribute_values(account).keys()
    if missing:
        raise InvalidInputError(dict.fromkeys(sorted(missing), "missing"))
    db.session.execute(
        sa.delete(IdentityCheck).where(
            IdentityCheck.account_id == account.id, IdentityCheck.done_at.is_(None)
        )
    )
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    check = IdentityCheck(
        account=account,
        account_id=account.id,
        code_index=_index(code),
        created_at=at,
        expires_at=at + VALIDITY,
        names=[],
    )
    check.code = code
    db.session.add(check)
    db.session.flush()
    return check


def open_code(account: Account, *, at: datetime) -> IdentityCheck | None:
    """The owner's code that can still be used."""
    return db.session.scalar(
        sa.select(IdentityCheck).where(
            IdentityCheck.account_id == account.id,
            IdentityCheck.code_index.is_not(None),
            IdentityCheck.expires_at > at,
        )
    )


def begin(code: str, *, by: StaffMember, at: datetime) -> IdentityCheck:
    """The code is used up, and this clerk alone goes on. Raises NotFoundError, or ThrottledError for
    guessing.

    Nobody confirms themselves.
    """
    attempt = throttle.identity_attempt(by.account_id)
    throttle.record(attempt, at=at)
    check = db.session.scalar(
        sa.select(IdentityCheck)
        .where(IdentityCheck.code_index == _index(unmistakable(code)), IdentityCheck.expires_at > at)
        .with_for_update()
    )
    if check is None or check.account_id == by.account_id:
        raise NotFoundError("code")
    throttle.forgive(attempt, at=at)
    check.code_index, check.code = None, None
    check.staff_account_id, check.authority_id = by.account_id, by.authority_id
    check.expires_at = at + VALIDITY
    db.session.flush()
    return check


def begun(check_id: UUID, *, by: StaffMember, at: datetime) -> IdentityCheck:
    """Raises NotFoundError for anybody but the clerk who began it, and when it took too long."""
    check = db.session.get(IdentityCheck, check_id)
    if check is None or check.staff_account_id != by.account_id or check.expires_at <= at:
        raise NotFoundError(check_id)
    return check


def state_of(account: Account) -> str:
    """Of what is entered, for ``confirm``: another one when the owner has changed anything since."""
    found = sorted(f"{attribute.name} {attribute.updated_at}" for attribute in _attributes(account))
    return blind_index("identity_check.state", "|".join(found)).hex()


def confirm(
    check: IdentityCheck,
    names: Collection[str],
    document: DocumentKind,
    *,
    seen: str,
    by: StaffMember,
    at: datetime,
) -> None:
    """``names`` of the attributes that the document says the same of; ``seen``: the state that was compared
    with it. Raises ConflictError when it is another one now, or when it is done.
    """
    account = queries.get(check.account_id)
    db.session.refresh(account, ["version"], with_for_update=True)
    db.session.refresh(check, with_for_update=True)
    if check.done_at is not None:
        raise ConflictError("done")
    if state_of(account) != seen:
        raise ConflictError("changed")
    _assert_protected(account)
    _assert_enough(account, names, document)
    is_first = not queries.verified_attributes(account)
    for attribute in account.attributes:
        if attribute.name in names:
            attribute.level, attribute.source, attribute.verified_at = LIFTED_TO, SOURCE, at
            attribute.to_confirm = False
        elif is_first:
            attribute.to_confirm = True
    check.done_at, check.document_kind, check.names = at, document, sorted(names)
    db.session.flush()
    audit.record(
        Action.ATTRIBUTE_VERIFIED,
        account.id,
        authority_id=by.authority_id,
        by=by.account,
        at=at,
        account_id=account.id,
        names=sorted(names),
        level=str(LIFTED_TO),
        document_kind=str(document),
    )
    publish(
        events.IdentityVerified(
            subject_id=account.id, actor_id=by.account_id, occurred_at=at, names=tuple(sorted(names))
        )
    )


def to_confirm(account: Account) -> list[PersonalAttribute]:
    """What the owner should look over, because it was there before anybody was known surely."""
    return [attribute for attribute in account.attributes if attribute.to_confirm]


def confirm_others(account: Account, *, at: datetime) -> None:
    """By the owner: what else is entered is right (TR-03160-1 § 5.1)."""
    found = to_confirm(account)
    for attribute in found:
        attribute.to_confirm = False
    if found:
        db.session.flush()
        audit.record(
            Action.ATTRIBUTE_CONFIRMED,
            account.id,
            authority_id=None,
            by=account,
            at=at,
            account_id=account.id,
            names=sorted(attribute.name for attribute in found),
        )


def checks_of(account: Account) -> list[IdentityCheck]:
    """Done ones, the newest first: where, when and by which document."""
    return list(
        db.session.scalars(
            sa.select(IdentityCheck)
            .where(IdentityCheck.account_id == account.id, IdentityCheck.done_at.is_not(None))
            .order_by(IdentityCheck.done_at.desc())
        )
    )


def _attributes(account: Account) -> Sequence[PersonalAttribute]:
    """As they are now, also when they were read in this transaction before it had the lock."""
    return db.session.scalars(
        sa.select(PersonalAttribute).where(PersonalAttribute.account_id == account.id),
        execution_options={"populate_existing": True},
    ).all()


def _assert_protected(account: Account) -> None:
    if not factors.protects_verified(account):
        raise ConflictError("second factor")


def _assert_enough(account: Account, names: Collection[str], document: DocumentKind) -> None:
    present = queries.attribute_values(account).keys()
    if not set(names) <= present & set(SHOWN_BY[document]) or not set(NEEDED) <= set(names):
        raise InvalidInputError({"names": "not what the document shows"})


def _index(code: str) -> bytes:
    return blind_index("identity_check", code)
