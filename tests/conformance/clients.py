"""The websites that are registered with every provider: one of each kind that a module needs."""

from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from tests.conformance.receiver import Receiver

METHODS = {
    "basic": "client_secret_basic",
    "second": "client_secret_basic",
    "post": "client_secret_post",
    "rs256": "client_secret_basic",
    "query": "client_secret_basic",
    "keys": "private_key_jwt",
    "new-keys": "private_key_jwt",
    "logout": "client_secret_basic",
    "back-channel": "client_secret_basic",
    "fapi": "private_key_jwt",
    "fapi-second": "private_key_jwt",
    "public": "none",
}
"""Kind → how it proves who it is. ``query`` has a redirect URI with one, ``new-keys`` changes its keys."""

QUERY = "tenant=7"


@dataclass(frozen=True)
class Client:
    """``secret`` for client_secret_…; ``key``, and ``rsa_key`` to sign wrongly with, for private_key_jwt.
    ``is_fapi``: PAR, DPoP and PKCE always. ``id_token_alg``: as registered; without, the provider decides.
    """

    kind: str
    client_id: str
    auth_method: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    key: ECKey | None = None
    rsa_key: RSAKey | None = None
    post_logout_redirect_uri: str = ""
    backchannel_logout_uri: str = ""
    is_fapi: bool = False
    id_token_alg: str = ""


def public_keys(client: Client) -> list[dict[str, Any]]:
    """As they are registered."""
    keys = [key for key in (client.key, client.rsa_key) if key is not None]
    return [dict(key.as_dict(private=False, use="sig", kid=key.thumbprint())) for key in keys]


def unregistered(kind: str, receiver: Receiver) -> Client:
    """Without what the provider decides."""
    method = METHODS[kind]
    has_keys = method == "private_key_jwt"
    is_fapi = kind.startswith("fapi")
    here = f"{receiver.origin}/{kind}"
    return Client(
        kind=kind,
        client_id="",
        auth_method=method,
        redirect_uri=f"{here}/callback?{QUERY}" if kind == "query" else f"{here}/callback",
        key=ECKey.generate_key("P-256") if has_keys else None,
        rsa_key=RSAKey.generate_key(2048) if is_fapi else None,
        post_logout_redirect_uri=f"{here}/signed-out",
        backchannel_logout_uri=f"{here}/sign-out" if kind == "back-channel" else "",
        is_fapi=is_fapi,
        id_token_alg={"rs256": "RS256"}.get(kind, "ES256" if is_fapi else ""),
    )
