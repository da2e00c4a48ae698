"""Requests a website has signed (RFC 9101)."""

import json
import time
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from servicekonto.accounts.models import Account
from servicekonto.oidc import keys
from tests.builders.oidc import Website, agree, came_back, claims_in, create_website, follow_here
from tests.support.client import PageClient

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")

EC = ECKey.generate_key("P-256", {"kid": "ec"})
OTHER_EC = ECKey.generate_key("P-256", {"kid": "other-ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
BY_ALGORITHM: dict[str, Any] = {"ES256": EC, "PS256": RSA, "RS256": RSA, "EdDSA": ED}
ISSUER = "http://localhost"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def website() -> Website:
    published = [key.as_dict(private=False) for key in (EC, RSA, ED)]
    return create_website(jwks={"keys": published})


def signed(
    website: Website,
    algorithm: str = "ES256",
    key: Any = None,
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A change to None leaves a claim out."""
    client_id, now = website.client.client_id, int(time.time())
    about = {"iss": client_id, "aud": ISSUER, "exp": now + 60, "nbf": now, "iat": now, "jti": "x"}
    given = {**website.parameters(state="signed", nonce="signed"), **about, **changes}
    key = key or BY_ALGORITHM[algorithm]
    head = {"alg": algorithm, "kid": key.kid, "typ": "oauth-authz-req+jwt"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    claims = {name: value for name, value in given.items() if value is not None}
    return jws.serialize_compact(head, json.dumps(claims), key, algorithms=[algorithm])


def send(client: PageClient, website: Website, request: str, **beside: Any) -> Any:
    given = {"client_id": website.client.client_id, "response_type": "code", "request": request} | beside
    given = {name: value for name, value in given.items() if value is not None}
    return follow_here(client, client.client.get("/oidc/authorize", query_string=given))


def refused(client: PageClient, website: Website, request: str) -> str:
    """Where the address beside it is registered, the error goes there."""
    back = came_back(
        send(client, website, request, redirect_uri="https://website.example/callback", state="beside")
    )
    assert back["error_description"].isascii() and back["state"] == "beside"
    return back["error"]


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256", "EdDSA"])
def test_what_is_signed_counts(client: PageClient, website: Website, erika: Account, algorithm: str) -> None:
    back = came_back(agree(client, send(client, website, signed(website, algorithm))))

    assert back["state"] == "signed"
    token = website.exchange(client, back["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["nonce"] == "signed"


def test_what_stands_beside_it_does_not(client: PageClient, website: Website, erika: Account) -> None:
    answer = send(
        client, website, signed(website, prompt="none"), state="beside", prompt="login", scope="openid email",
        redirect_uri="https://evil.example/",
    )  # fmt: skip

    back = came_back(answer)

    assert (back["state"], back["error"]) == ("signed", "consent_required")


def test_a_signed_request_may_be_posted_and_pushed(
    client: PageClient, website: Website, erika: Account
) -> None:
    given = {"client_id": website.client.client_id, "request": signed(website)}
    posted = follow_here(client, client.client.post("/oidc/authorize", data=given))
    assert came_back(agree(client, posted))["state"] == "signed"

    answer = client.client.post("/oidc/par", data={**given, "client_secret": website.secret})
    assert answer.status_code == 201
    request_uri = answer.get_json()["request_uri"]
    query = {"client_id": website.client.client_id, "request_uri": request_uri}
    back = came_back(client.client.get("/oidc/authorize", query_string=query))
    assert back["state"] == "signed" and "code" in back


def test_numbers_and_claims_may_be_written_as_json(
    client: PageClient, website: Website, erika: Account
) -> None:
    request = signed(website, max_age=10000, claims={"userinfo": {"email": {"essential": True}}})

    assert "erika@example.org" in client.checked(send(client, website, request), 200).text


def test_without_a_name_the_only_key_that_fits_counts(
    client: PageClient, website: Website, erika: Account
) -> None:
    request = signed(website, header={"kid": None, "typ": None})

    assert send(client, website, request).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"}, {"iss": None}, {"aud": "https://evil.example"}, {"aud": None},
        {"aud": ["https://a.example", "https://b.example"]}, {"exp": None}, {"exp": 1}, {"exp": "soon"},
        {"exp": True}, {"nbf": 2**40}, {"nbf": "x"}, {"client_id": "other"}, {"client_id": None},
        {"response_type": "token"}, {"response_type": None}, {"request": "x"}, {"request_uri": "urn:x"},
        {"state": "a\ud800"}, {"nonce": "\ud800"},
    ],
)  # fmt: skip
def test_what_is_not_meant_for_us_now_is_refused(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any]
) -> None:
    assert refused(client, website, signed(website, **changes)) == "invalid_request_object"


def test_a_proof_of_the_client_is_no_request(client: PageClient, website: Website) -> None:
    assertion = signed(website, sub=website.client.client_id)

    assert refused(client, website, assertion) == "invalid_request_object"


def test_signed_with_another_key_it_is_refused(client: PageClient, website: Website) -> None:
    named_right = ECKey.import_key({**OTHER_EC.as_dict(private=True), "kid": "ec"})
    for key in (OTHER_EC, named_right):
        assert refused(client, website, signed(website, key=key)) == "invalid_request_object"
    confused = signed(website, header={"kid": "rsa"})
    assert refused(client, website, confused) == "invalid_request_object"


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "e30.e30.", "ü.ü.ü", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "." * 9]
)
def test_what_is_no_signed_request_is_refused(client: PageClient, website: Website, text: str) -> None:
    assert refused(client, website, text) == "invalid_request_object"


def test_an_unsigned_one_is_not_supported(client: PageClient, website: Website) -> None:
    claims = signed(website).split(".")[1]

    assert refused(client, website, f"eyJhbGciOiJub25lIn0.{claims}.") == "request_not_supported"


def test_a_website_without_keys_cannot_sign(client: PageClient, website: Website) -> None:
    other = create_website()

    assert refused(client, other, signed(other)) == "request_not_supported"


def test_another_type_of_token_is_refused(client: PageClient, website: Website) -> None:
    for typ in ("at+jwt", "logout+jwt", "dpop+jwt"):
        assert refused(client, website, signed(website, header={"typ": typ})) == "invalid_request_object"


def test_an_address_that_is_not_registered_is_not_followed_because_it_is_signed(
    client: PageClient, website: Website
) -> None:
    answer = send(client, website, signed(website, redirect_uri="https://evil.example/"))
    assert answer.status_code == 400

    broken = send(client, website, "x", redirect_uri="https://evil.example/")
    assert broken.status_code == 400


def test_a_request_to_be_fetched_is_not_fetched(client: PageClient, website: Website) -> None:
    for address in (
        "https://website.example/request.jwt",
        "http://169.254.169.254/",
        "urn:ietf:params:oauth:x",
    ):
        assert came_back(website.send(client, request_uri=address))["error"] == "request_uri_not_supported"
