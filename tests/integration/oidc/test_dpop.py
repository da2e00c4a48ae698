"""Tokens that work only together with a key of the client (DPoP, RFC 9449)."""

import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.jti_models import SeenJti
from tests.builders.oidc import (
    ISSUER,
    Website,
    agree,
    came_back,
    code_for,
    create_website,
    follow_here,
)
from tests.builders.signed import (
    ASSERTION_TYPE,
    Key,
    assertion,
    hash_of,
    jwks_of,
    key_for,
    proof,
    public,
    with_header,
)
from tests.support.client import PageClient

ALGORITHMS = ("ES256", "PS256", "EdDSA")
THUMBPRINT = key_for("ES256").thumbprint()


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


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


WRONG_AT_USERINFO: list[dict[str, Any]] = [
    {"ath": None},
    {"ath": hash_of("another token")},
    {"ath": 7},
    {"ath": "ü"},
    {"htm": "POST"},
    {"htm": "get"},
    {"htm": None},
    {"htu": f"{ISSUER}/oidc/token"},
    {"htu": "https://localhost/oidc/userinfo"},
    {"htu": "http://localhost:8000/oidc/userinfo"},
    {"htu": "http://localhost:nn/oidc/userinfo"},
    {"htu": "http://x@localhost/oidc/userinfo"},
    {"htu": "http://[localhost/oidc/userinfo"},
    {"htu": "/oidc/userinfo"},
    {"htu": f"{ISSUER}/oidc%2Fuserinfo"},
    {"htu": f"{ISSUER}/oidc/userinfo/"},
    {"htu": f"{ISSUER}/oidc/user\ninfo"},
    {"htu": ""},
    {"htu": [ISSUER]},
    {"htu": None},
    {"jti": None},
    {"jti": ""},
    {"jti": 7},
    {"iat": None},
    {"iat": "now"},
    {"iat": float("nan")},
    {"iat": 10**400},
    {"iat": -(10**400)},
    {"exp": 1},
    {"nbf": 2**40},
]


