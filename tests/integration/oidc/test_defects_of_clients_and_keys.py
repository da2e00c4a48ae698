"""What providers get wrong about clients, keys and logs; numbers as in docs/security/oidc-defects.md."""

import base64
import logging
from typing import Any

import pytest
from joserfc import jws, jwt
from structlog.testing import capture_logs

from servicekonto.accounts.models import Account
from servicekonto.core.errors import InvalidInputError
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from tests.builders.oidc import (
    ISSUER,
    REDIRECT_URI,
    VERIFIER,
    Website,
    came_back,
    claims_in,
    code_for,
    create_website,
    userinfo,
)
from tests.builders.signed import ASSERTION_TYPE, assertion, jwks_of, key_for, proof
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("kind", list(ClientKind))
def test_defect_10_without_a_challenge_no_code_is_made(
    client: PageClient, erika: Account, kind: ClientKind
) -> None:
    website = create_website(kind=kind)

    back = came_back(website.send(client, code_challenge=None, code_challenge_method=None))

    assert back["error"] == "invalid_request" and "code" not in back


def test_defect_10_an_app_cannot_be_registered_to_do_without() -> None:
    with pytest.raises(InvalidInputError, match="require_pkce"):
        create_website(kind=ClientKind.PUBLIC, require_pkce=False)


SECRETS = [b"s\xe9cret", "sécret".encode(), b"\xff\xfe", b"", b"a\0b", b"%FF%FE", b"%", "\U0001f511".encode()]


@pytest.mark.parametrize("secret", SECRETS)
def test_defect_16_any_bytes_as_a_secret_are_wrong_and_no_error_of_ours(
    client: PageClient, secret: bytes
) -> None:
    website = create_website(token_endpoint_auth_method=AuthMethod.BASIC)
    pair = website.client.client_id.encode() + b":" + secret
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    answer = client.client.post("/oidc/token", data={"grant_type": "authorization_code"}, headers=headers)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("secret", SECRETS)
def test_defect_16_in_a_form_too(client: PageClient, website: Website, secret: bytes) -> None:
    given = {"grant_type": "authorization_code", "client_id": website.client.client_id}

    answer = client.client.post("/oidc/token", data={**given, "client_secret": secret or b" "})

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_defect_17_without_encryption_a_request_is_refused_and_no_error_of_ours(
    client: PageClient, website: Website, erika: Account
) -> None:
    for address in ("http://konto.example.org", "http://127.0.0.1.example.org"):
        complete = {
            "grant_type": "authorization_code",
            "code": code_for(client, website),
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            **website.credentials,
        }
        answer = PageClient(client.app).client.post("/oidc/token", base_url=address, data=complete)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "insecure_transport")
        assert client.client.get("/oidc/authorize", base_url=address).status_code < 500


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_defect_20_of_two_keys_exactly_one_signs(
    client: PageClient, erika: Account, algorithm: Algorithm
) -> None:
    website = create_website(id_token_alg=algorithm)
    tokens = [
        website.exchange(client, code_for(client, website)).get_json()["id_token"] for _time in range(6)
    ]

    kids = {str(jws.extract_compact(token.encode()).headers()["kid"]) for token in tokens}

    assert kids == {keys.signing_key(algorithm).kid}


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt"])
def test_defect_21_nothing_that_is_signed_is_an_access_token(
    client: PageClient, website: Website, erika: Account, typ: str | None
) -> None:
    id_token = website.exchange(client, code_for(client, website)).get_json()["id_token"]
    assert userinfo(client, id_token).status_code == 401

    signer = keys.signing_key(Algorithm.ES256)
    header = {"alg": signer.algorithm, "kid": signer.kid} | ({"typ": typ} if typ else {})
    claims = claims_in(id_token, keys.public_jwks()) | {"client_id": website.client.client_id}
    forged = jwt.encode(header, claims, signer.key, algorithms=[signer.algorithm], default_type=None)
    assert userinfo(client, forged).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
)
def test_toy_mistake_18_the_issuer_comes_from_the_configuration(
    client: PageClient, website: Website, erika: Account, headers: dict[str, str]
) -> None:
    refused = client.client.get(
        "/oidc/authorize", query_string=website.parameters(response_type="token"), headers=headers
    )
    code = code_for(client, website)
    tokens = client.client.post(
        "/oidc/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": website.parameters()["redirect_uri"],
            "code_verifier": VERIFIER,
            "client_id": website.client.client_id,
            "client_secret": website.secret,
        },
        headers={name: value for name, value in headers.items() if name != "Host"},
    )

    assert came_back(refused)["iss"] == ISSUER
    assert claims_in(tokens.get_json()["id_token"], keys.public_jwks())["iss"] == ISSUER


def test_toy_mistake_20_neither_codes_nor_tokens_nor_secrets_stand_in_a_log(
    client: PageClient,
    erika: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    key = key_for("ES256")
    by_form = create_website()
    by_key = create_website(token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks=jwks_of(key))
    hidden: list[str] = [by_form.secret, VERIFIER, "a wrong secret"]

    def exchange_twice(website: Website, **given: Any) -> str:
        """The second time in vain."""
        code = code_for(client, website)
        answer = website.exchange(client, code, **given).get_json()
        assert website.exchange(client, code, **given).status_code >= 400
        hidden.extend([code, *(str(value) for value in given.values() if value != ASSERTION_TYPE)])
        hidden.extend(answer[name] for name in ("access_token", "id_token"))
        return str(answer["access_token"])

    with capture_logs() as entries:
        userinfo(client, exchange_twice(by_form))
        text = assertion(by_key.client.client_id, key)
        exchange_twice(by_key, client_assertion_type=ASSERTION_TYPE, client_assertion=text, proof=proof(key))
        by_form.exchange(client, "x" * 43, client_secret="a wrong secret")

    written = f"{entries} {[(record.getMessage(), record.args) for record in caplog.records]}"
    assert "oidc.token" in written, "nothing was captured"
    assert [value for value in hidden if value in written] == []


def test_toy_mistake_20_authlib_would_write_tokens(
    client: PageClient, website: Website, erika: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """So that the test above is known to see something."""
    assert logging.getLogger("authlib").level >= logging.INFO
    caplog.set_level(logging.DEBUG, logger="authlib")

    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    assert token in caplog.text
