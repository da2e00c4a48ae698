"""``flask clients``"""

import json
from pathlib import Path

import pytest
from click.testing import Result

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import (
    AuthMethod,
    Client,
    ClientKind,
    ContentEncryption,
    IdTokenAlg,
    KeyAgreement,
)
from servicekonto.web.application import Servicekonto
from tests.builders.clients import create_app_client, create_client, public_jwk

REGISTER = (
    *("register", "--name", "Urkundenportal", "--purpose", "Sie bestellen Urkunden."),
    *("--purpose-en", "You order certificates.", "--contact-email", "standesamt@example.org"),
    *("--home-page", "https://urkunden.example.org/", "--redirect-uri", "https://urkunden.example.org/cb"),
)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def run(app: Servicekonto, *arguments: object) -> Result:
    done = app.test_cli_runner().invoke(args=["clients", *map(str, arguments)])
    db.session.expire_all()
    return done


def only_client() -> Client:
    (found,) = clients.all_clients()
    return found


def secret_in(output: str) -> str:
    return output.split("client_secret: ")[1].split("\n", maxsplit=1)[0]


def test_registering_prints_the_id_and_the_first_secret(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--scope", "email", "--auth-method", "client_secret_post")

    assert done.exit_code == 0, done.output
    made = only_client()
    assert f"client_id: {made.client_id}\n" in done.output
    assert clients.secret_matches(made, secret_in(done.output), clock.now())
    assert made.scopes == ["openid", "email"]
    assert made.token_endpoint_auth_method is AuthMethod.POST


def test_public_keys_come_from_a_file(app: Servicekonto, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [public_jwk("one")]}))

    done = run(app, *REGISTER, "--jwks", file)

    assert done.exit_code == 0, done.output
    made = only_client()
    assert made.jwks == {"keys": [public_jwk("one")]}
    assert 'jwks: {"keys": [{"kty": "EC"' in run(app, "show", made.client_id).output


def test_what_is_done_with_tokens_is_chosen(app: Servicekonto, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [public_jwk("one")]}))

    done = run(
        app,
        *(*REGISTER, "--jwks", file, "--offline-access", "--introspects-all"),
        *("--userinfo-signed-response-alg", "PS256", "--id-token-encrypted-response-alg", "ECDH-ES+A256KW"),
    )

    assert done.exit_code == 0, done.output
    made = only_client()
    assert made.offline_access and made.introspects_all
    assert made.userinfo_signed_response_alg is IdTokenAlg.PS256
    assert made.id_token_encrypted_response_alg is KeyAgreement.ECDH_ES_A256KW
    assert made.id_token_encrypted_response_enc is ContentEncryption.A128CBC_HS256


