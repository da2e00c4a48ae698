"""A request on its way: kept here, not in addresses, bound to the browser that began it, for an hour."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.core.sealing import token_hash
from servicekonto.oidc.authorization import AuthorizationRequest, Target, read
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import Interaction

VALIDITY = timedelta(hours=1)
NOT_KEPT = frozenset({"login_hint", "id_token_hint"})  # they name a person
TOKEN_BYTES = 32


def begin(client: Client, parameters: dict[str, list[str]], *, at: datetime) -> tuple[Interaction, str]:
    """With the token for a cookie of its own: a request that was posted by the website arrives without
    any.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    interaction = Interaction(
        client_id=client.id,
        browser_hash=token_hash(token),
        session_hash=None,
        parameters={name: values for name, values in parameters.items() if name not in NOT_KEPT},
        created_at=at,
        seen_at=None,
        expires_at=at + VALIDITY,
        done_at=None,
    )
    db.session.add(interaction)
    db.session.flush()
    return interaction, token


def get(
    interaction_id: UUID, *, browser_token: str | None, at: datetime, for_update: bool = False
) -> Interaction:
    """Raises NotFoundError for another browser, and when it is over."""
    query = sa.select(Interaction).where(Interaction.id == interaction_id)
    found = db.session.scalar(query.with_for_update() if for_update else query)
    if found is None or browser_token is None or found.browser_hash != token_hash(browser_token):
        raise NotFoundError(interaction_id)
    if found.done_at is not None or found.expires_at <= at:
        raise NotFoundError(interaction_id)
    return found


def request_of(interaction: Interaction) -> AuthorizationRequest:
    """Judged again: the website may have been changed or disabled meanwhile. Raises RefusedError."""
    parameters: dict[str, list[str]] = interaction.parameters
    return read(parameters, interaction.client, target_of(interaction))


def target_of(interaction: Interaction) -> Target:
    parameters: dict[str, list[str]] = interaction.parameters
    state = parameters.get("state", [])
    return Target(parameters["redirect_uri"][0], state[0] if len(state) == 1 else None)


def see(interaction: Interaction, session_token: str | None, *, at: datetime) -> None:
    """The browser is back with its cookies for the first time: this is the session it had at the
    beginning.
    """
    if interaction.seen_at is None:
        interaction.seen_at = at
        interaction.session_hash = token_hash(session_token) if session_token else None
        db.session.flush()


def has_proved(interaction: Interaction, session_token: str | None) -> bool:
    """Signing in, and every further proof, gives the session another token."""
    return session_token is not None and token_hash(session_token) != interaction.session_hash


def end(interaction: Interaction, *, at: datetime) -> None:
    interaction.done_at = at
    db.session.flush()


def purge(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(Interaction).where(Interaction.expires_at < at),
        execution_options={"synchronize_session": False},
    )
