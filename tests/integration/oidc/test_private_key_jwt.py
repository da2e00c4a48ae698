"""Websites that prove who they are with a signature (RFC 7523, FAPI 2.0 § 5.3.2.1)."""

import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.jti_models import SeenJti
from servicekonto.oidc.tasks import purge_old_rows
from tests.builders.oidc import ISSUER, Website, code_for, create_website
from tests.builders.signed import ASSERTION_TYPE, BYTES, Key, assertion, jwks_of, key_for, public, with_header
from tests.support.client import PageClient

ALGORITHMS = ("ES256", "PS256", "EdDSA")
SOMEBODY = "somebody-else"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def signing() -> Website:
    """A website with a key of each kind."""
    return signing_website(*(key_for(algorithm) for algorithm in ALGORITHMS))


def signing_website(*keys: Key, **changes: Any) -> Website:
    method = AuthMethod.PRIVATE_KEY
    return create_website(**{"token_endpoint_auth_method": method, "jwks": jwks_of(*keys)} | changes)


def proves(client: PageClient, website: Website, text: str, **changes: Any) -> TestResponse:
    """With a code that does not exist: who gets as far as ``invalid_grant`` was believed."""
    given = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text, "client_id": None}
    return website.exchange(client, "x" * 43, **given | changes)


def is_believed(answer: TestResponse) -> bool:
    error = answer.get_json()["error"]
    expected = {"invalid_grant": 400, "invalid_client": 401}
    assert answer.status_code == expected[error], answer.text
    assert answer.get_json().get("error_description", "").isascii()
    return str(error) == "invalid_grant"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_website_gets_its_tokens_with_a_signature_in_place_of_a_secret(
    client: PageClient, erika: Account, signing: Website, algorithm: str
) -> None:
    text = assertion(signing.client.client_id, key_for(algorithm), algorithm=algorithm)

    answer = signing.exchange(
        client, code_for(client, signing), client_assertion_type=ASSERTION_TYPE, client_assertion=text
    )

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["token_type"] == "Bearer"


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_other_signatures_do_not_count(client: PageClient, signing: Website, algorithm: str) -> None:
    text = assertion(signing.client.client_id, key_for(algorithm), algorithm=algorithm)

    assert not is_believed(proves(client, signing, text))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_neither_nothing_nor_the_public_key_as_a_secret_is_a_signature(
    client: PageClient, signing: Website, algorithm: str
) -> None:
    text = with_header(assertion(signing.client.client_id, key_for("ES256")), {"alg": algorithm})

    assert not is_believed(proves(client, signing, text))


CLAIMS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"iss": SOMEBODY}, False),
    ({"iss": None}, False),
    ({"sub": SOMEBODY}, False),
    ({"sub": None}, False),
    ({"sub": ["x"]}, False),
    ({"iss": SOMEBODY, "sub": SOMEBODY}, False),
    ({"aud": [ISSUER]}, False),
    ({"aud": [ISSUER, "https://other.example"]}, False),
    ({"aud": f"{ISSUER}/"}, False),
    ({"aud": f"{ISSUER}/oidc/token"}, False),
    ({"aud": f"{ISSUER}/oidc/par"}, False),
    ({"aud": "https://other.example"}, False),
    ({"aud": None}, False),
    ({"aud": True}, False),
    ({"jti": None}, False),
    ({"jti": ""}, False),
    ({"jti": 7}, False),
    ({"jti": "x" * 256}, False),
    ({"jti": "\ud800 \0 ü"}, True),
    ({"exp": None}, False),
    ({"exp": "soon"}, False),
    ({"exp": True}, False),
    ({"exp": float("nan")}, False),
    ({"exp": float("inf")}, False),
    ({"exp": 10**400}, False),
    ({"exp": -1}, False),
    ({"iat": "now"}, False),
    ({"iat": None}, True),
    ({"nbf": [1]}, False),
]


@pytest.mark.parametrize(("changes", "expected"), CLAIMS)
def test_an_assertion_names_the_website_this_provider_and_itself(
    client: PageClient, signing: Website, changes: dict[str, Any], expected: bool
) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"), **changes)

    assert is_believed(proves(client, signing, text)) is expected