@pytest.mark.parametrize("changes", WRONG_AT_USERINFO)
def test_a_proof_is_for_one_token_one_request_and_one_moment(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any]
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    answer = asks(client, token, proof_for(token, key, **changes))

    assert answer.status_code == 401
    assert 'error="invalid_dpop_proof"' in answer.headers["WWW-Authenticate"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "htu",
    [
        f"{ISSUER}/oidc/userinfo?x=1",
        f"{ISSUER}/oidc/userinfo#x",
        "HTTP://LocalHost/oidc/userinfo",
        "http://localhost:80/oidc/userinfo",
        f"{ISSUER}/oidc/%75serinf%6f",
    ],
)
def test_two_ways_to_write_an_address_are_one(
    client: PageClient, website: Website, erika: Account, htu: str
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    assert asks(client, token, proof_for(token, key, htu=htu)).status_code == 200


def test_the_address_is_that_of_the_configuration(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Not of what a request says about its host."""
    key = key_for("ES256")
    token = bound_token(client, website, key)
    headers = {
        "Authorization": f"DPoP {token}",
        "DPoP": proof_for(token, key, htu="http://evil.example/oidc/userinfo"),
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
    }

    assert client.client.get("/oidc/userinfo", headers=headers).status_code in {400, 401}


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(-10, 200), (-58, 200), (-65, 401), (10, 200), (58, 200), (65, 401), (-86400, 401)],
)
def test_clocks_may_differ_by_a_minute(
    client: PageClient, website: Website, erika: Account, seconds: int, status: int
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    assert asks(client, token, proof_for(token, key, iat=int(time.time()) + seconds)).status_code == status


def test_a_proof_counts_once(client: PageClient, website: Website, erika: Account) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)
    text = proof_for(token, key)

    assert [asks(client, token, text).status_code for _time in range(2)] == [200, 401]


def test_two_keys_may_use_the_same_name_for_a_proof(
    client: PageClient, website: Website, erika: Account
) -> None:
    for name in ("first", "second"):
        token = bound_token(client, website, key_for("ES256", name))
        assert asks(client, token, proof_for(token, key_for("ES256", name), jti="1")).status_code == 200


def test_who_has_no_token_leaves_nothing_behind(client: PageClient, website: Website) -> None:
    for _time in range(3):
        assert asks(client, "x" * 43, proof_for("x" * 43, key_for("ES256"))).status_code == 401

    assert db.session.scalar(sa.select(sa.func.count()).select_from(SeenJti)) == 0


def private(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=True))


HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"},
    {"typ": None},
    {"jwk": None},
    {"jwk": "x"},
    {"jwk": []},
    {"jwk": {}},
    {"jwk": {"kty": "oct", "k": "eA"}},
    {"jwk": {"kty": "EC", "crv": "P-256"}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eA"}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": []}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    {"jwk": {"kty": ["EC"], "crv": {}}},
    {"jwk": public(key_for("ES384"))},
    {"jwk": public(key_for("PS256"))},
    {"jwk": private(key_for("ES256"))},
    {"jwk": public(key_for("ES256", "thief"))},
    {"crit": ["x"], "x": 1},
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_proof_carries_the_public_key_that_signed_it(
    client: PageClient, website: Website, erika: Account, header: dict[str, Any]
) -> None:
    usual = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key_for("ES256"))}
    full = {name: value for name, value in (usual | header).items() if value is not None}
    text = with_header(proof(key_for("ES256")), full)

    answer = website.exchange(client, code_for(client, website), proof=text)

    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("changes", [{"typ": "JWT"}, {"jwk": private(key_for("ES256"))}])
def test_a_good_signature_does_not_make_up_for_a_wrong_header(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any]
) -> None:
    text = proof(key_for("ES256"), header=changes)

    assert refusal(website.exchange(client, code_for(client, website), proof=text)) == (
        400,
        "invalid_dpop_proof",
    )


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_other_signatures_do_not_count(
    client: PageClient, website: Website, erika: Account, algorithm: str
) -> None:
    text = proof(key_for(algorithm), algorithm=algorithm)

    assert refusal(website.exchange(client, code_for(client, website), proof=text)) == (
        400,
        "invalid_dpop_proof",
    )


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "é", "e30.e30.eA", "W10.e30.eA", "W1tb" * 900 + ".e30.eA"]
)
def test_any_bytes_as_a_proof_are_refused_and_no_error_of_ours(
    client: PageClient, website: Website, erika: Account, text: str
) -> None:
    answer = website.exchange(client, code_for(client, website), proof=text)

    assert refusal(answer) == (400, "invalid_dpop_proof")
    assert asks(client, "x", text).status_code == 401


def test_two_proofs_at_once_are_none(client: PageClient, website: Website, erika: Account) -> None:
    both = f"{proof(key_for('ES256'))}, {proof(key_for('ES256', 'second'))}"

    answer = website.exchange(client, code_for(client, website), proof=both)

    assert refusal(answer) == (400, "invalid_dpop_proof")


def test_a_website_that_promised_bound_tokens_gets_no_others(client: PageClient, erika: Account) -> None:
    website = create_website(dpop_bound_access_tokens=True)

    assert refusal(website.exchange(client, code_for(client, website))) == (400, "invalid_dpop_proof")
    assert bound_token(client, website, key_for("ES256"))


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


def test_introspection_tells_which_key_a_token_is_bound_to(
    client: PageClient, website: Website, erika: Account
) -> None:
    bearer = website.exchange(client, code_for(client, website)).get_json()["access_token"]
    bound = bound_token(client, website, key_for("ES256"))

    known, unbound = (website.introspect(client, token).get_json() for token in (bound, bearer))

    assert (known["token_type"], known["cnf"]) == ("DPoP", {"jkt": THUMBPRINT})
    assert unbound["token_type"] == "Bearer" and "cnf" not in unbound


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
