"""The registry of websites: commands, secrets, and where people may be sent back to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.audit import Action, ObjectKind
from servicekonto.core.db import db
from servicekonto.core.errors import InvalidInputError, NotFoundError, StaleError
from servicekonto.core.ids import new_id
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind, IdTokenAlg, SubjectType
from tests.builders.accounts import SOME_DAY, create_account
from tests.builders.clients import (
    APP_REDIRECT,
    REDIRECT,
    client_facts,
    create_app_client,
    create_client,
    public_jwk,
)
from tests.support.audit_trail import Trail

LATER = SOME_DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def test_a_website_starts_with_the_safe_choice_of_everything(trail: Trail) -> None:
    operator = create_account()
    client = clients.register(client_facts(), kind=ClientKind.CONFIDENTIAL, by=operator, at=SOME_DAY)

    assert len(client.client_id) == 22 and client.client_id.isalnum()
    assert client.is_enabled and client.require_pkce
    assert client.subject_type is SubjectType.PAIRWISE
    assert client.sector_identifier == "urkunden.example.org"
    assert client.min_level is AssuranceLevel.LOW
    assert client.id_token_alg is IdTokenAlg.ES256
    assert client.secrets == []
    entry = trail.one(Action.CLIENT_REGISTERED)
    assert (entry.object_kind, entry.object_id, entry.actor_id) == (ObjectKind.CLIENT, client.id, operator.id)
    assert entry.payload == {"kind": "confidential"}


def test_what_is_wrong_is_said_by_field_and_nothing_is_registered(trail: Trail) -> None:
    with pytest.raises(InvalidInputError) as refused:
        clients.register(
            client_facts(name="", redirect_uris=["http://www.example.org/"]),
            kind=ClientKind.CONFIDENTIAL,
            by=None,
            at=SOME_DAY,
        )

    assert set(refused.value.errors) == {"name", "redirect_uris"}
    assert list(clients.all_clients()) == [] and trail.entries == []


def test_several_hosts_have_to_say_which_stands_for_all() -> None:
    uris = ["https://a.example.org/", "https://b.example.org/"]
    with pytest.raises(InvalidInputError) as refused:
        create_client(redirect_uris=uris)

    assert set(refused.value.errors) == {"sector_identifier"}
    assert create_client(redirect_uris=uris, sector_identifier="a.example.org").redirect_uris == uris


def test_it_is_found_by_its_client_id_while_it_is_enabled(trail: Trail) -> None:
    client = create_client()
    assert clients.by_client_id(client.client_id) is client

    clients.disable(client, by=None, at=LATER)
    clients.disable(client, by=None, at=LATER)
    assert clients.by_client_id(client.client_id) is None
    assert clients.named(client.client_id) is client

    clients.enable(client, by=None, at=LATER)
    clients.enable(client, by=None, at=LATER)
    assert clients.by_client_id(client.client_id) is client
    assert trail.actions == [Action.CLIENT_REGISTERED, Action.CLIENT_DISABLED, Action.CLIENT_ENABLED]


@pytest.mark.parametrize("client_id", ["", "x", "a\x00b", "%", "😀", "a" * 5000])
def test_an_unknown_client_id_is_nobody(client_id: str) -> None:
    assert clients.by_client_id(client_id) is None


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        clients.get_client(new_id())
    with pytest.raises(NotFoundError):
        clients.named("nobody")


def test_a_change_is_written_down_by_the_names_of_the_fields(trail: Trail) -> None:
    client = create_client(name="Alt")

    clients.change(client, client_facts(name="Neu", scopes=["email", "openid"]), by=None, at=LATER)

    assert (client.name, client.scopes) == ("Neu", ["openid", "email"])
    assert trail.entries[-1].action is Action.CLIENT_CHANGED
    assert trail.entries[-1].payload == {"fields": ["name", "scopes"]}


def test_changing_nothing_is_no_act(trail: Trail) -> None:
    client = create_client()

    clients.change(client, clients.facts_of(client), by=None, at=LATER)

    assert trail.actions == [Action.CLIENT_REGISTERED]
    assert client.version == 1


def test_another_host_changes_nobodys_name(trail: Trail) -> None:
    client = create_client()

    clients.change(client, client_facts(redirect_uris=["https://neu.example.org/"]), by=None, at=LATER)

    assert client.sector_identifier == "urkunden.example.org"


def test_what_somebody_else_has_changed_is_not_overwritten() -> None:
    client = create_client()
    clients.change(client, client_facts(name="Erste"), version=1, by=None, at=LATER)

    with pytest.raises(StaleError):
        clients.change(client, client_facts(name="Zweite"), version=1, by=None, at=LATER)

    assert client.name == "Erste"


def test_a_change_that_breaks_a_rule_changes_nothing() -> None:
    client = create_app_client()
    with pytest.raises(InvalidInputError) as refused:
        clients.change(client, client_facts(), by=None, at=LATER)

    assert set(refused.value.errors) == {"token_endpoint_auth_method"}
    assert client.token_endpoint_auth_method is AuthMethod.NONE


def test_a_secret_is_known_in_clear_once_and_then_only_by_its_hash(trail: Trail) -> None:
    client = create_client()

    clear = clients.add_secret(client, by=None, at=SOME_DAY)

    (stored,) = client.secrets
    assert len(clear) == 43
    assert clear.encode() not in stored.secret_hash and stored.last_characters == clear[-4:]
    assert trail.entries[-1].payload == {"secret_id": str(stored.id)}
    assert clear not in str(trail.entries[-1].payload)
    assert clients.secret_matches(client, clear, SOME_DAY)
    for wrong in ("", clear[:-1], clear + "x", clear.swapcase(), "ü\x00"):
        assert not clients.secret_matches(client, wrong, SOME_DAY)


def test_the_secret_of_another_website_does_not_fit() -> None:
    one, other = create_client(), create_client()
    clear = clients.add_secret(one, by=None, at=SOME_DAY)

    assert not clients.secret_matches(other, clear, SOME_DAY)


def test_while_secrets_change_both_fit_until_the_old_one_is_ended(trail: Trail) -> None:
    client = create_client()
    old = clients.add_secret(client, by=None, at=SOME_DAY)
    new = clients.add_secret(client, by=None, at=LATER)
    assert clients.secret_matches(client, old, LATER) and clients.secret_matches(client, new, LATER)

    for _twice in range(2):
        clients.end_secret(client, client.secrets[0].id, by=None, at=LATER)

    assert not clients.secret_matches(client, old, LATER)
    assert clients.secret_matches(client, new, LATER)
    assert trail.actions.count(Action.CLIENT_SECRET_ENDED) == 1


def test_a_secret_ends_at_its_time() -> None:
    client = create_client()
    clear = clients.add_secret(client, by=None, at=SOME_DAY, expires_at=LATER)

    assert clients.secret_matches(client, clear, LATER - timedelta(seconds=1))
    assert not clients.secret_matches(client, clear, LATER)


def test_no_secret_of_a_disabled_website_fits() -> None:
    client = create_client()
    clear = clients.add_secret(client, by=None, at=SOME_DAY)
    clients.disable(client, by=None, at=LATER)

    assert not clients.secret_matches(client, clear, LATER)


def test_an_app_gets_no_secret() -> None:
    with pytest.raises(clients.NoSecretsError):
        clients.add_secret(create_app_client(), by=None, at=SOME_DAY)


def test_there_are_not_many_secrets_at_once() -> None:
    client = create_client()
    for _number in range(clients.MOST_SECRETS):
        clients.add_secret(client, by=None, at=SOME_DAY)
    with pytest.raises(clients.TooManySecretsError):
        clients.add_secret(client, by=None, at=SOME_DAY)

    clients.end_secret(client, client.secrets[0].id, by=None, at=LATER)

    assert clients.add_secret(client, by=None, at=LATER)


def test_nobody_ends_the_secret_of_another_website() -> None:
    one, other = create_client(), create_client()
    clients.add_secret(one, by=None, at=SOME_DAY)
    with pytest.raises(NotFoundError):
        clients.end_secret(other, one.secrets[0].id, by=None, at=LATER)


@pytest.mark.parametrize(
    "uri",
    [
        REDIRECT + "/",
        REDIRECT + "?x=1",
        REDIRECT + "#",
        REDIRECT[:-1],
        REDIRECT.upper(),
        REDIRECT.replace("https", "http"),
        REDIRECT.replace("org", "org:443"),
        REDIRECT.replace("org/", "org/a/../"),
        "https://urkunden.example.org.evil.example/callback",
        "https://urkunden.example.org@evil.example/callback",
        " " + REDIRECT,
        REDIRECT + "\n",
        "",
    ],
)
def test_people_go_back_only_to_the_very_same_address(uri: str) -> None:
    client = create_client()

    assert clients.is_registered_redirect(client, REDIRECT)
    assert not clients.is_registered_redirect(client, uri)


@pytest.mark.parametrize(
    ("uri", "is_registered"),
    [
        (APP_REDIRECT, True),
        ("http://127.0.0.1:49152/callback", True),
        ("http://127.0.0.1:65536/callback", False),
        ("http://127.0.0.1:0/callback", False),
        ("http://127.0.0.1:/callback", False),
        ("http://127.0.0.1:49152/callback/", False),
        ("http://127.0.0.1:49152/callback?x=1", False),
        ("http://127.0.0.1:49152/other", False),
        ("http://127.0.0.1:80@evil.example/callback", False),
        ("http://127.0.0.1.evil.example/callback", False),
        ("http://127.0.0.1:1/callback\n", False),
        ("https://127.0.0.1:49152/callback", False),
        ("http://[::1]:49152/callback", False),
        ("http://localhost:49152/callback", False),
    ],
)
def test_an_app_may_take_the_port_that_is_free_on_its_own_device(uri: str, is_registered: bool) -> None:
    assert clients.is_registered_redirect(create_app_client(), uri) is is_registered


def test_a_registered_port_may_vary_too_but_not_on_a_name_that_may_lead_elsewhere() -> None:
    app = create_app_client(redirect_uris=["http://[::1]:8000/cb", "http://localhost:8000/cb"])

    assert clients.is_registered_redirect(app, "http://[::1]:9000/cb")
    assert clients.is_registered_redirect(app, "http://localhost:8000/cb")
    assert not clients.is_registered_redirect(app, "http://localhost:9000/cb")


def test_the_port_of_a_website_with_a_server_never_varies() -> None:
    client = create_client(redirect_uris=["http://127.0.0.1:8000/cb"])

    assert not clients.is_registered_redirect(client, "http://127.0.0.1:9000/cb")


def test_they_are_listed_by_name() -> None:
    for name in ("beta", "Alpha", "Gamma"):
        create_client(name=name)
    db.session.expire_all()

    assert [client.name for client in clients.all_clients()] == ["Alpha", "beta", "Gamma"]


def test_a_website_that_signs_from_now_on_has_no_secret_to_go_back_to(trail: Trail) -> None:
    client = create_client()
    clear = clients.add_secret(client, by=None, at=SOME_DAY)
    facts = clients.facts_of(client)
    keys = {"keys": [public_jwk("one")]}
    signing = replace(facts, token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks=keys)

    clients.change(client, signing, by=None, at=LATER)
    clients.change(client, facts, by=None, at=LATER)

    assert not clients.secret_matches(client, clear, LATER)
    assert trail.actions.count(Action.CLIENT_SECRET_ENDED) == 1
