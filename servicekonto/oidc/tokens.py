"""ID tokens (OpenID Connect Core § 2): for one website, two minutes long, signed with exactly one key."""

from datetime import datetime, timedelta

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt

from servicekonto.core.settings import settings
from servicekonto.oidc import keys, subjects
from servicekonto.oidc.capabilities import ACR_VALUES, Algorithm
from servicekonto.oidc.models import Grant

VALIDITY = timedelta(minutes=2)


def id_token(grant: Grant, *, nonce: str | None, access_token: str, at: datetime) -> str:
    """No names and addresses: those are at UserInfo. ``aud`` is a string, not a list."""
    algorithm = Algorithm(grant.client.id_token_alg)
    signer = keys.signing_key(algorithm)
    claims: dict[str, object] = {
        "iss": settings().base_url,
        "sub": subjects.subject_of(grant.account, grant.client),
        "aud": grant.client.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + VALIDITY).timestamp()),
        "auth_time": int(grant.authenticated_at.timestamp()),
        "acr": ACR_VALUES[grant.level],
        "at_hash": _half_hash(access_token, algorithm),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if grant.sid is not None:
        claims["sid"] = grant.sid
    header = {"alg": algorithm, "kid": signer.kid, "typ": "JWT"}
    return jwt.encode(header, claims, signer.key, algorithms=[algorithm])


def _half_hash(access_token: str, algorithm: str) -> str:
    found = create_half_hash(access_token, algorithm)
    return found.decode() if found is not None else ""
