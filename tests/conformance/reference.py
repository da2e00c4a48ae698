"""npm's oidc-provider, certified by the OpenID Foundation: what passes there is no whim of these tests."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page as BrowserPage

from tests.conformance.clients import METHODS, Client, public_keys, unregistered
from tests.conformance.node import Program, running_node
from tests.conformance.provider import CONSENT, SIGN_IN, SIGN_OUT, Levels, Provider
from tests.conformance.receiver import Receiver
from tests.conformance.user_agent import Form, Page, Step, UserAgent
from tests.support.certificates import Tls
from tooling import assets

SERVER = Path(__file__).parent / "oidc_provider" / "server.mjs"
_KINDS = {"sign-in": SIGN_IN, "consent": CONSENT, "op.logoutForm": SIGN_OUT}
_CHANGES_KEYS, _KEYS = "new-keys", "/new-keys/jwks.json"
_LEVEL = "urn:example:level:"


class Reference(Provider):
    name = "oidc-provider"
    levels = Levels(low=f"{_LEVEL}low", high=f"{_LEVEL}high")
    known_claims = frozenset(
        {
            "name", "given_name", "family_name", "birthdate", "email", "email_verified", "address",
            "phone_number", "phone_number_verified",
        }
    )  # fmt: skip
    step_up = {"prompt": "login"}

    def __init__(self, node: Program, tls: Tls, clients: Mapping[str, Client], receiver: Receiver) -> None:
        super().__init__(str(node.read()["issuer"]), tls, clients)
        self._node = node
        self._receiver = receiver

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

    def rotate_keys(self) -> None:
        """As a start with another configuration does: its keys are part of that."""
        self._node.write({"rotate": True})
        assert self._node.read() == {"rotated": True}

    def replace_keys(self, client: Client) -> None:
        self._receiver.files |= _published_keys(client)


def _known_form(page: Page) -> Form:
    return next(form for form in page.forms if form.id in _KINDS)


@contextmanager
def running_reference(folder: Path, _shared: Path, tls: Tls, receiver: Receiver) -> Iterator[Reference]:
    clients = {kind: _client(kind, receiver) for kind in METHODS}
    receiver.files |= _published_keys(clients[_CHANGES_KEYS])
    settings = folder / "settings.json"
    settings.write_text(
        json.dumps(
            {
                "tools": str(assets.test_tools_folder()),
                "key": str(tls.key),
                "certificate": str(tls.certificate),
                "clients": [_registration(client, receiver) for client in clients.values()],
            }
        )
    )
    with running_node(SERVER, str(settings), tls=tls) as node:
        yield Reference(node, tls, clients, receiver)


def _client(kind: str, receiver: Receiver) -> Client:
    found = unregistered(kind, receiver)
    has_secret = found.auth_method.startswith("client_secret")
    return replace(found, client_id=kind, secret=secrets.token_urlsafe(32) if has_secret else "")


def _published_keys(client: Client) -> dict[str, tuple[str, bytes]]:
    """For the receiver: this client has registered where its keys are."""
    return {_KEYS: ("application/json", json.dumps({"keys": public_keys(client)}).encode())}


def _registration(client: Client, receiver: Receiver) -> Mapping[str, Any]:
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
    if client.kind == _CHANGES_KEYS:
        found["jwks_uri"] = receiver.origin + _KEYS
    elif client.key is not None:
        found["jwks"] = {"keys": public_keys(client)}
    if client.is_fapi:
        found |= {
            "require_pushed_authorization_requests": True,
            "dpop_bound_access_tokens": True,
        }
    if client.id_token_alg:
        found["id_token_signed_response_alg"] = client.id_token_alg
    if client.backchannel_logout_uri:
        found |= {
            "backchannel_logout_uri": client.backchannel_logout_uri,
            "backchannel_logout_session_required": True,
        }
    return found
