"""Inviting people to the staff of an authority: a link by mail, valid for a week, used once.

Nothing here tells the authority whether an address has an account. Whoever opens the link is told, because
they read the mailbox: an account for work needs an address of its own.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from servicekonto import audit
from servicekonto.accounts import addresses, passwords, throttle
from servicekonto.accounts import commands as accounts
from servicekonto.accounts import queries as account_queries
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.accounts.password_policy import problem
from servicekonto.audit import Action
from servicekonto.authorities.commands import check_roles_and_units, employ
from servicekonto.authorities.events import StaffInvited
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import Authority, StaffInvitation, StaffMember, Unit
from servicekonto.core import retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import InvalidInputError, NotFoundError, ThrottledError
from servicekonto.core.events import publish
from servicekonto.core.scope import become
from servicekonto.core.sealing import token_hash

VALIDITY = timedelta(days=7)
TOKEN_BYTES = 32
A_DAY = 24 * 60 * 60


def invite(
    authority: Authority,
    email: str,
    *,
    display_name: str,
    units: Collection[Unit],
    roles: Collection[Role],
    by: Account | None,
    at: datetime,
) -> StaffInvitation:
    """``email`` normalised. Refused only for an address that the authority's own list shows already."""
    check_roles_and_units(authority, units, roles)
    _check_not_on_the_list(authority, email)
    _check_mails(email, at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = StaffInvitation(
        authority=authority,
        email=email,
        email_index=addresses.fingerprint(email),
        display_name=display_name,
        roles=sorted(set(roles)),
        unit_ids=sorted(str(unit.id) for unit in units),
        token_hash=token_hash(token),
        invited_at=at,
        expires_at=at + VALIDITY,
    )
    try:
        with db.session.begin_nested():
            db.session.add(invitation)
    except IntegrityError as error:  # by a colleague at the same moment
        raise _already_invited() from error
    audit.record(
        Action.STAFF_INVITED,
        invitation.id,
        authority_id=authority.id,
        by=by,
        at=at,
        roles=invitation.roles,
        unit_ids=invitation.unit_ids,
    )
    _send(invitation, token, by=by, at=at)
    return invitation


def send_again(invitation: StaffInvitation, *, by: Account | None, at: datetime) -> None:
    """With a new link, valid for another week; the old one is dead."""
    _check_mails(invitation.email or "", at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.token_hash, invitation.expires_at = token_hash(token), at + VALIDITY
    db.session.flush()
    audit.record(
        Action.INVITATION_SENT_AGAIN, invitation.id, authority_id=invitation.authority_id, by=by, at=at
    )
    _send(invitation, token, by=by, at=at)


def withdraw(invitation: StaffInvitation, *, by: Account | None, at: datetime) -> None:
    db.session.delete(invitation)
    audit.record(
        Action.INVITATION_WITHDRAWN, invitation.id, authority_id=invitation.authority_id, by=by, at=at
    )


def accept(token: str, *, encoded_hash: str, at: datetime) -> StaffMember:
    """The account and its place in the authority. Of two clicks one succeeds.

    Raises NotFoundError for unknown, used and expired links, AddressTakenError for a taken address.
    """
    invitation = get_by_token(token, at=at)
    email, name = invitation.email or "", invitation.display_name or ""
    if has_account(email):
        raise accounts.AddressTakenError("email")
    _use_up(invitation)
    account = accounts.create_account(
        email, kind=AccountKind.STAFF, encoded_hash=encoded_hash, by=None, at=at
    )
    become(account.id, db.session.connection())
    member = employ(
        account,
        invitation.authority,
        _units(invitation),
        [Role(role) for role in invitation.roles],
        display_name=name,
        by=account,
        at=at,
        member_id=invitation.id,
    )
    audit.record(Action.INVITATION_ACCEPTED, member.id, authority_id=member.authority_id, by=account, at=at)
    return member


def choose_password(token: str, password: str, *, at: datetime) -> str | None:
    """Accepts with this password, or says what is wrong with it. Hashes with no transaction open."""
    with unit_of_work(read_only=True):
        invitation = get_by_token(token, at=at)
        words = [invitation.email or "", invitation.display_name or ""]
        if has_account(words[0]):
            raise accounts.AddressTakenError("email")
    sentence = problem(password, kind=AccountKind.STAFF, personal=words)
    if sentence is not None:
        return sentence
    encoded_hash = passwords.hash_password(password)
    with unit_of_work():
        accept(token, encoded_hash=encoded_hash, at=at)
    return None


def get_by_token(token: str, *, at: datetime) -> StaffInvitation:
    """Raises NotFoundError for unknown, used, withdrawn and expired links alike."""
    found = db.session.scalar(
        sa.select(StaffInvitation).where(
            StaffInvitation.token_hash == token_hash(token), StaffInvitation.expires_at > at
        )
    )
    if found is None:
        raise NotFoundError("link")
    return found


def get(invitation_id: UUID, authority_id: UUID) -> StaffInvitation:
    found = db.session.scalar(
        sa.select(StaffInvitation).where(
            StaffInvitation.id == invitation_id, StaffInvitation.authority_id == authority_id
        )
    )
    if found is None:
        raise NotFoundError(invitation_id)
    return found


def open_invitations(authority_id: UUID) -> list[StaffInvitation]:
    """By name; those that have run out too: they can be sent again."""
    found = db.session.scalars(sa.select(StaffInvitation).where(StaffInvitation.authority_id == authority_id))
    return sorted(found, key=lambda invitation: (invitation.display_name or "").casefold())


def has_account(email: str) -> bool:
    return account_queries.by_email(email) is not None


def purge(*, at: datetime) -> None:
    """Who has not answered for weeks is forgotten."""
    db.session.execute(
        sa.delete(StaffInvitation).where(StaffInvitation.expires_at < at - retention.INVITATIONS.kept),
        execution_options={"synchronize_session": False},
    )


def _send(invitation: StaffInvitation, token: str, *, by: Account | None, at: datetime) -> None:
    publish(
        StaffInvited(
            subject_id=invitation.id,
            actor_id=by.id if by else None,
            occurred_at=at,
            authority_id=invitation.authority_id,
            authority_name=invitation.authority.name,
            link_token=token,
        )
    )


def _check_not_on_the_list(authority: Authority, email: str) -> None:
    index = addresses.fingerprint(email)
    member = (
        sa.select(StaffMember.id)
        .join(Account, Account.id == StaffMember.account_id)
        .where(StaffMember.authority_id == authority.id, Account.email_index == index)
    )
    if db.session.scalar(member) is not None:
        raise InvalidInputError({"email": gettext("Diese Person steht schon in Ihrer Liste.")})
    invited = sa.select(StaffInvitation.id).where(
        StaffInvitation.authority_id == authority.id, StaffInvitation.email_index == index
    )
    if db.session.scalar(invited) is not None:
        raise _already_invited()


def _already_invited() -> InvalidInputError:
    sentence = gettext("Diese Adresse ist schon eingeladen. Sie können die Einladung noch einmal senden.")
    return InvalidInputError({"email": sentence})


def _check_mails(email: str, *, at: datetime) -> None:
    """A mailbox gets five mails a day, whoever sends them."""
    if throttle.is_exhausted(throttle.MAIL_ACCOUNT, f"invitation {email.lower()}", at=at):
        raise ThrottledError(A_DAY)


def _use_up(invitation: StaffInvitation) -> None:
    deleted = db.session.execute(
        sa.delete(StaffInvitation).where(
            StaffInvitation.id == invitation.id, StaffInvitation.token_hash == invitation.token_hash
        ),
        execution_options={"synchronize_session": False},
    )
    if cast("sa.CursorResult[object]", deleted).rowcount != 1:
        raise NotFoundError("link")


def _units(invitation: StaffInvitation) -> list[Unit]:
    ids = [UUID(unit_id) for unit_id in invitation.unit_ids]
    units = db.session.scalars(
        sa.select(Unit).where(Unit.id.in_(ids), Unit.authority_id == invitation.authority_id)
    )
    return list(units)
