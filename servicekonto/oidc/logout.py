"""A session is over: what websites got in it ends, and they are told (OpenID Connect Back-Channel Logout
1.0). This happens in the transaction that ends the session; telling is a job of its own.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.events import AccountTakenBack, SessionReplaced, SessionsOver
from servicekonto.core.db import db
from servicekonto.core.events import react_to
from servicekonto.jobs import queue
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import Grant

TELL = "oidc.logout"
OFFLINE = "offline_access"


def register() -> None:
    react_to(SessionsOver, end_sign_ins)
    react_to(SessionReplaced, carry_over)
    react_to(AccountTakenBack, end_all)


def end_sign_ins(event: SessionsOver) -> None:
    """Whoever agreed to access while they are away keeps that; the website is told all the same."""
    found = _grants_in(event.session_ids)
    alive = [row.id for row in found if row.revoked_at is None and OFFLINE not in row.scopes]
    if alive:
        db.session.execute(
            sa.update(Grant).where(Grant.id.in_(alive)).values(revoked_at=event.occurred_at),
            execution_options={"synchronize_session": "fetch"},
        )
    for row in {(row.client_id, row.sid): row for row in found if row.is_told}.values():
        queue.enqueue(
            TELL, payload={"grant_id": row.id}, at=event.occurred_at, key=f"{TELL}:{row.client_id}:{row.sid}"
        )


def end_all(event: AccountTakenBack) -> None:
    """Also what was agreed to for longer than a session: whoever agreed may have been somebody else. What the
    person has consented to stays, and does nothing without them.
    """
    db.session.execute(
        sa.update(Grant)
        .where(Grant.account_id == event.subject_id, Grant.revoked_at.is_(None))
        .values(revoked_at=event.occurred_at),
        execution_options={"synchronize_session": "fetch"},
    )


def carry_over(event: SessionReplaced) -> None:
    """Nobody has signed out. ``sid`` stays, so the end of the new session is the end of what began before."""
    db.session.execute(
        sa.update(Grant).where(Grant.session_id == event.session_id).values(session_id=event.by_session_id),
        execution_options={"synchronize_session": "fetch"},
    )


def websites_in(session_id: UUID) -> Sequence[Client]:
    """Where somebody has signed in with this session, by name."""
    has_grant = sa.exists().where(Grant.client_id == Client.id, Grant.session_id == session_id)
    return db.session.scalars(
        sa.select(Client).where(has_grant).order_by(sa.func.lower(Client.name), Client.id)
    ).all()


def _grants_in(session_ids: Sequence[UUID]) -> Sequence[Any]:
    is_told = sa.and_(
        Client.backchannel_logout_uri != "", Client.disabled_at.is_(None), Grant.sid.is_not(None)
    )
    return db.session.execute(
        sa.select(
            Grant.id, Grant.client_id, Grant.sid, Grant.scopes, Grant.revoked_at, is_told.label("is_told")
        )
        .join(Grant.client)
        .where(Grant.session_id.in_(session_ids))
        .order_by(Grant.id)
    ).all()
