"""oidcc-basic-certification-test-plan and oidcc-formpost-basic-certification-test-plan: the code flow.

One test for each module, under its name. Every answer is checked in website.py for what all modules check.
"""

from tests.conformance.provider import Provider
from tests.conformance.tokens import entropy_of, now
from tests.conformance.user_agent import Callback
from tests.conformance.website import Website

STANDARD = {
    "sub": str, "name": str, "given_name": str, "family_name": str, "middle_name": str, "nickname": str,
    "preferred_username": str, "profile": str, "picture": str, "website": str, "email": str,
    "email_verified": bool, "gender": str, "birthdate": str, "zoneinfo": str, "locale": str,
    "phone_number": str, "phone_number_verified": bool, "address": dict, "updated_at": int,
}  # fmt: skip
ABOUT_THE_TOKEN = {
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash",
    "s_hash", "sid", "jti",
}  # fmt: skip


def assert_standard(found: dict[str, object]) -> None:
    wrong = [name for name, kind in STANDARD.items() if name in found and not isinstance(found[name], kind)]
    assert not wrong, f"of the wrong kind: {wrong}"
    assert "" not in found.values()


OF_SCOPE = {
    "profile": {
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile",
        "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    },
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}  # fmt: skip
"""OpenID Connect Core § 5.4."""


def assert_released(website: Website, scope: str) -> None:
    """From UserInfo, all that there is to know and nothing of another scope; nothing in the ID token."""
    claims = set().union(*(OF_SCOPE[each] for each in scope.split()))
    website.provider.needs("scopes_supported", *scope.split())

    tokens = website.tokens(website.send(website.somebody(), scope=f"openid {scope}"))
    found = website.user_info(tokens)

    assert_standard(found)
    assert set(found) - {"sub"} <= claims
    assert claims & website.provider.known_claims <= set(found)
    assert set(tokens.claims) <= ABOUT_THE_TOKEN, "they belong to UserInfo"


def test_oidcc_server(website: Website) -> None:
    visit = website.send(website.somebody())

    tokens = website.tokens(visit)

    assert len(visit.code) * 8 >= 128 and entropy_of(visit.code) >= 96
    assert website.tokens(website.send(website.somebody())).claims["sub"] == tokens.claims["sub"]
    assert set(tokens.claims) <= ABOUT_THE_TOKEN, "claims about a person that nobody asked for"
    assert tokens.answer["expires_in"] > 0


def test_oidcc_response_type_missing(website: Website) -> None:
    visit = website.send(website.somebody(), response_type=None)

    if isinstance(visit.end, Callback):
        assert visit.error in {"unsupported_response_type", "invalid_request"}
    else:
        assert visit.page.status == 400


def test_oidcc_idtoken_signature(provider: Provider) -> None:
    """RS256 is what the suite's websites are registered for."""
    website = Website(provider, "rs256")

    tokens = website.tokens(website.send(website.provider.stranger()))

    assert tokens.header["alg"] == "RS256"
    assert tokens.header["kid"] in {key["kid"] for key in provider.published_keys() if key["kty"] == "RSA"}


def test_oidcc_idtoken_unsigned(provider: Provider) -> None:
    """The module is about providers that can leave the signature out. Nobody should (RFC 9700)."""
    assert "none" not in provider.metadata["id_token_signing_alg_values_supported"]


def test_oidcc_userinfo_get(website: Website) -> None:
    tokens = website.tokens(website.send(website.somebody()))

    assert_standard(website.user_info(tokens))


def test_oidcc_userinfo_post_header(website: Website) -> None:
    tokens = website.tokens(website.send(website.somebody()))
    url = website.provider.endpoint("userinfo")

    answer = website.provider.post(url, {}, headers=website.bearer(tokens.access, "POST", url))

    assert_standard(website.checked_user_info(answer, tokens))


def test_oidcc_userinfo_post_body(website: Website) -> None:
    tokens = website.tokens(website.send(website.somebody()))

    answer = website.provider.post(website.provider.endpoint("userinfo"), {"access_token": tokens.access})

    assert_standard(website.checked_user_info(answer, tokens))


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(website: Website) -> None:
    tokens = website.tokens(website.send(website.somebody(), nonce=None))

    assert "nonce" not in tokens.claims


def test_oidcc_scope_profile(website: Website) -> None:
    assert_released(website, "profile")


def test_oidcc_scope_email(website: Website) -> None:
    assert_released(website, "email")


def test_oidcc_scope_address(website: Website) -> None:
    assert_released(website, "address")


def test_oidcc_scope_phone(website: Website) -> None:
    assert_released(website, "phone")


def test_oidcc_scope_all(website: Website) -> None:
    assert_released(website, "profile email address phone")


def test_oidcc_alternate_happy_flow(website: Website) -> None:
    """Another order of scopes and parameters, and more of them than before."""
    website.provider.needs("scopes_supported", "email", "profile")

    visit = website.send_in_reverse(website.somebody(), scope="email profile openid", prompt="")

    assert website.user_info(website.tokens(visit))["email"]


def test_oidcc_display_page(website: Website) -> None:
    website.tokens(website.send(website.somebody(), display="page"))


def test_oidcc_display_popup(website: Website) -> None:
    website.tokens(website.send(website.somebody(), display="popup"))


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(website: Website) -> None:
    website.tokens(website.send(website.somebody(), extra="foobar"))


def test_oidcc_login_hint(website: Website) -> None:
    website.tokens(website.send(website.provider.stranger(), login_hint="buffy@example.org"))


def test_oidcc_ui_locales(website: Website) -> None:
    website.tokens(website.send(website.somebody(), ui_locales="se"))


def test_oidcc_claims_locales(website: Website) -> None:
    website.tokens(website.send(website.somebody(), claims_locales="se"))


def test_oidcc_ensure_request_with_acr_values_succeeds(website: Website) -> None:
    website.provider.needs("acr_values_supported")
    values = website.provider.metadata["acr_values_supported"]

    tokens = website.tokens(website.send(website.somebody(), acr_values=" ".join(values)))

    assert tokens.claims["acr"] in values


def test_oidcc_ensure_registered_redirect_uri(website: Website) -> None:
    elsewhere = f"{website.client.redirect_uri}/{now()}"

    visit = website.send(website.somebody(), redirect_uri=elsewhere)

    assert visit.page.status == 400


def test_oidcc_ensure_post_request_succeeds(website: Website) -> None:
    """The form is on the website: what is signed in with SameSite=Lax does not come along."""
    agent, request = website.somebody(), website.parameters()

    step = agent.post_from_elsewhere(website.provider.endpoint("authorization"), request)
    visit = website.follow(agent, step, request)

    website.tokens(visit)


def test_oidcc_ensure_request_with_valid_pkce_succeeds(website: Website) -> None:
    website.tokens(website.send(website.somebody(), pkce=True))


def test_oidcc_server_client_secret_post(provider: Provider) -> None:
    provider.needs("token_endpoint_auth_methods_supported", "client_secret_post")
    website = Website(provider, "post")

    website.tokens(website.send(website.somebody()))


def test_a_state_comes_back_as_it_was(website: Website) -> None:
    """Of no module: whatever there is in it, in a URL as well as in a form."""
    visit = website.send(website.somebody(), state="""a+b%20c&d=e#f"><script>'{}~ """ + "z" * 128)

    website.tokens(visit)


def test_the_scopes_are_asked_for_before_anything_goes_out(provider: Provider) -> None:
    """Of no plan: whoever refuses comes back with ``access_denied``."""
    website = Website(provider, "second")

    visit = website.send(website.provider.stranger(), scope="openid email", prompt="consent", deny=True)

    assert visit.error == "access_denied"
