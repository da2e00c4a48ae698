"""What a website may register, and which addresses it is sent back to."""

import pytest
from flask import Flask

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc.client_models import AuthMethod, ClientKind, SubjectType
from servicekonto.oidc.client_rules import MOST_URIS, problem_of_sector, problem_of_uri, problems
from servicekonto.web import i18n
from tests.builders.clients import app_facts, client_facts

CONFIDENTIAL, PUBLIC = ClientKind.CONFIDENTIAL, ClientKind.PUBLIC

GOOD = (
    "https://www.example.org/callback",
    "https://www.example.org",
    "https://www.example.org:8443/a/b?next=1&x=..",
    "https://xn--brger-kva.example.org/cb",
    "https://example.org/.well-known/cb",
    "https://example.org/a..b/c...d",
    "http://localhost:8124/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:9000/callback",
)
BAD = {
    "no scheme": "www.example.org/callback",
    "scheme-relative": "//www.example.org/callback",
    "http elsewhere": "http://www.example.org/callback",
    "http on a host that only begins like the own device": "http://localhost.example.org/",
    "a script": "javascript:alert(1)",
    "a script behind slashes": "javascript://example.org/%0aalert(1)",
    "data": "data:text/html,x",
    "own scheme": "org.example.app:/callback",
    "scheme in capitals": "HTTPS://www.example.org/",
    "host in capitals": "https://WWW.example.org/",
    "no host": "https:///callback",
    "dot at the end of the host": "https://www.example.org./",
    "fragment": "https://www.example.org/callback#top",
    "empty fragment": "https://www.example.org/callback#",
    "user name": "https://www.example.org@evil.example/",
    "password": "https://a:b@www.example.org/",
    "wildcard host": "https://*.example.org/",
    "wildcard path": "https://www.example.org/*",
    "one up": "https://www.example.org/a/../b",
    "one up at the end": "https://www.example.org/a/..",
    "one up behind a parameter": "https://www.example.org/a/..;/b",
    "here": "https://www.example.org/a/./b",
    "one up in disguise": "https://www.example.org/a/%2e%2E/b",
    "slash in disguise": "https://www.example.org/a%2fb",
    "backslash": "https://www.example.org\\@evil.example/",
    "backslash in the path": "https://www.example.org/a\\b",
    "backslash in disguise": "https://www.example.org/a%5Cb",
    "space": "https://www.example.org/a b",
    "line": "https://www.example.org/a\nb",
    "NUL": "https://www.example.org/\x00",
    "umlaut": "https://bürger.example.org/",
    "letter that looks like another": "https://www.ex\u0430mple.org/",
    "no port": "https://www.example.org:/",
    "port 0": "https://www.example.org:0/",
    "port too high": "https://www.example.org:65536/",
    "port in words": "https://www.example.org:https/",
    "another address of the own device": "http://[::ffff:127.0.0.1]/",
    "hyphen first": "https://-example.org/",
    "empty": "",
    "too long": "https://www.example.org/" + "a" * 2000,
}


@pytest.fixture(autouse=True)
def in_german(keys: Flask) -> None:
    i18n.register(keys)


@pytest.mark.parametrize("uri", GOOD)
def test_a_complete_address_is_fine(uri: str) -> None:
    assert problem_of_uri(uri) is None


@pytest.mark.parametrize("uri", BAD.values(), ids=BAD.keys())
def test_an_address_that_could_be_read_in_two_ways_is_refused(uri: str) -> None:
    assert problem_of_uri(uri) is not None
    found = problems(
        client_facts(redirect_uris=[uri], post_logout_redirect_uris=[uri], home_page=uri), CONFIDENTIAL
    )

    assert set(found) == {"redirect_uris", "post_logout_redirect_uris", "home_page"}


def test_the_sentence_names_the_address_that_is_wrong() -> None:
    facts = client_facts(redirect_uris=["https://a.example.org/", "https://b.example.org/#x"])

    assert problems(facts, CONFIDENTIAL)["redirect_uris"] == (
        "https://b.example.org/#x: Eine Adresse hat keinen Teil nach dem Zeichen #."
    )


@pytest.mark.parametrize("query", ["code=1", "a=b&state", "iss=https://evil.example", "%65rror="])
def test_an_address_does_not_say_beforehand_what_we_answer(query: str) -> None:
    """The website would find it twice, and may take the first."""
    uri = f"https://a.example.org/?{query}"

    assert "redirect_uris" in problems(client_facts(redirect_uris=[uri]), CONFIDENTIAL)


def test_an_address_may_have_other_parameters() -> None:
    facts = client_facts(redirect_uris=["https://a.example.org/?action=code&codes=1"])

    assert problems(facts, CONFIDENTIAL) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("name", "Portal\u202elatroP"),
        ("logo_text", "x" * 41),
        ("logo_text", "Stadt\u202eMusterstadt"),
        ("purpose", ""),
        ("purpose_en", "x" * 301),
        ("purpose", "a\x00b"),
        ("contact_email", "standesamt"),
        ("redirect_uris", []),
        ("redirect_uris", [f"https://example.org/{number}" for number in range(MOST_URIS + 1)]),
        ("token_endpoint_auth_method", AuthMethod.NONE),
        ("scopes", []),
        ("scopes", ["profile"]),
        ("scopes", ["openid", "everything"]),
        ("min_level", AssuranceLevel.BASIC),
        ("min_level", AssuranceLevel.HIGH),
    ],
)
def test_each_field_has_its_rule(field: str, value: object) -> None:
    assert set(problems(client_facts(**{field: value}), CONFIDENTIAL)) == {field}


def test_what_is_fine_has_no_problems() -> None:
    assert problems(client_facts(), CONFIDENTIAL) == {}
    assert problems(client_facts(require_pkce=False, post_logout_redirect_uris=[]), CONFIDENTIAL) == {}
    assert problems(app_facts(), PUBLIC) == {}


def test_an_app_without_a_secret_cannot_do_without_pkce() -> None:
    assert set(problems(app_facts(require_pkce=False), PUBLIC)) == {"require_pkce"}


def test_an_app_has_no_secret_to_send() -> None:
    facts = app_facts(token_endpoint_auth_method=AuthMethod.POST)

    assert set(problems(facts, PUBLIC)) == {"token_endpoint_auth_method"}


ONE_HOST = ["https://a.example.org/1", "https://a.example.org:8443/2"]
TWO_HOSTS = [*ONE_HOST, "https://b.example.org/"]


@pytest.mark.parametrize(
    ("sector", "subject_type", "uris", "is_fine"),
    [
        (None, SubjectType.PAIRWISE, ONE_HOST, True),
        (None, SubjectType.PAIRWISE, TWO_HOSTS, False),
        ("a.example.org", SubjectType.PAIRWISE, TWO_HOSTS, True),
        (None, SubjectType.PUBLIC, TWO_HOSTS, True),
        ("https://a.example.org/", SubjectType.PAIRWISE, TWO_HOSTS, False),
        ("A.example.org", SubjectType.PAIRWISE, ONE_HOST, False),
        ("a.example.org:8443", SubjectType.PAIRWISE, ONE_HOST, False),
    ],
)
def test_several_hosts_need_one_that_stands_for_all(
    sector: str | None, subject_type: SubjectType, uris: list[str], is_fine: bool
) -> None:
    assert (problem_of_sector(sector, subject_type, uris) is None) is is_fine
