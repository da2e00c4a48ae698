"""What the token endpoint answers, for a code and for a refresh token alike."""

from collections.abc import Sequence
from datetime import datetime

from servicekonto.oidc import dpop, grants, tokens
from servicekonto.oidc.models import Grant


def answer(
    grant: Grant,
    *,
    scopes: Sequence[str] | None = None,
    nonce: str | None = None,
    refresh_token: str | None,
    kid: str | None,
    jkt: str | None,
    at: datetime,
) -> dict[str, object]:
    """``scopes``: when the website wants fewer than it may have. ``kid``: of the key that signs now.
    ``jkt``: of the key that the access token is bound to (DPoP).

    Without an ID token when the sign-in is forgotten already (OpenID Connect Core § 12.2): there is nothing
    left that it could say about it.
    """
    access_token = grants.issue_access_token(grant, scopes=scopes, jkt=jkt, at=at)
    given = grant.scopes if scopes is None else scopes
    body: dict[str, object] = {
        "access_token": access_token,
        "token_type": dpop.token_type(jkt),
        "expires_in": int(grants.TOKEN_VALIDITY.total_seconds()),
        "scope": " ".join(given),
    }
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    if grant.authenticated_at is not None and "openid" in given:
        body["id_token"] = tokens.id_token(grant, nonce=nonce, access_token=access_token, kid=kid, at=at)
    return body