@pytest.mark.parametrize(
    ("claim", "seconds", "expected"),
    [
        ("exp", 299, True),
        ("exp", 310, False),
        ("exp", 86400, False),
        ("exp", -50, True),
        ("exp", -61, False),
        ("nbf", 8, True),
        ("nbf", 59, True),
        ("nbf", 65, False),
        ("iat", 8, True),
        ("iat", 59, True),
        ("iat", 65, False),
        ("iat", -290, True),
    ],
)
def test_clocks_may_differ_by_a_minute_and_no_more(
    client: PageClient, signing: Website, claim: str, seconds: int, expected: bool
) -> None:
    """Toy mistake 19."""
    changes: dict[str, Any] = {claim: int(time.time()) + seconds}
    text = assertion(signing.client.client_id, key_for("ES256"), **changes)

    assert is_believed(proves(client, signing, text)) is expected


def test_an_assertion_counts_once(client: PageClient, signing: Website) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))

    assert is_believed(proves(client, signing, text))
    assert not is_believed(proves(client, signing, text))


def test_it_proves_the_same_at_every_endpoint(client: PageClient, erika: Account, signing: Website) -> None:
    def credentials() -> dict[str, str]:
        text = assertion(signing.client.client_id, key_for("ES256"))
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}

    token = signing.exchange(client, code_for(client, signing), **credentials()).get_json()["access_token"]

    asked = signing.parameters()
    assert signing.post(client, "/oidc/par", **asked).status_code == 401
    assert signing.post(client, "/oidc/par", **asked | credentials()).status_code == 201
    assert signing.introspect(client, token).status_code == 401
    assert signing.introspect(client, token, **credentials()).get_json()["active"] is True
    assert signing.revoke(client, token).status_code == 401
    assert signing.revoke(client, token, **credentials()).status_code == 200
    assert signing.introspect(client, token, **credentials()).get_json() == {"active": False}


def test_an_assertion_that_counted_at_one_endpoint_counts_at_no_other(
    client: PageClient, signing: Website
) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))
    given = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}

    assert signing.introspect(client, "x", **given).status_code == 200
    assert signing.revoke(client, "x", **given).status_code == 401


def test_two_websites_may_use_the_same_name_for_an_assertion(client: PageClient) -> None:
    for name in ("first", "second"):
        website = signing_website(key_for("ES256", name))
        text = assertion(website.client.client_id, key_for("ES256", name), jti="1")
        assert is_believed(proves(client, website, text))


def test_names_of_assertions_are_forgotten_when_these_have_run_out(
    client: PageClient, signing: Website
) -> None:
    proves(client, signing, assertion(signing.client.client_id, key_for("ES256")))
    count = sa.select(sa.func.count()).select_from(SeenJti)

    with unit_of_work():
        purge_old_rows(at=clock.now() + timedelta(seconds=110))
    assert db.session.scalar(count) == 1
    with unit_of_work():
        purge_old_rows(at=clock.now() + timedelta(seconds=130))
    assert db.session.scalar(count) == 0


def test_while_a_website_changes_its_key_both_count_and_then_the_new_one_alone(client: PageClient) -> None:
    old, new = key_for("ES256"), key_for("ES256", "new")
    website = signing_website(old, new)

    def is_accepted(key: Key, **header: Any) -> bool:
        text = assertion(website.client.client_id, key, header=header)
        return is_believed(proves(client, website, text))

    assert is_accepted(old) and is_accepted(new)
    assert is_accepted(new, kid=None)
    assert not is_accepted(new, kid=old.kid)
    assert not is_accepted(new, kid="unknown")

    facts = clients.facts_of(website.client)
    with unit_of_work():
        clients.change(
            website.client, type(facts)(**vars(facts) | {"jwks": jwks_of(new)}), by=None, at=clock.now()
        )
    assert is_accepted(new) and not is_accepted(old)


def test_a_key_that_is_not_registered_proves_nothing(client: PageClient, signing: Website) -> None:
    """Not even when it comes along in the header."""
    stranger = key_for("ES256", "stranger")
    text = assertion(
        signing.client.client_id, stranger, header={"kid": key_for("ES256").kid, "jwk": public(stranger)}
    )

    assert not is_believed(proves(client, signing, text))


