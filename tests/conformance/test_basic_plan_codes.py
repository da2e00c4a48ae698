"""The modules of the plan *basic* about codes, refresh tokens, request objects and the claims parameter."""

import json
import secrets
import time

import pytest
import requests

from tests.conformance.conftest import Ageing
from tests.conformance.provider import CONSENT, Provider
from tests.conformance.receiver import Receiver
from tests.conformance.refusals import assert_refused
from tests.conformance.tokens import unsigned
from tests.conformance.user_agent import Callback
from tests.conformance.website import Headers, Tokens, Visit, Website


def test_oidcc_codereuse(website: Website) -> None:
    visit = website.send(website.somebody())
    website.tokens(visit)

    assert_refused(website.redeem(visit), "invalid_grant")


def test_oidcc_claims_essential(website: Website) -> None:
    website.provider.needs("claims_parameter_supported")
    claims = json.dumps({"userinfo": {"name": {"essential": True}}})

    tokens = website.tokens(website.send(website.somebody(), claims=claims))

    assert website.user_info(tokens)["name"]


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    website: Website,
) -> None:
    """Ignoring it is what must not happen: then the nonce would not come back."""
    request = website.parameters()
    inside = {"iss": request["client_id"], "aud": website.provider.issuer, **request}
    outside = {name: value for name, value in request.items() if name != "nonce"}

    visit = _sent(website, request, {**outside, "request": unsigned(inside)})

    if "code" in visit.back:
        website.tokens(visit)
    else:
        assert visit.error in {"request_not_supported", "invalid_request_object"}


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    website: Website, receiver: Receiver
) -> None:
    """What stands at the address is right, and there when somebody comes for it."""
    request, path = website.parameters(), f"/request/{secrets.token_urlsafe(16)}.jwt"
    inside = {"iss": request["client_id"], "aud": website.provider.issuer, **request}
    outside = {name: value for name, value in request.items() if name != "nonce"}
    receiver.files[path] = "application/oauth-authz-req+jwt", unsigned(inside).encode()

    visit = _sent(website, request, {**outside, "request_uri": receiver.origin + path})

    if website.provider.metadata.get("request_uri_parameter_supported", True):
        website.tokens(visit)
    else:
        assert visit.error == "request_uri_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri(website: Website) -> None:
    """Either it is that of the object that counts, or nothing is issued."""
    request = website.parameters()
    inside = {"iss": request["client_id"], "aud": website.provider.issuer, **request}
    outside = {**request, "redirect_uri": f"{request['redirect_uri']}/elsewhere"}

    visit = _sent(website, request, {**outside, "request": unsigned(inside)})

    if isinstance(visit.end, Callback) and "code" in visit.back:
        website.tokens(visit)
    elif isinstance(visit.end, Callback):
        assert visit.error in {"request_not_supported", "invalid_request_object"}
    else:
        assert visit.page.status == 400


def test_oidcc_refresh_token(website: Website) -> None:
    visit, first = refreshable(website)
    time.sleep(1.05)  # ``iat`` has seconds

    second = website.checked(refresh(website, first), visit, is_refreshed=True)
    other = Website(website.provider, "second")

    same = ("iss", "sub", "aud", "auth_time", "azp")
    assert {name: second.claims.get(name) for name in same} == {name: first.claims.get(name) for name in same}
    assert second.claims["iat"] > first.claims["iat"]
    assert second.access != first.access
    assert website.user_info(second)["sub"] == first.claims["sub"]
    assert_refused(refresh(other, second if second.refresh else first), "invalid_grant")


@pytest.mark.slow
def test_oidcc_codereuse_30seconds(ageing: Ageing, website: Website) -> None:
    answer, info = ageing.reused(website).result(timeout=60)

    assert_refused(answer, "invalid_grant")
    assert 400 <= info.status_code < 500, "the first access token has to end as well"


def refreshable(website: Website) -> tuple[Visit, Tokens]:
    """With ``offline_access`` as OpenID Connect Core § 11 wants it. Skips where nothing is issued."""
    provider: Provider = website.provider
    provider.needs("grant_types_supported", "refresh_token")
    provider.needs("scopes_supported", "offline_access")
    visit = website.send(website.somebody(), scope="openid offline_access", prompt="consent")
    assert CONSENT in visit.shown
    tokens = website.tokens(visit)
    if tokens.refresh is None:
        pytest.fail("offline_access was asked for and agreed to, but no refresh token came")
    return visit, tokens


def refresh(
    website: Website, tokens: Tokens, *, headers: Headers | None = None, **changes: str | None
) -> requests.Response:
    given = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, **changes}
    return website.ask("token", given, headers=headers)


def _sent(website: Website, request: dict[str, str], sent: dict[str, str]) -> Visit:
    agent = website.somebody()
    return website.follow(agent, agent.open(website.provider.endpoint("authorization"), sent), request)
