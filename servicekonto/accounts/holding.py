"""Who changes whose an account is has it alone until the end of the transaction."""

from datetime import datetime
from uuid import UUID

from servicekonto.accounts import factors, links, queries, sessions
from servicekonto.accounts.models import Account, OneTimeLink, OneTimeLinkPurpose
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.core.scope import become


def hold(account: Account) -> None:
    """As it is now. Who only refers to it does not wait.

    Its factors first, in the order in which a sign-in holds them: whoever is signing in finishes before.
    """
    factors.hold(account)
    db.session.refresh(account, with_for_update={"key_share": True})


def hold_for(account: Account, session_id: UUID | None) -> None:
    """As ``hold``, for the browser of this session; None: no browser asks. MeanwhileError when the owner has
    taken the account back while it waited.
    """
    hold(account)
    if session_id is not None:
        sessions.assert_not_ended(session_id)


def redeem(token: str, purpose: OneTimeLinkPurpose, *, at: datetime) -> tuple[Account, OneTimeLink]:
    """Raises NotFoundError for a bad link. Before it is used up the account is held, so that whoever confirms
    an address and whoever disowns it come one after the other.
    """
    found = links.find(token, purpose, at=at)
    if found is None:
        raise NotFoundError("link")
    account = queries.get(found.account_id)
    become(account.id, db.session.connection())
    hold(account)
    return account, links.redeem(token, purpose, at=at)
