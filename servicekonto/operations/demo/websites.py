"""The websites of the demonstration. Their secrets and keys follow from their names and are printed for
everybody who tries it: they protect nothing.
"""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.client_rules import Facts

_PORTAL = Facts(
    name="Standesamtsportal Musterstadt",
    logo_text="Stadt Musterstadt",
    purpose="Sie bestellen Urkunden beim Standesamt Musterstadt.",
    purpose_en="You order certificates from the registry office of Musterstadt.",
    contact_email="standesamt@musterstadt.example.org",
    home_page="http://127.0.0.1:8124/",
    token_endpoint_auth_method=AuthMethod.BASIC,
    redirect_uris=("http://127.0.0.1:8124/callback", "http://localhost:8124/callback"),
    post_logout_redirect_uris=("http://127.0.0.1:8124/abgemeldet", "http://localhost:8124/"),
    backchannel_logout_uri="http://127.0.0.1:8124/backchannel-logout",
    backchannel_logout_session_required=True,
    scopes=("openid", "profile", "email", "address"),
    offline_access=True,
)
_APP = Facts(
    name="Bürger-App Musterstadt",
    logo_text="Stadt Musterstadt",
    purpose="Sie melden der Stadt Musterstadt Schäden an Straßen und Wegen.",
    purpose_en="You report damage to streets and paths to the town of Musterstadt.",
    contact_email="app@musterstadt.example.org",
    home_page="http://localhost:8125/",
    token_endpoint_auth_method=AuthMethod.NONE,
    redirect_uris=("http://localhost:8125/callback",),
    scopes=("openid", "email"),
    offline_access=True,
)
_OFFICE = Facts(
    name="Kfz-Zulassung Musterkreis",
    logo_text="Musterkreis",
    purpose="Sie melden ein Auto bei der Zulassungsstelle Musterkreis an, um oder ab.",
    purpose_en="You register, re-register or deregister a car with the vehicle office of Musterkreis.",
    contact_email="zulassung@musterkreis.example.org",
    home_page="http://localhost:8126/",
    token_endpoint_auth_method=AuthMethod.PRIVATE_KEY,
    redirect_uris=("http://localhost:8126/callback",),
    post_logout_redirect_uris=("http://localhost:8126/",),
    scopes=("openid", "profile", "address"),
    dpop_bound_access_tokens=True,
)
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Two hosts that are the same machine would give two websites the same names for people.
WEBSITES: dict[str, tuple[Facts, ClientKind, str]] = {
    "standesamtsportal-musterstadt": (_PORTAL, ClientKind.CONFIDENTIAL, "standesamt.musterstadt.example.org"),
    "kfz-zulassung-musterkreis": (_OFFICE, ClientKind.CONFIDENTIAL, "zulassung.musterkreis.example.org"),
    "buerger-app-musterstadt": (_APP, ClientKind.PUBLIC, "app.musterstadt.example.org"),
}


def register_all(*, at: datetime) -> None:
    """Those that are there already stay as they are."""
    known = {client.client_id for client in clients.all_clients()}
    for client_id, (facts, kind, sector) in WEBSITES.items():
        if client_id in known:
            continue
        client = clients.register(
            _with_key(client_id, facts),
            kind=kind,
            sector_identifier=sector,
            client_id=client_id,
            by=None,
            at=at,
        )
        if client.has_secrets:
            clients.add_secret(client, secret=_secret(client_id), by=None, at=at)


def shown() -> list[dict[str, Any]]:
    """What a tester puts into the software of a website."""
    return [
        {
            "client_id": client_id,
            **_credentials(client_id, facts.token_endpoint_auth_method),
            "type": kind.value,
            "token_endpoint_auth_method": facts.token_endpoint_auth_method.value,
            "dpop_bound_access_tokens": facts.dpop_bound_access_tokens,
            "name": facts.name,
            "logo_text": facts.logo_text,
            "redirect_uris": list(facts.redirect_uris),
            "post_logout_redirect_uris": list(facts.post_logout_redirect_uris),
            "scopes": list(facts.scopes),
            "offline_access": facts.offline_access,
        }
        for client_id, (facts, kind, _sector) in WEBSITES.items()
    ]


def _credentials(client_id: str, method: AuthMethod) -> dict[str, Any]:
    signs, has_secret = method is AuthMethod.PRIVATE_KEY, method in {AuthMethod.BASIC, AuthMethod.POST}
    return {
        "client_secret": _secret(client_id) if has_secret else None,
        "private_key_jwk": dict(_key(client_id).as_dict(private=True)) if signs else None,
    }


def _with_key(client_id: str, facts: Facts) -> Facts:
    if facts.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY:
        return facts
    return replace(facts, jwks={"keys": [_key(client_id).as_dict(private=False)]})


def _key(client_id: str) -> ECKey:
    number = int.from_bytes(_digest(client_id)) % _ORDER_OF_P256 or 1
    return ECKey.import_key(
        ec.derive_private_key(number, ec.SECP256R1()), {"kid": "demo", "use": "sig", "alg": "ES256"}
    )


def _secret(client_id: str) -> str:
    return base64.urlsafe_b64encode(_digest(client_id)).decode().rstrip("=")


def _digest(client_id: str) -> bytes:
    return hashlib.sha256(f"servicekonto demonstration client {client_id}".encode()).digest()
