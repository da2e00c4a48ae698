"""Which ID tokens say who is to be signed out, and that nothing else does."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from servicekonto.accounts import sessions
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import keys, logout_tokens
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.models import Grant
from tests.builders.accounts import is_signed_in, sign_in
from tests.builders.logout import (
    AFTERWARDS,
    STATE,
    claims_of,
    create_website_with_logout,
    end_session,
    id_token_for,
)
from tests.builders.oidc import Website
from tests.integration.oidc.end_session.leaving import assert_page, assert_went_back, confirm
from tests.support.client import PageClient


def test_the_hint_of_another_website_about_the_same_person_is_a_word_too(
    client: PageClient, website: Website, hint: str
) -> None:
    other = create_website_with_logout()

    assert_went_back(
        end_session(client, id_token_hint=id_token_for(client, other), post_logout_redirect_uri=AFTERWARDS)
    )


def test_a_hint_of_an_earlier_session_of_the_same_person_counts(
    client: PageClient, hint: str, erika: Account
) -> None:
    with unit_of_work():
        sessions.end_all(erika, at=clock.now())
    sign_in(client, erika)

    assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))
    assert not is_signed_in(client)


def test_a_hint_may_have_run_out(client: PageClient, hint: str) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=50)):
        assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))
        assert not is_signed_in(client)


def unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def of_another_key(token: str) -> str:
    key = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": key.thumbprint()}
    return jwt.encode(header, claims_of(token), key, algorithms=["ES256"])


def ours(token: str, kind: str | None = "JWT", **changes: Any) -> str:
    """Signed with our key, as if it were another kind of token."""
    claims = {name: value for name, value in (claims_of(token) | changes).items() if value is not None}
    signer = keys.signing_key(Algorithm.ES256)
    header = {"alg": "ES256", "kid": signer.kid} | ({"typ": kind} if kind else {})
    return jws.serialize_compact(header, json.dumps(claims), signer.key, algorithms=["ES256"])


def with_other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims_of(token) | {"sub": "x"}).encode()).rstrip(b"=")
    return f"{head}.{body.decode()}.{signature}"


def signed_with_the_public_key(token: str) -> str:
    """HS256 with what everybody can read."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}.{'A' * 43}"


@pytest.mark.parametrize(
    "broken",
    [
        unsigned,
        of_another_key,
        with_other_claims,
        signed_with_the_public_key,
        lambda token: token[:-4] + "AAAA",
        lambda token: token + ".x",
        lambda _token: "kein.jwt.hier",
        lambda _token: "ü" * 20,
        lambda _token: "x" * 9000,
        lambda _token: ".".join(["e30"] * 5),
        lambda token: ours(token, iss="https://evil.example"),
        lambda token: ours(token, aud="unbekannt"),
        lambda token: ours(token, aud=[claims_of(token)["aud"]]),
        lambda token: ours(token, sub=7),
    ],
    ids=[
        *("alg none", "another key", "other claims", "HS256", "another signature", "four parts", "no JWT"),
        *("not ASCII", "too long", "JWE", "another issuer", "unknown website", "list", "no text"),
    ],
)
def test_a_hint_that_is_not_ours_leads_nowhere_and_signs_nobody_out(
    client: PageClient, website: Website, hint: str, broken: Callable[[str], str]
) -> None:
    page = assert_page(
        client,
        end_session(
            client,
            id_token_hint=broken(hint),
            client_id=website.client.client_id,
            post_logout_redirect_uri=AFTERWARDS,
            state=STATE,
        ),
        status=400,
    )

    assert is_signed_in(client)
    assert confirm(client, page).location == "/abmelden"


@pytest.mark.parametrize(
    "made",
    [
        lambda hint: ours(hint, kind="at+jwt"),
        lambda hint: ours(hint, kind="logout+jwt"),
        lambda hint: ours(hint, kind="token-introspection+jwt"),
        lambda hint: ours(hint, kind=None),
        lambda hint: ours(hint, auth_time=None, sid=None),  # as signed answers of UserInfo
        lambda hint: ours(hint, events={"http://schemas.openid.net/event/backchannel-logout": {}}),
    ],
    ids=["access token", "logout token", "introspection", "no kind", "UserInfo", "events"],
)
def test_defect_19_nothing_but_an_id_token_is_a_hint(
    client: PageClient, hint: str, made: Callable[[str], str]
) -> None:
    """Authlib's own endpoint looks at the signature alone."""
    assert_page(
        client, end_session(client, id_token_hint=made(hint), post_logout_redirect_uri=AFTERWARDS), 400
    )
    assert is_signed_in(client)


def test_defect_19_a_logout_token_is_no_hint(client: PageClient, hint: str) -> None:
    with unit_of_work():
        grant = db.session.query(Grant).one()
        token = logout_tokens.logout_token(grant, at=clock.now())

    assert_page(client, end_session(client, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS), 400)


def test_defect_18_the_hint_alone_says_which_website_asks(
    client: PageClient, website: Website, hint: str
) -> None:
    """Authlib's ID tokens have a list as ``aud``, in which its own end_session finds no client."""
    assert claims_of(hint)["aud"] == website.client.client_id

    assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))


def test_the_client_id_has_to_be_the_one_of_the_hint(client: PageClient, website: Website, hint: str) -> None:
    other = create_website_with_logout()

    answer = end_session(
        client,
        id_token_hint=hint,
        client_id=other.client.client_id,
        post_logout_redirect_uri=AFTERWARDS,
    )

    assert_page(client, answer, 400)
    assert is_signed_in(client)


def test_the_key_that_signed_may_have_retired_but_not_been_revoked(client: PageClient, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    signed_by = keys.signing_key(Algorithm.ES256).kid
    keys.rotate(at=clock.now(), without_waiting=True)
    assert urlsplit(client.client.get("/oidc/end_session", query_string=given).location).path
    assert_went_back(end_session(client, **given))

    keys.revoke(signed_by, at=clock.now())

    assert_page(client, end_session(client, **given), 400)