def test_a_key_for_encryption_signs_nothing(client: PageClient) -> None:
    key = key_for("ES256", "encryption")
    other = key_for("EdDSA")
    website = signing_website(jwks={"keys": [{**public(key), "use": "enc"}, public(other)]})

    assert not is_believed(proves(client, website, assertion(website.client.client_id, key)))


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": SOMEBODY},
        {"client_secret": "x"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion_type": None},
        {"client_assertion": None},
    ],
)
def test_there_is_one_way_to_prove_it_in_one_request(
    client: PageClient, signing: Website, changes: dict[str, Any]
) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))

    assert not is_believed(proves(client, signing, text, **changes))


def test_the_website_may_name_itself_besides(client: PageClient, signing: Website) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))

    assert is_believed(proves(client, signing, text, client_id=signing.client.client_id))


@pytest.mark.parametrize("method", [AuthMethod.BASIC, AuthMethod.POST])
def test_who_has_a_secret_cannot_sign_instead(client: PageClient, method: AuthMethod) -> None:
    website = signing_website(key_for("ES256"), token_endpoint_auth_method=method)

    assert not is_believed(proves(client, website, assertion(website.client.client_id, key_for("ES256"))))


def test_an_app_cannot_sign_instead(client: PageClient) -> None:
    app = create_website(kind=ClientKind.PUBLIC, jwks=jwks_of(key_for("ES256")))
    text = assertion(app.client.client_id, key_for("ES256"))

    assert not is_believed(proves(client, app, text, client_id=app.client.client_id))


def test_who_signs_cannot_come_with_a_secret_or_with_nothing(client: PageClient, website: Website) -> None:
    facts = clients.facts_of(website.client)
    changes = {"token_endpoint_auth_method": AuthMethod.PRIVATE_KEY, "jwks": jwks_of(key_for("ES256"))}
    with unit_of_work():
        clients.change(website.client, type(facts)(**vars(facts) | changes), by=None, at=clock.now())

    assert not is_believed(website.exchange(client, "x" * 43))
    assert not is_believed(website.exchange(client, "x" * 43, client_secret=None))
    basic = PageClient(client.app).client.post(
        "/oidc/token",
        data={"grant_type": "authorization_code", "code": "x"},
        auth=(website.client.client_id, website.secret),
    )
    assert not is_believed(basic)


def test_a_disabled_website_proves_nothing(client: PageClient, signing: Website) -> None:
    with unit_of_work():
        clients.disable(signing.client, by=None, at=clock.now())

    assert not is_believed(proves(client, signing, assertion(signing.client.client_id, key_for("ES256"))))


@pytest.mark.parametrize("text", BYTES)
def test_any_bytes_as_an_assertion_are_refused_and_no_error_of_ours(
    client: PageClient, signing: Website, text: str
) -> None:
    """Defect 16, for signatures."""
    assert not is_believed(proves(client, signing, text))


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["unknown"], "unknown": 1},
        {"kid": 7},
        {"kid": ["x"]},
        {"kid": {}},
    ],
)
def test_what_must_be_understood_and_is_not_is_refused(
    client: PageClient, signing: Website, header: dict[str, Any]
) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))

    assert not is_believed(proves(client, signing, with_header(text, {"alg": "ES256"} | header)))


def test_the_exchange_takes_no_more_statements_than_with_a_secret(
    client: PageClient, erika: Account, website: Website, signing: Website, queries: list[str]
) -> None:
    def statements(of: Website, **given: Any) -> int:
        code = code_for(client, of)
        db.session.expunge_all()
        queries.clear()
        assert of.exchange(client, code, **given).status_code == 200
        return len(queries)

    text = assertion(signing.client.client_id, key_for("ES256"))
    first_time = statements(website)
    assert statements(website) <= first_time

    assert statements(signing, client_assertion_type=ASSERTION_TYPE, client_assertion=text) <= first_time


def test_an_hour_later_the_assertion_is_old(client: PageClient, signing: Website) -> None:
    text = assertion(signing.client.client_id, key_for("ES256"))

    with time_machine.travel(clock.now() + timedelta(hours=1)):
        assert not is_believed(proves(client, signing, text))