def test_an_app_does_not_ask_about_the_tokens_of_others(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--kind", "public", "--introspects-all")

    assert done.exit_code == 1 and "introspects_all: " in done.output


def test_an_app_gets_no_secret(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--kind", "public")

    assert done.exit_code == 0, done.output
    assert "client_secret" not in done.output
    assert only_client().kind is ClientKind.PUBLIC


def test_what_is_wrong_is_said_by_field(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--redirect-uri", "http://www.example.org/", "--contact-email", "x")

    assert done.exit_code == 1
    assert "redirect_uris: http://www.example.org/" in done.output and "contact_email: " in done.output
    assert list(clients.all_clients()) == []


def test_the_list_says_which_are_disabled(app: Servicekonto) -> None:
    create_client(name="Portal")
    app_client = create_app_client(name="App")
    run(app, "disable", app_client.client_id)

    lines = run(app, "list").output.splitlines()

    assert lines[0].endswith("App  (disabled)") and lines[0].startswith(app_client.client_id)
    assert lines[1].endswith("Portal  (no valid secret)")


def test_one_is_shown_with_its_secrets_but_never_in_clear(app: Servicekonto) -> None:
    client = create_client()
    clear = secret_in(run(app, "add-secret", client.client_id, "--days", 30).output)

    shown = run(app, "show", client.client_id).output

    assert "redirect_uris: https://urkunden.example.org/callback" in shown
    assert f"secret {client.secrets[0].id}: …{clear[-4:]}, made " in shown
    assert clear not in shown


def test_a_secret_is_made_and_ended(app: Servicekonto) -> None:
    client = create_client()
    clear = secret_in(run(app, "add-secret", client.client_id).output)
    assert clients.secret_matches(client, clear, clock.now())

    ended = run(app, "end-secret", client.client_id, client.secrets[0].id)

    assert ended.exit_code == 0, ended.output
    assert not clients.secret_matches(client, clear, clock.now())


def test_disabling_and_enabling(app: Servicekonto) -> None:
    client = create_client()

    assert run(app, "disable", client.client_id).output == "Disabled.\n"
    assert clients.by_client_id(client.client_id) is None
    assert run(app, "enable", client.client_id).output == "Enabled.\n"
    assert clients.by_client_id(client.client_id) is not None


def test_what_cannot_be_done_is_said_in_a_sentence(app: Servicekonto) -> None:
    many = create_client()
    with unit_of_work():
        for _number in range(clients.MOST_SECRETS):
            clients.add_secret(many, by=None, at=clock.now())

    outputs = [
        run(app, "show", "nobody"),
        run(app, "add-secret", create_app_client().client_id),
        run(app, "add-secret", many.client_id),
    ]

    assert [done.exit_code for done in outputs] == [1, 1, 1]
    assert [done.output for done in outputs] == [
        "Error: There is no nobody.\n",
        "Error: This client has no secrets.\n",
        "Error: 5 secrets are valid. End one first.\n",
    ]


def test_a_website_that_signs_is_registered_with_its_key_and_gets_no_secret(
    app: Servicekonto, tmp_path: Path
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [public_jwk("first")]}), encoding="utf-8")

    done = run(app, *REGISTER, "--auth-method", "private_key_jwt", "--jwks", file, "--dpop")

    assert done.exit_code == 0, done.output
    made = only_client()
    assert made.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY and made.dpop_bound_access_tokens
    assert "client_secret" not in done.output
    assert run(app, "add-secret", made.client_id).output == "Error: This client has no secrets.\n"


def test_a_file_that_is_no_text_is_told(app: Servicekonto, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(b"\xff\xfe")

    done = run(app, *REGISTER, "--jwks", file)

    assert done.exit_code == 1 and done.output == "Error: The file is no text in UTF-8.\n"
    assert list(clients.all_clients()) == []


def test_who_signs_without_a_key_is_told(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--auth-method", "private_key_jwt")

    assert done.exit_code == 1
    assert "jwks: " in done.output


def test_a_website_gets_new_keys_in_place_of_the_old_ones(app: Servicekonto, tmp_path: Path) -> None:
    client, file = create_client(), tmp_path / "jwks.json"
    for kids in (["old", "new"], ["new"]):
        file.write_text(json.dumps({"keys": [public_jwk(kid) for kid in kids]}), encoding="utf-8")
        assert run(app, "set-keys", client.client_id, file).output == "Changed.\n"
        assert [key["kid"] for key in (only_client().jwks or {})["keys"]] == kids

    file.write_text('{"keys": [{"kty": "oct", "k": "eA"}]}', encoding="utf-8")
    done = run(app, "set-keys", client.client_id, file)
    assert done.exit_code == 1 and done.output.startswith("Error: jwks: ")


def test_a_website_that_signs_is_not_left_without_keys(app: Servicekonto, tmp_path: Path) -> None:
    client = create_client(
        token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks={"keys": [public_jwk("only")]}
    )
    empty = tmp_path / "jwks.json"
    empty.write_text("", encoding="utf-8")

    assert run(app, "set-keys", client.client_id, empty).exit_code == 1
    assert only_client().jwks


def test_where_sign_outs_are_reported_is_said_when_registering(app: Servicekonto) -> None:
    told = ("--backchannel-logout-uri", "https://urkunden.example.org/abmelden")
    done = run(app, *REGISTER, *told, "--backchannel-logout-session-required")

    assert done.exit_code == 0, done.output
    assert only_client().backchannel_logout_uri == told[1]
    assert only_client().backchannel_logout_session_required


def test_sign_outs_are_reported_to_nobody_inside_our_network(app: Servicekonto) -> None:
    done = run(app, *REGISTER, "--backchannel-logout-uri", "https://169.254.169.254/latest/meta-data/")

    assert done.exit_code == 1
    assert "backchannel_logout_uri:" in done.output


def test_a_level_nobody_reaches_cannot_be_demanded(app: Servicekonto) -> None:
    refused = run(app, *REGISTER, "--min-level", "high")

    assert refused.exit_code == 2 and "'low', 'substantial'" in refused.output
    assert clients.all_clients() == []


def test_a_text_in_place_of_a_logo_is_registered_and_shown(app: Servicekonto) -> None:
    assert run(app, *REGISTER, "--logo-text", " Stadt Musterstadt ").exit_code == 0
    assert "logo_text: Stadt Musterstadt\n" in run(app, "show", only_client().client_id).output

    refused = run(app, *REGISTER, "--logo-text", "x" * 41)
    assert refused.exit_code == 1 and "logo_text: " in refused.output


def test_what_is_named_is_changed_and_nothing_else(app: Servicekonto) -> None:
    client = create_client(scopes=("openid", "email", "profile"), offline_access=True)
    name, addresses = client.name, ["https://portal.example.org/one", "https://portal.example.org/two"]

    done = run(
        app,
        *("change", client.client_id, "--scope", "email", "--require-par", "--no-offline-access"),
        *(part for address in addresses for part in ("--redirect-uri", address)),
    )

    assert done.exit_code == 0, done.output
    assert (client.redirect_uris, client.scopes) == (addresses, ["openid", "email"])
    assert client.require_pushed_authorization_requests and not client.offline_access
    assert client.require_pkce and client.name == name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((), "Say what to change"), (("--redirect-uri", "http://portal.example.org/"), "redirect_uris: ")],
)
def test_a_wrong_change_is_none(app: Servicekonto, arguments: tuple[str, ...], sentence: str) -> None:
    client = create_client()
    version = client.version

    done = run(app, "change", client.client_id, *arguments)

    assert done.exit_code != 0 and sentence in done.output
    assert client.version == version
