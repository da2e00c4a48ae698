"""npm's oidc-provider, certified by the OpenID Foundation: what passes there is no whim of these tests."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey
from playwright.sync_api import Page as BrowserPage

from tests.conformance.node import running_node
from tests.conformance.provider import CONSENT, SIGN_IN, SIGN_OUT, Client, Levels, Provider, public_keys
from tests.conformance.receiver import Receiver
from tests.conformance.user_agent import Form, Page, Step, UserAgent
from tests.support.certificates import Tls
from tooling import assets

SERVER = Path(__file__).parent / "oidc_provider" / "server.mjs"
_KINDS = {"sign-in": SIGN_IN, "consent": CONSENT, "op.logoutForm": SIGN_OUT}
_LEVEL = "urn:example:level:"


class Reference(Provider):
    name = "oidc-provider"
    levels = Levels(low=f"{_LEVEL}low", high=f"{_LEVEL}high")
    known_claims = frozenset({"name", "email", "email_verified", "address", "phone_number"})
    step_up = {"prompt": "login"}

    def page_kind(self, page: Page) -> str | None:
        return next((_KINDS[form.id] for form in page.forms if form.id in _KINDS), None)

    def go_on(self, agent: UserAgent, page: Page) -> Step:
        form = _known_form(page)
        return agent.submit(form, {"login": "jane", "password": "any"}, button=form.buttons[0])

    def go_on_in_browser(self, page: BrowserPage) -> None:
        if page.locator("#sign-in").count():
            page.fill("[name=login]", "jane")
            page.fill("[name=password]", "any")
        page.locator("button").first.click()

    def deny(self, agent: UserAgent, page: Page) -> Step:
        form = _known_form(page)
        return agent.submit(form, button=form.buttons[-1])


def _known_form(page: Page) -> Form:
    return next(form for form in page.forms if form.id in _KINDS)


@contextmanager
def running_reference(folder: Path, _shared: Path, tls: Tls, receiver: Receiver) -> Iterator[Reference]:
    clients = _clients(receiver)
    settings = folder / "settings.json"
    settings.write_text(
        json.dumps(
            {
                "tools": str(assets.test_tools_folder()),
                "key": str(tls.key),
                "certificate": str(tls.certificate),
                "clients": [_registration(client) for client in clients.values()],
            }
        )
    )
    with running_node(SERVER, str(settings), tls=tls) as node:
        yield Reference(str(node.read()["issuer"]), tls, clients)


def _clients(receiver: Receiver) -> dict[str, Client]:
    kinds = {
        "basic": "client_secret_basic",
        "second": "client_secret_basic",
        "post": "client_secret_post",
        "logout": "client_secret_basic",
        "back-channel": "client_secret_basic",
        "fapi": "private_key_jwt",
        "fapi-second": "private_key_jwt",
        "public": "none",
    }
    return {name: _client(name, method, receiver) for name, method in kinds.items()}


def _client(name: str, method: str, receiver: Receiver) -> Client:
    return Client(
        client_id=name,
        auth_method=method,
        redirect_uri=f"{receiver.origin}/{name}/callback",
        secret=secrets.token_urlsafe(32) if method.startswith("client_secret") else "",
        key=ECKey.generate_key("P-256") if method == "private_key_jwt" else None,
        rsa_key=RSAKey.generate_key(2048) if method == "private_key_jwt" else None,
        post_logout_redirect_uri=f"{receiver.origin}/{name}/signed-out",
        backchannel_logout_uri=f"{receiver.origin}/{name}/sign-out" if name == "back-channel" else "",
        is_fapi=name.startswith("fapi"),
    )


def _registration(client: Client) -> Mapping[str, Any]:
    """As OpenID Connect Dynamic Client Registration names it."""
    found: dict[str, Any] = {
        "client_id": client.client_id,
        "token_endpoint_auth_method": client.auth_method,
        "redirect_uris": [client.redirect_uri],
        "post_logout_redirect_uris": [client.post_logout_redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid offline_access profile email address phone",
    }
    if client.secret:
        found["client_secret"] = client.secret
    if client.key is not None:
        found["jwks"] = {"keys": public_keys(client)}
    if client.is_fapi:
        found |= {
            "require_pushed_authorization_requests": True,
            "dpop_bound_access_tokens": True,
            "id_token_signed_response_alg": "ES256",
        }
    if client.backchannel_logout_uri:
        found |= {
            "backchannel_logout_uri": client.backchannel_logout_uri,
            "backchannel_logout_session_required": True,
        }
    return found
