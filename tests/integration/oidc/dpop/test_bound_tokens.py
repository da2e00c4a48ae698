"""Tokens that work only together with a key of the client (DPoP, RFC 9449)."""

from datetime import timedelta

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.oidc.client_models import ClientKind
from tests.builders.oidc import Website, code_for, create_website
from tests.builders.signed import key_for, proof
from tests.integration.oidc.dpop.presenting import THUMBPRINT, asks, bound_token, proof_for, refusal
from tests.support.client import PageClient

ALGORITHMS = ("ES256", "PS256", "EdDSA")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_bound_to_a_key_opens_what_it_is_for_with_a_proof(
    client: PageClient, website: Website, erika: Account, algorithm: str
) -> None:
    key = key_for(algorithm)

    answer = website.exchange(client, code_for(client, website), proof=proof(key, algorithm=algorithm))

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["token_type"] == "DPoP"
    token = answer.get_json()["access_token"]
    known = asks(client, token, proof_for(token, key, algorithm=algorithm))
    assert known.status_code == 200 and known.get_json()["sub"]


def test_an_app_without_a_secret_gets_bound_tokens(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC)

    token = bound_token(client, app, key_for("ES256"))

    assert asks(client, token, proof_for(token, key_for("ES256"))).status_code == 200


def test_a_proof_by_post_counts_for_post(client: PageClient, website: Website, erika: Account) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    def posts(method: str) -> int:
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof_for(token, key, method=method)}
        return client.client.post("/oidc/userinfo", headers=headers).status_code

    assert posts("GET") == 401
    assert posts("POST") == 200


def test_a_bound_token_is_worth_nothing_as_a_bearer_token(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = bound_token(client, website, key_for("ES256"))

    for answer in (
        asks(client, token, None, "Bearer"),
        asks(client, token, proof_for(token, key_for("ES256")), "Bearer"),
        client.client.post("/oidc/userinfo", data={"access_token": token}),
    ):
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers.getlist("WWW-Authenticate")[0]
        assert any(text.startswith("DPoP ") for text in answer.headers.getlist("WWW-Authenticate"))


def test_a_bearer_token_is_no_bound_one(client: PageClient, website: Website, erika: Account) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    answer = asks(client, token, proof_for(token, key_for("ES256")))

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'DPoP algs="ES256 PS256 EdDSA", error="invalid_token"'


def test_the_proof_of_another_key_does_not_open_it(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = bound_token(client, website, key_for("ES256"))

    assert asks(client, token, proof_for(token, key_for("ES256", "thief"))).status_code == 401


def test_a_website_that_promised_bound_tokens_gets_no_others(client: PageClient, erika: Account) -> None:
    website = create_website(dpop_bound_access_tokens=True)

    assert refusal(website.exchange(client, code_for(client, website))) == (400, "invalid_dpop_proof")
    assert bound_token(client, website, key_for("ES256"))


def test_introspection_tells_which_key_a_token_is_bound_to(
    client: PageClient, website: Website, erika: Account
) -> None:
    bearer = website.exchange(client, code_for(client, website)).get_json()["access_token"]
    bound = bound_token(client, website, key_for("ES256"))

    known, unbound = (website.introspect(client, token).get_json() for token in (bound, bearer))

    assert (known["token_type"], known["cnf"]) == ("DPoP", {"jkt": THUMBPRINT})
    assert unbound["token_type"] == "Bearer" and "cnf" not in unbound


def test_a_proof_adds_one_statement(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    key = key_for("ES256")

    def statements(token: str, text: str | None, scheme: str) -> int:
        db.session.expunge_all()
        queries.clear()
        assert asks(client, token, text, scheme).status_code == 200
        return len(queries)

    bearer = website.exchange(client, code_for(client, website)).get_json()["access_token"]
    bound = bound_token(client, website, key)

    assert statements(bound, proof_for(bound, key), "DPoP") == statements(bearer, None, "Bearer") + 1


def test_a_bound_token_ends_with_everything_else(
    client: PageClient, website: Website, erika: Account
) -> None:
    key = key_for("ES256")
    code = code_for(client, website)
    token = website.exchange(client, code, proof=proof(key)).get_json()["access_token"]
    assert website.exchange(client, code, proof=proof(key)).status_code == 400

    assert asks(client, token, proof_for(token, key)).status_code == 401


def test_a_bound_token_lasts_five_minutes(client: PageClient, website: Website, erika: Account) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        assert asks(client, token, proof_for(token, key)).status_code == 401
