"""Codes that only the key which was named before can exchange (RFC 9449 § 10)."""

import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from tests.builders.oidc import Website, agree, came_back, code_for, follow_here
from tests.builders.signed import Key, key_for, proof
from tests.integration.oidc.dpop.presenting import THUMBPRINT, refusal
from tests.support.client import PageClient


def test_a_code_bound_to_a_key_is_exchanged_with_this_key_alone(
    client: PageClient, website: Website, erika: Account
) -> None:
    def bound_code() -> str:
        return code_for(client, website, dpop_jkt=THUMBPRINT)

    thief = proof(key_for("ES256", "thief"))
    assert refusal(website.exchange(client, bound_code())) == (400, "invalid_dpop_proof")
    assert refusal(website.exchange(client, bound_code(), proof=thief)) == (400, "invalid_grant")
    answer = website.exchange(client, bound_code(), proof=proof(key_for("ES256")))
    assert answer.get_json()["token_type"] == "DPoP"


@pytest.mark.parametrize("thumbprint", ["", "kurz", "x" * 44, "ü" * 43, "=" * 43])
def test_what_is_no_thumbprint_is_said_at_once(
    client: PageClient, website: Website, erika: Account, thumbprint: str
) -> None:
    assert came_back(website.send(client, dpop_jkt=thumbprint))["error"] == "invalid_request"


def push(client: PageClient, website: Website, text: str | None, **changes: Any) -> TestResponse:
    sent = website.parameters(client_secret=website.secret, **changes)
    return website.post(client, "/oidc/par", proof=text, **sent)


def code_of_pushed(client: PageClient, website: Website, text: str | None, **changes: Any) -> str:
    answer = push(client, website, text, **changes)
    assert answer.status_code == 201, answer.text
    asked = {"client_id": website.client.client_id, "request_uri": answer.get_json()["request_uri"]}
    page = follow_here(client, client.client.get("/oidc/authorize", query_string=asked))
    if page.status_code == 200:
        page = agree(client, page)
    return came_back(page)["code"]


def proof_at_par(key: Key, **changes: Any) -> str:
    return proof(key, **{"path": "/oidc/par"} | changes)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (lambda: proof_at_par(key_for("ES256")), {}),
        (lambda: None, {"dpop_jkt": THUMBPRINT}),
        (lambda: proof_at_par(key_for("ES256")), {"dpop_jkt": THUMBPRINT}),
    ],
    ids=["by a proof", "by the thumbprint", "by both"],
)
def test_a_pushed_request_binds_its_code(
    client: PageClient, website: Website, erika: Account, text: Any, changes: dict[str, str]
) -> None:
    """RFC 9449 § 10.1."""
    thief = proof(key_for("ES256", "thief"))
    code = code_of_pushed(client, website, text(), **changes)
    assert refusal(website.exchange(client, code, proof=thief)) == (400, "invalid_grant")

    code = code_of_pushed(client, website, text(), **changes)
    answer = website.exchange(client, code, proof=proof(key_for("ES256")))
    assert answer.get_json()["token_type"] == "DPoP"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (lambda: proof_at_par(key_for("ES256", "thief")), {"dpop_jkt": THUMBPRINT}),
        (lambda: proof(key_for("ES256")), {}),
        (lambda: proof_at_par(key_for("ES256"), iat=int(time.time()) - 3600), {}),
        (lambda: "x", {}),
    ],
    ids=["of another key", "for another address", "too old", "no proof"],
)
def test_a_wrong_proof_at_a_pushed_request_is_refused(
    client: PageClient, website: Website, text: Any, changes: dict[str, str]
) -> None:
    assert refusal(push(client, website, text(), **changes)) == (400, "invalid_dpop_proof")
