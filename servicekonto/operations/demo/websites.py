"""The websites of the demonstration. Their secrets follow from their names and are printed for everybody who
tries it: they protect nothing.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any

from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.client_rules import Facts

_PORTAL = Facts(
    name="Standesamtsportal Musterstadt",
    purpose="Sie bestellen Urkunden beim Standesamt Musterstadt.",
    purpose_en="You order certificates from the registry office of Musterstadt.",
    contact_email="standesamt@musterstadt.example.org",
    home_page="http://127.0.0.1:8124/",
    token_endpoint_auth_method=AuthMethod.BASIC,
    redirect_uris=("http://127.0.0.1:8124/callback", "http://localhost:8124/callback"),
    post_logout_redirect_uris=("http://127.0.0.1:8124/abgemeldet", "http://localhost:8124/"),
    scopes=("openid", "profile", "email", "address"),
)
_APP = Facts(
    name="Bürger-App Musterstadt",
    purpose="Sie melden der Stadt Musterstadt Schäden an Straßen und Wegen.",
    purpose_en="You report damage to streets and paths to the town of Musterstadt.",
    contact_email="app@musterstadt.example.org",
    home_page="http://localhost:8125/",
    token_endpoint_auth_method=AuthMethod.NONE,
    redirect_uris=("http://localhost:8125/callback",),
    scopes=("openid", "email"),
)
# Two hosts that are the same machine would give two websites the same names for people.
WEBSITES: dict[str, tuple[Facts, ClientKind, str]] = {
    "standesamtsportal-musterstadt": (_PORTAL, ClientKind.CONFIDENTIAL, "standesamt.musterstadt.example.org"),
    "buerger-app-musterstadt": (_APP, ClientKind.PUBLIC, "app.musterstadt.example.org"),
}


def register_all(*, at: datetime) -> None:
    """Those that are there already stay as they are."""
    known = {client.client_id for client in clients.all_clients()}
    for client_id, (facts, kind, sector) in WEBSITES.items():
        if client_id in known:
            continue
        client = clients.register(
            facts, kind=kind, sector_identifier=sector, client_id=client_id, by=None, at=at
        )
        if kind is ClientKind.CONFIDENTIAL:
            clients.add_secret(client, secret=_secret(client_id), by=None, at=at)


def shown() -> list[dict[str, Any]]:
    """What a tester puts into the software of a website."""
    return [
        {
            "client_id": client_id,
            "client_secret": _secret(client_id) if kind is ClientKind.CONFIDENTIAL else None,
            "type": kind.value,
            "name": facts.name,
            "redirect_uris": list(facts.redirect_uris),
            "post_logout_redirect_uris": list(facts.post_logout_redirect_uris),
            "scopes": list(facts.scopes),
        }
        for client_id, (facts, kind, _sector) in WEBSITES.items()
    ]


def _secret(client_id: str) -> str:
    digest = hashlib.sha256(f"servicekonto demonstration client {client_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
