"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 § 2.4): which session of whom is over."""

from datetime import datetime, timedelta

from joserfc import jwt

from servicekonto.core.ids import new_id
from servicekonto.core.settings import settings
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.models import Grant

VALIDITY = timedelta(minutes=2)
TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def logout_token(grant: Grant, *, at: datetime) -> str:
    """Signed as ID tokens of this website are. Each attempt to deliver one has its own ``jti``: a website
    is right to refuse one it has seen before, and has then not necessarily acted on it.
    """
    signer = keys.signing_key(Algorithm(grant.client.id_token_alg))
    claims: dict[str, object] = {
        "iss": settings().base_url,
        "aud": grant.client.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + VALIDITY).timestamp()),
        "jti": str(new_id()),
        "sub": grant.sub,
        "sid": grant.sid,
        "events": {EVENT: {}},
    }
    header = {"alg": signer.algorithm, "kid": signer.kid, "typ": TYPE}
    return jwt.encode(header, claims, signer.key, algorithms=[signer.algorithm])
