"""Tokens that are bound to a key, and who comes with them."""

from typing import Any

from werkzeug.test import TestResponse

from tests.builders.oidc import Website, code_for
from tests.builders.signed import Key, key_for, proof
from tests.support.client import PageClient

THUMBPRINT = key_for("ES256").thumbprint()


def bound_token(client: PageClient, website: Website, key: Key) -> str:
    answer = website.exchange(client, code_for(client, website), proof=proof(key))
    assert answer.status_code == 200, answer.text
    token: str = answer.get_json()["access_token"]
    return token


def asks(client: PageClient, token: str, text: str | None, scheme: str = "DPoP") -> TestResponse:
    """At UserInfo."""
    headers = {"Authorization": f"{scheme} {token}"} | ({} if text is None else {"DPoP": text})
    return PageClient(client.app).client.get("/oidc/userinfo", headers=headers)


def proof_for(token: str, key: Key, **changes: Any) -> str:
    return proof(key, **{"path": "/oidc/userinfo", "method": "GET", "access_token": token} | changes)


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]
