"""ID tokens (OpenID Connect Core § 2): for one website, two minutes long, signed with exactly one key."""

from datetime import datetime, timedelta

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt

from servicekonto.core.settings import settings
from servicekonto.oidc import assurance, claims, encryption, keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.models import Grant

VALIDITY = timedelta(minutes=2)


def id_token(grant: Grant, *, nonce: str | None, access_token: str, kid: str | None, at: datetime) -> str:
    """Names and addresses are at UserInfo, unless the website asked for them here one by one. ``aud`` is a
    string, not a list. ``kid``: of the key that signs now.
    """
    algorithm = Algorithm(grant.client.id_token_alg)
    content: dict[str, object] = _asked_here(grant) | {
        "iss": settings().base_url,
        "sub": grant.sub,
        "aud": grant.client.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + VALIDITY).timestamp()),
        "acr": assurance.URIS[assurance.published(grant.level)],
        "at_hash": _half_hash(access_token, algorithm),
    }
    if nonce is not None:
        content["nonce"] = nonce
    if grant.sid is not None:
        content["sid"] = grant.sid
    if grant.authenticated_at is not None:
        content["auth_time"] = int(grant.authenticated_at.timestamp())
    return encryption.for_client(grant.client, signed(content, algorithm, kid))


def _asked_here(grant: Grant) -> dict[str, object]:
    names = grant.claims_for("id_token")
    if not names:
        return {}
    terms = claims.Terms(sign_in=grant.level, minimum=grant.client.min_level)
    return claims.released(claims.known_of(grant.account), names, terms)


def signed(content: dict[str, object], algorithm: Algorithm, kid: str | None) -> str:
    """``kid``: of the key that signs now, as the database has just said."""
    signer = keys.signer(algorithm, kid)
    header = {"alg": algorithm, "kid": signer.kid, "typ": "JWT"}
    return jwt.encode(header, content, signer.key, algorithms=[algorithm])


def _half_hash(access_token: str, algorithm: str) -> str:
    found = create_half_hash(access_token, algorithm)
    return found.decode() if found is not None else ""
