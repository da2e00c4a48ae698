"""Reading accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts import addresses, links
from servicekonto.accounts.factor_models import PasswordCredential
from servicekonto.accounts.models import (
    Account,
    AccountKind,
    AssuranceLevel,
    OneTimeLinkPurpose,
)
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError

# Facts about the person: names in ``personal_attribute`` and, with "account." before them, in prefill.
ATTRIBUTES = (
    "salutation",
    "given_names",
    "family_name",
    "birth_name",
    "birth_date",
    "birth_place",
    "address",
    "phone",
)
NAMES = ("given_names", "family_name", "birth_name")


@dataclass(frozen=True)
class KnownPassword:
    """What there is to compare with. ``has_second``: factor, so that the password alone is not enough."""

    account_id: UUID
    encoded_hash: str
    has_second: bool


@dataclass(frozen=True)
class Owner:
    """Of an account, whose password was right. ``sessions``: how many are open."""

    id: UUID
    kind: AccountKind
    last_signed_in_at: datetime | None
    sessions: int


def get(account_id: UUID) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFoundError(account_id)
    return account


def by_email(address: str) -> Account | None:
    """``address`` in its normalised form."""
    return db.session.scalar(sa.select(Account).where(Account.email_index == addresses.fingerprint(address)))


def password_credential(account: Account) -> PasswordCredential | None:
    return db.session.scalar(sa.select(PasswordCredential).where(PasswordCredential.account_id == account.id))


def account_of_reset_link(token: str, *, at: datetime) -> Account | None:
    link = links.find(token, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
    return get(link.account_id) if link else None


def is_confirmation_link(token: str, *, at: datetime) -> bool:
    return links.find(token, OneTimeLinkPurpose.CONFIRM_EMAIL, at=at) is not None


def demo_accounts() -> Sequence[Account]:
    """Those that a demonstration offers without a password: citizens first, then as they were made."""
    order = sa.case({kind: rank for rank, kind in enumerate(AccountKind)}, value=Account.kind)
    return db.session.scalars(
        sa.select(Account)
        .where(Account.demo_label.is_not(None), Account.locked_at.is_(None))
        .order_by(order, Account.id)
    ).all()


def demo_account(account_id: str) -> Account:
    """As the form sent it. Raises NotFoundError for every other account."""
    try:
        account = get(UUID(account_id))
    except ValueError as error:
        raise NotFoundError("account") from error
    if account.demo_label is None or account.locked_at is not None:
        raise NotFoundError(account_id)
    return account


def attribute_values(account: Account) -> dict[str, Any]:
    """Name of the attribute to its value; only those that are there."""
    return {attribute.name: attribute.value for attribute in account.attributes}


def verified_attributes(account: Account) -> frozenset[str]:
    """Names of the attributes the owner cannot simply overwrite."""
    return frozenset(
        attribute.name for attribute in account.attributes if attribute.level is not AssuranceLevel.BASIC
    )


def prefill_values(account: Account) -> dict[str, object]:
    """What a form may take over: ``account.given_names``, ``account.birth_date`` (ISO 8601) …

    ``account.address`` is a dict of street, house_number, postcode, place and country (ISO 3166-1 code).
    """
    values: dict[str, object] = {
        f"account.{name}": value for name, value in attribute_values(account).items()
    }
    if account.email is not None:
        values["account.email"] = account.email
    return values


def display_name(account: Account) -> str:
    """As a person is addressed on the page; the address of the mailbox when no name is known."""
    values = attribute_values(account)
    name = " ".join(str(values[part]) for part in ("given_names", "family_name") if values.get(part))
    return name or account.email or ""


def display_names(account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Many at once, in two statements."""
    accounts = db.session.scalars(
        sa.select(Account).where(Account.id.in_(account_ids)).options(sa.orm.selectinload(Account.attributes))
    )
    return {account.id: display_name(account) for account in accounts}


def personal_words(account: Account) -> list[str]:
    """What must not make up the password of this account."""
    values = attribute_values(account)
    return [account.email or "", *(str(values[name]) for name in NAMES if name in values)]
