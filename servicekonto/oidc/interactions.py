"""A request on its way: kept here, not in addresses, bound to the browser that began it, for an hour.

A website may leave it here itself before (RFC 9126): then it waits a minute for the one browser that comes
with its reference.
"""

import functools
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import clients
from servicekonto.oidc.authorization import (
    AuthorizationRequest,
    BadRequestError,
    RefusedError,
    read,
    target_of,
)
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.intake import Received
from servicekonto.oidc.models import Interaction

VALIDITY = timedelta(hours=1)
PUSHED_VALIDITY = timedelta(seconds=60)
TOKEN_BYTES = 32
REFERENCE = "urn:ietf:params:oauth:request_uri:"


def begin(received: Received, *, at: datetime) -> tuple[Interaction, str]:
    """With the token for a cookie of its own: a request that was posted by the website arrives without
    any.
    """
    return _keep(received, is_pushed=False, at=at)


def push(received: Received, *, at: datetime) -> str:
    """The ``request_uri`` under which a browser finds it, once."""
    interaction, token = _keep(received, is_pushed=True, at=at)
    return f"{REFERENCE}{interaction.id.hex}.{token}"


def find_pushed(request_uri: str, client: Client, *, at: datetime) -> Interaction:
    """Locked until the end of the transaction: of several browsers one gets it. Raises BadRequestError when
    it is over, was used, or belongs to another website.
    """
    token = request_uri.partition(".")[2]
    found = db.session.scalar(
        sa.select(Interaction)
        .where(
            Interaction.id == id_in(request_uri), Interaction.client_id == client.id, Interaction.is_pushed
        )
        .with_for_update()
    )
    if found is None or found.browser_hash != token_hash(token) or found.expires_at <= at:
        raise BadRequestError("request_uri is unknown, over or was used before")
    return found


def handed_over(request_uri: str, client: Client, browser_token: str, *, at: datetime) -> Interaction:
    """The same reference again, in the browser that has got it: until the request is over, it goes on there
    (FAPI 2.0 § 5.3.2.2, note 3). Raises NotFoundError.
    """
    found_id = id_in(request_uri)
    if found_id is None:
        raise NotFoundError(request_uri)
    found = get(found_id, browser_token=browser_token, at=at)
    if found.client_id != client.id:
        raise NotFoundError(found_id)
    return found


def hand_over(interaction: Interaction, *, at: datetime) -> str:
    """From the website to the browser that came with the reference: the token for its cookie."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    interaction.is_pushed = False
    interaction.browser_hash = token_hash(token)
    interaction.expires_at = at + VALIDITY
    db.session.flush()
    return token


def get(
    interaction_id: UUID, *, browser_token: str | None, at: datetime, for_update: bool = False
) -> Interaction:
    """Raises NotFoundError for another browser, and when it is over."""
    found = db.session.scalar(_with_client(for_update=for_update), {"interaction_id": interaction_id})
    if found is None or browser_token is None or found.browser_hash != token_hash(browser_token):
        raise NotFoundError(interaction_id)
    if found.done_at is not None or found.expires_at <= at or not _leads_somewhere(found):
        raise NotFoundError(interaction_id)
    return found


@functools.cache
def _with_client(*, for_update: bool) -> sa.Select[Interaction]:
    query = (
        sa.select(Interaction)
        .join(Interaction.client)
        .options(contains_eager(Interaction.client))
        .where(Interaction.id == sa.bindparam("interaction_id"), ~Interaction.is_pushed)
    )
    return query.with_for_update(of=Interaction) if for_update else query


def _leads_somewhere(interaction: Interaction) -> bool:
    """The operator may have disabled the website since, or taken the address away."""
    target = target_of(interaction.parameters)
    return interaction.client.is_enabled and clients.is_registered_redirect(
        interaction.client, target.redirect_uri
    )


def request_of(interaction: Interaction) -> AuthorizationRequest:
    """Judged again: the website may have been changed or disabled meanwhile. Raises RefusedError."""
    target = target_of(interaction.parameters)
    try:
        request = read(interaction.parameters, interaction.client, target)
    except RefusedError as error:
        error.target = target
        raise
    return replace(
        request,
        hinted_sub=interaction.hinted_sub or request.hinted_sub,
        login_hint=interaction.login_hint,
    )


def choose(interaction: Interaction) -> None:
    """The person goes on with the account that is signed in."""
    interaction.has_chosen = True
    db.session.flush()


def see(interaction: Interaction, session_token: str | None, *, at: datetime) -> None:
    """The browser is back with its cookies for the first time: this is the session it had at the
    beginning.
    """
    if interaction.seen_at is None:
        interaction.seen_at = at
        interaction.session_hash = token_hash(session_token) if session_token else None
        db.session.flush()


def has_proved(interaction: Interaction, session_token: str | None, *, authenticated_at: datetime) -> bool:
    """Signing in, and every further proof, gives the session another token. So does another password, which
    with a second factor proves nothing: the session's last proof stays where it was.
    """
    is_another = session_token is not None and token_hash(session_token) != interaction.session_hash
    return is_another and authenticated_at >= interaction.created_at


def end(interaction: Interaction, *, at: datetime) -> None:
    interaction.is_pushed = False
    interaction.done_at = at
    db.session.flush()


def purge(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(Interaction).where(Interaction.expires_at < at),
        execution_options={"synchronize_session": False},
    )


def _keep(received: Received, *, is_pushed: bool, at: datetime) -> tuple[Interaction, str]:
    token, request = secrets.token_urlsafe(TOKEN_BYTES), received.request
    interaction = Interaction(
        client_id=request.client.id,
        browser_hash=token_hash(token),
        session_hash=None,
        parameters=received.parameters,
        is_pushed=is_pushed,
        hinted_sub=request.hinted_sub if request.hinted_sub != request.claims.sub else None,
        login_hint=request.login_hint,
        has_chosen=False,
        created_at=at,
        seen_at=None,
        expires_at=at + (PUSHED_VALIDITY if is_pushed else VALIDITY),
        done_at=None,
    )
    db.session.add(interaction)
    db.session.flush()
    return interaction, token


def id_in(request_uri: str) -> UUID | None:
    try:
        return UUID(hex=request_uri.removeprefix(REFERENCE).partition(".")[0])
    except ValueError:
        return None
