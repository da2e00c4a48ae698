"""What a website is sent when a session is over (OpenID Connect Back-Channel Logout 1.0 § 2.4)."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jws

from servicekonto.accounts.models import Account
from tests.builders.accounts import sign_in
from tests.builders.logout import ALGORITHMS, Receiver, claims_of, create_website_with_logout, id_token_for
from tests.builders.oidc import ISSUER, Website
from tests.integration.oidc.backchannel.telling import jobs, own_session, sign_out, work
from tests.support.client import PageClient


def test_signing_out_here_is_told_the_website_with_a_token_as_the_standard_wants_it(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    id_token = claims_of(id_token_for(client, website))
    sign_out(client)
    assert received.requests == []  # the browser does not wait for it

    work(client.app)

    ((path, headers, body),) = received.requests
    assert path == "/backchannel?of=us"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Host"] == f"127.0.0.1:{received.port}"
    assert list(parse_qs(body.decode())) == ["logout_token"]
    (token,) = received.tokens
    claims = claims_of(token)
    header = jws.extract_compact(token.encode()).headers()
    assert (header["typ"], header["alg"]) == ("logout+jwt", "ES256") and header["kid"]
    assert (claims["iss"], claims["aud"]) == (ISSUER, website.client.client_id)
    assert (claims["sub"], claims["sid"]) == (id_token["sub"], id_token["sid"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"] and "nonce" not in claims
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_logout_token_is_signed_as_the_id_tokens_of_the_website_are(
    client: PageClient, erika: Account, received: Receiver, algorithm: str
) -> None:
    website = create_website_with_logout(backchannel_logout_uri=received.uri, id_token_alg=algorithm)
    id_token_for(client, website)
    sign_out(client)

    work(client.app)

    assert jws.extract_compact(received.tokens[0].encode()).headers()["alg"] == algorithm


def test_the_sid_is_the_same_for_one_website_and_session_and_another_for_every_other(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    other = create_website_with_logout(backchannel_logout_uri=received.uri)
    first, again, elsewhere = (
        claims_of(id_token_for(client, which))["sid"] for which in (website, website, other)
    )
    running = own_session(erika)
    phone = PageClient(client.app)
    sign_in(phone, erika)
    on_the_phone = claims_of(id_token_for(phone, website))["sid"]

    assert first == again
    assert len({first, elsewhere, on_the_phone}) == 3
    assert str(running.id) not in first and len(first) == 43


def test_nothing_personal_stands_in_the_queue(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    sub = claims_of(id_token_for(client, website))["sub"]
    sign_out(client)

    (job,) = jobs()

    assert set(job.payload) == {"grant_id"}
    assert sub not in str(job.key) and str(erika.id) not in str(job.key)


def test_the_metadata_says_so(client: PageClient) -> None:
    found: dict[str, Any] = client.client.get("/.well-known/openid-configuration").get_json()

    assert found["end_session_endpoint"] == f"{ISSUER}/oidc/end_session"
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True
    assert "sid" in found["claims_supported"]
