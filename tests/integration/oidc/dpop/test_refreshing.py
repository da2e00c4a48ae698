"""Refresh tokens and the key of the client (RFC 9449 § 5)."""

from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from tests.builders.oidc import Website, code_for, create_website
from tests.builders.signed import ASSERTION_TYPE, assertion, jwks_of, key_for, proof
from tests.integration.oidc.dpop.presenting import asks, proof_for, refusal
from tests.support.client import PageClient


def test_a_refresh_token_of_an_app_is_bound_to_its_key(client: PageClient, erika: Account) -> None:
    app, key, thief = offline_website(ClientKind.PUBLIC), key_for("ES256"), key_for("ES256", "thief")
    first = offline_tokens_of(client, app, proof=proof(key))

    assert refusal(app.refresh(client, first["refresh_token"])) == (400, "invalid_dpop_proof")
    assert refusal(app.refresh(client, first["refresh_token"], proof=proof(thief))) == (400, "invalid_grant")
    second = app.refresh(client, first["refresh_token"], proof=proof(key)).get_json()
    assert second["token_type"] == "DPoP"
    token = second["access_token"]
    assert asks(client, token, proof_for(token, key)).status_code == 200
    assert app.refresh(client, second["refresh_token"], proof=proof(key)).status_code == 200


def test_a_website_with_a_server_may_refresh_with_a_new_key(client: PageClient, erika: Account) -> None:
    """It proves anyway who it is (RFC 9449 § 5)."""
    website, new = offline_website(), key_for("ES256", "new")
    first = offline_tokens_of(client, website, proof=proof(key_for("ES256")))

    second = website.refresh(client, first["refresh_token"], proof=proof(new)).get_json()

    token = second["access_token"]
    assert asks(client, token, proof_for(token, new)).status_code == 200
    assert asks(client, token, proof_for(token, key_for("ES256"))).status_code == 401


def test_a_refused_proof_uses_up_no_refresh_token(client: PageClient, erika: Account) -> None:
    website, key = offline_website(dpop_bound_access_tokens=True), key_for("ES256")
    token = offline_tokens_of(client, website, proof=proof(key))["refresh_token"]

    assert refusal(website.refresh(client, token)) == (400, "invalid_dpop_proof")
    assert refusal(website.refresh(client, token, proof=proof(key, htm="GET"))) == (400, "invalid_dpop_proof")
    assert website.refresh(client, token, proof=proof(key)).status_code == 200


def offline_tokens_of(client: PageClient, website: Website, *, proof: str) -> dict[str, Any]:
    code = code_for(client, website, "openid offline_access", prompt="consent")
    answer = website.exchange(client, code, proof=proof)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def offline_website(kind: ClientKind = ClientKind.CONFIDENTIAL, **changes: Any) -> Website:
    return create_website(kind=kind, offline_access=True, **changes)


def test_an_exchange_and_a_refresh_with_a_proof_stay_within_what_was_promised(
    client: PageClient, erika: Account, queries: list[str]
) -> None:
    key = key_for("ES256")
    website = create_website(
        offline_access=True, token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks=jwks_of(key)
    )

    def credentials() -> dict[str, str]:
        text = assertion(website.client.client_id, key)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text, "proof": proof(key)}

    website.exchange(client, code_for(client, website), **credentials())
    code = code_for(client, website, "openid offline_access", prompt="consent")
    queries.clear()
    tokens = website.exchange(client, code, **credentials()).get_json()
    assert len(queries) <= 7, queries  # 6, and the first refresh token
    queries.clear()
    assert website.refresh(client, tokens["refresh_token"], **credentials()).status_code == 200
    assert len(queries) <= 6, queries
