"""What the FAPI 2.0 Security Profile demands, with a website that signs and binds its tokens.

Named after the modules of its conformance plan. More about each: test_private_key_jwt.py, dpop.
"""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.oidc import keys
from servicekonto.oidc.client_models import AuthMethod
from tests.builders.oidc import (
    ISSUER,
    Website,
    came_back,
    claims_in,
    code_for,
    create_website,
)
from tests.builders.signed import ASSERTION_TYPE, Key, assertion, jwks_of, key_for, proof
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")
KEY = key_for("ES256")
OTHER = key_for("ES256", "other")


@pytest.fixture
def careful() -> Website:
    return careful_website()


def careful_website(key: Key = KEY, **changes: Any) -> Website:
    return create_website(
        token_endpoint_auth_method=AuthMethod.PRIVATE_KEY,
        jwks=jwks_of(key),
        dpop_bound_access_tokens=True,
        **changes,
    )


def exchange(
    client: PageClient, website: Website, code: str, *, key: Key = KEY, dpop_key: Key = KEY, **changes: Any
) -> TestResponse:
    algorithm = "PS256" if key.key_type == "RSA" else "ES256"
    given = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(website.client.client_id, key, algorithm=algorithm),
        "proof": proof(dpop_key),
    }
    return website.exchange(client, code, **given | changes)


def reads(client: PageClient, token: str, key: Key = KEY) -> TestResponse:
    text = proof(key, path="/oidc/userinfo", method="GET", access_token=token)
    headers = {"Authorization": f"DPoP {token}", "DPoP": text}
    return PageClient(client.app).client.get("/oidc/userinfo", headers=headers)


def error_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_happy_flow(client: PageClient, erika: Account, algorithm: str) -> None:
    key = key_for(algorithm)
    website = careful_website(key, id_token_alg=algorithm)

    answer = exchange(client, website, code_for(client, website, "openid profile"), key=key)

    assert answer.status_code == 200, answer.text
    given = answer.get_json()
    assert given["token_type"] == "DPoP"
    claims = claims_in(given["id_token"], keys.public_jwks(), algorithm)
    known = reads(client, given["access_token"]).get_json()
    assert known["sub"] == claims["sub"] and known["given_name"] == "Jörg Ömer"


def test_ensure_request_without_state_or_nonce_succeeds(
    client: PageClient, erika: Account, careful: Website
) -> None:
    code = code_for(client, careful, state=None, nonce=None)

    token = exchange(client, careful, code).get_json()["id_token"]

    assert "nonce" not in claims_in(token, keys.public_jwks())


def test_ensure_request_with_a_nonce_of_64_characters_succeeds(
    client: PageClient, erika: Account, careful: Website
) -> None:
    code = code_for(client, careful, nonce="n" * 64)

    token = exchange(client, careful, code).get_json()["id_token"]

    assert claims_in(token, keys.public_jwks())["nonce"] == "n" * 64


@pytest.mark.parametrize("response_type", ["token", "id_token", "code id_token", "code token", "none"])
def test_ensure_response_type_other_than_code_fails(
    client: PageClient, erika: Account, careful: Website, response_type: str
) -> None:
    back = came_back(careful.send(client, response_type=response_type))

    assert back["error"] == "unsupported_response_type" and "code" not in back


def test_user_rejects_authentication(client: PageClient, erika: Account, careful: Website) -> None:
    page = careful.send(client)
    form = client.checked(page, 200).form(page.request.path)

    back = came_back(form.submit(client, button="Abbrechen"))

    assert (back["error"], back["iss"]) == ("access_denied", ISSUER)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
    ],
)
def test_par_pkce_required_and_plain_rejected(
    client: PageClient, erika: Account, careful: Website, changes: dict[str, Any]
) -> None:
    assert came_back(careful.send(client, **changes))["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "x" * 43])
def test_ensure_pkce_code_verifier_required(
    client: PageClient, erika: Account, careful: Website, verifier: str | None
) -> None:
    answer = exchange(client, careful, code_for(client, careful), code_verifier=verifier)

    assert error_of(answer) == (400, "invalid_grant")


def test_ensure_authorization_code_is_bound_to_client(
    client: PageClient, erika: Account, careful: Website
) -> None:
    thief = careful_website(OTHER)

    answer = exchange(client, thief, code_for(client, careful), key=OTHER)

    assert error_of(answer) == (400, "invalid_grant")


def test_attempt_to_reuse_authorization_code_after_one_second(
    client: PageClient, erika: Account, careful: Website
) -> None:
    code = code_for(client, careful)
    token = exchange(client, careful, code).get_json()["access_token"]

    with time_machine.travel(clock.now() + timedelta(seconds=1)):
        assert error_of(exchange(client, careful, code)) == (400, "invalid_grant")
        assert reads(client, token).status_code == 401


def test_ensure_authorization_code_expires_after_60_seconds(
    client: PageClient, erika: Account, careful: Website
) -> None:
    code = code_for(client, careful)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert error_of(exchange(client, careful, code)) == (400, "invalid_grant")


def test_ensure_signed_client_assertion_with_rs256_fails(client: PageClient, erika: Account) -> None:
    key = key_for("RS256")
    website = careful_website(key)
    text = assertion(website.client.client_id, key, algorithm="RS256")

    answer = exchange(client, website, code_for(client, website), key=key, client_assertion=text)

    assert error_of(answer) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 300},
        {"sub": None},
        {"aud": [ISSUER]},
        {"aud": f"{ISSUER}/oidc/par"},
        {"aud": f"{ISSUER}/oidc/token"},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=["expired", "no-sub", "aud-array", "aud-par", "aud-token", "nbf-in-the-future"],
)
def test_ensure_wrong_client_assertion_fails(
    client: PageClient, erika: Account, careful: Website, changes: dict[str, Any]
) -> None:
    code = code_for(client, careful)
    wrong = assertion(careful.client.client_id, KEY, **changes)

    assert error_of(exchange(client, careful, code, client_assertion=wrong)) == (401, "invalid_client")
    assert exchange(client, careful, code).status_code == 200


def test_client_assertion_with_nbf_8_seconds_in_the_future_succeeds(
    client: PageClient, erika: Account, careful: Website
) -> None:
    now = int(time.time())
    text = assertion(careful.client.client_id, KEY, nbf=now + 8, iat=now + 8)

    assert exchange(client, careful, code_for(client, careful), client_assertion=text).status_code == 200


def test_ensure_token_endpoint_fails_without_dpop_and_with_another_key(
    client: PageClient, erika: Account, careful: Website
) -> None:
    bound = KEY.thumbprint()

    assert error_of(exchange(client, careful, code_for(client, careful), proof=None)) == (
        400,
        "invalid_dpop_proof",
    )
    code = code_for(client, careful, dpop_jkt=bound)
    assert error_of(exchange(client, careful, code, dpop_key=OTHER)) == (400, "invalid_grant")
    assert exchange(client, careful, code_for(client, careful, dpop_jkt=bound)).status_code == 200


def test_ensure_resource_fails_with_the_proof_of_another_key(
    client: PageClient, erika: Account, careful: Website
) -> None:
    token = exchange(client, careful, code_for(client, careful)).get_json()["access_token"]

    assert reads(client, token, OTHER).status_code == 401
    assert reads(client, token).status_code == 200


def test_attempting_to_exchange_without_authentication_fails(
    client: PageClient, erika: Account, careful: Website
) -> None:
    code = code_for(client, careful)

    answer = careful.exchange(client, code, proof=proof(KEY))

    assert error_of(answer) == (401, "invalid_client")
