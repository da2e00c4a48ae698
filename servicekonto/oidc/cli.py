"""``flask clients``: the websites that sign their visitors in with us."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import assurance, client_keys, clients, troubles
from servicekonto.oidc.client_models import (
    AuthMethod,
    Client,
    ClientKind,
    ClientSecret,
    ContentEncryption,
    IdTokenAlg,
    KeyAgreement,
    SubjectType,
)
from servicekonto.oidc.client_rules import SCOPES, Facts
from servicekonto.oidc.troubles import Troubles

group = AppGroup("clients", help="Websites and apps that sign their visitors in with us.")

_SECRET = "client_secret: {}\nThis is the only time it is shown."  # noqa: S105 - a text about one


_ALGORITHMS: dict[str, Any] = {
    "userinfo_signed_response_alg": IdTokenAlg,
    "id_token_encrypted_response_alg": KeyAgreement,
    "id_token_encrypted_response_enc": ContentEncryption,
}


def register(app: Flask) -> None:
    app.cli.add_command(group)


def _choices(values: Any) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


@group.command("register")
@click.option("--name", required=True, help="As the page that asks for consent says it.")
@click.option("--logo-text", default="", help="In place of a picture; at most 40 characters.")
@click.option("--purpose", required=True, help="One German sentence: what the website needs the account for.")
@click.option("--purpose-en", required=True, help="The same sentence in English.")
@click.option("--contact-email", required=True, help="Of the office that runs it.")
@click.option("--home-page", required=True, help="Where people find it.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="Several are possible.")
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--backchannel-logout-uri", default="", help="Told when a session ends; https.")
@click.option("--backchannel-logout-session-required", is_flag=True, help="The website needs the sid.")
@click.option("--kind", type=_choices(ClientKind), default="confidential", show_default=True)
@click.option(
    "--auth-method",
    type=_choices([method for method in AuthMethod if method is not AuthMethod.NONE]),
    default=AuthMethod.BASIC.value,
    show_default=True,
    help="Of confidential ones. private_key_jwt is the best one and needs --jwks.",
)
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Besides openid.")
@click.option("--subject-type", type=_choices(SubjectType), default="pairwise", show_default=True)
@click.option("--sector-identifier", help="Host that stands for all, when the redirect URIs have several.")
@click.option(
    "--min-level", type=_choices(assurance.OFFERED), default="low", show_default=True,
    help="Nobody gets in with less.",
)  # fmt: skip
@click.option("--id-token-alg", type=_choices(IdTokenAlg), default="ES256", show_default=True)
@click.option("--jwks", type=click.File(encoding="utf-8"), help='File with public keys: {"keys": [...]}.')
@click.option("--dpop", is_flag=True, help="Tokens work only together with a key of the client (RFC 9449).")
@click.option("--require-par", is_flag=True, help="Only requests it has pushed before (RFC 9126).")
@click.option("--default-max-age", type=click.IntRange(min=0), help="Seconds since the sign-in, at most.")
@click.option("--offline-access", is_flag=True, help="It may ask for refresh tokens.")
@click.option("--introspects-all", is_flag=True, help="It may ask about the access tokens of others.")
@click.option("--userinfo-signed-response-alg", type=_choices(IdTokenAlg), help="Without: JSON.")
@click.option(
    "--id-token-encrypted-response-alg", type=_choices(KeyAgreement), help="Without: not encrypted."
)
@click.option("--id-token-encrypted-response-enc", type=_choices(ContentEncryption))
@click.option("--without-pkce", is_flag=True, help="For confidential ones whose software cannot do it.")
def register_command(**given: Any) -> None:
    """Register a website or an app. A confidential one gets its first secret, which is shown once."""
    kind, at = ClientKind(given["kind"]), clock.now()
    with _work():
        client = clients.register(
            _facts(kind, given),
            kind=kind,
            subject_type=SubjectType(given["subject_type"]),
            sector_identifier=given["sector_identifier"],
            by=None,
            at=at,
        )
        secret = clients.add_secret(client, by=None, at=at) if client.has_secrets else None
    click.echo(f"client_id: {client.client_id}")
    if secret is not None:
        click.echo(_SECRET.format(secret))


def _facts(kind: ClientKind, given: dict[str, Any]) -> Facts:
    plain = ("name", "logo_text", "purpose", "purpose_en", "contact_email", "home_page")
    lists = ("redirect_uris", "post_logout_redirect_uris")
    method = AuthMethod.NONE if kind is ClientKind.PUBLIC else AuthMethod(given["auth_method"])
    return Facts(
        **{name: given[name].strip() for name in plain},
        **{name: given[name] for name in lists},
        token_endpoint_auth_method=method,
        scopes=["openid", *given["scopes"]],
        require_pkce=not given["without_pkce"],
        dpop_bound_access_tokens=given["dpop"],
        require_pushed_authorization_requests=given["require_par"],
        default_max_age=given["default_max_age"],
        min_level=AssuranceLevel(given["min_level"]),
        id_token_alg=IdTokenAlg(given["id_token_alg"]),
        jwks=client_keys.read(given["jwks"].read()) if given["jwks"] else None,
        offline_access=given["offline_access"],
        introspects_all=given["introspects_all"],
        **{name: kind(given[name]) for name, kind in _ALGORITHMS.items() if given[name]},
        backchannel_logout_uri=given["backchannel_logout_uri"].strip(),
        backchannel_logout_session_required=given["backchannel_logout_session_required"],
    )


@group.command("change")
@click.argument("client_id")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Instead of all those before.")
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True, help="The same.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="The same, besides openid.")
@click.option("--pkce/--without-pkce", "require_pkce", default=None)
@click.option("--dpop/--no-dpop", "dpop_bound_access_tokens", default=None)
@click.option("--require-par/--no-require-par", "require_pushed_authorization_requests", default=None)
@click.option("--offline-access/--no-offline-access", default=None)
@click.option("--introspects-all/--no-introspects-all", default=None)
def change(client_id: str, **given: Any) -> None:
    """Change what is named here and nothing else. Fewer scopes end what was granted before."""
    named = {name: value for name, value in given.items() if value not in (None, ())}
    if not named:
        raise click.UsageError("Say what to change.")
    if "scopes" in named:
        named["scopes"] = ["openid", *named["scopes"]]
    with _work():
        client = clients.named(client_id)
        clients.change(client, replace(clients.facts_of(client), **named), by=None, at=clock.now())
    click.echo("Changed.")


@group.command("list")
def list_command() -> None:
    """All of them, by name, and what is wrong with them."""
    at = clock.now()
    with _work(read_only=True):
        found = troubles.of_all(at=at)
        for client in clients.all_clients():
            remarks = "".join(f"  ({remark})" for remark in _remarks(client, found, at))
            click.echo(f"{client.client_id}  {client.kind.value:12}  {client.name}{remarks}")


def _remarks(client: Client, found: Troubles, at: datetime) -> Iterator[str]:
    if not client.is_enabled:
        yield "disabled"
    if client.id in found.secrets_end:
        end = found.secrets_end[client.id]
        yield f"secret ends {end:%Y-%m-%d}" if end is not None and end > at else "no valid secret"
    if client.id in found.not_told:
        yield "not told of sign-outs"


@group.command("show")
@click.argument("client_id")
def show(client_id: str) -> None:
    """Everything about one, and its secrets by their ids and last characters."""
    with _work(read_only=True):
        client = clients.named(client_id)
        for column in Client.__table__.columns:
            click.echo(f"{column.key}: {_in_words(getattr(client, column.key))}")
        for secret in client.secrets:
            click.echo(f"secret {secret.id}: …{secret.last_characters}, {_validity(secret, clock.now())}")


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return " ".join(value) if isinstance(value, list) else str(value)


def _validity(secret: ClientSecret, at: datetime) -> str:
    until = "until it is ended" if secret.expires_at is None else f"until {secret.expires_at:%Y-%m-%d %H:%M}"
    return f"made {secret.created_at:%Y-%m-%d}, {'valid' if secret.is_valid(at) else 'not valid'} {until}"


@group.command("add-secret")
@click.argument("client_id")
@click.option("--days", type=click.IntRange(1, 3650), help="Until it expires. Without: until it is ended.")
def add_secret(client_id: str, days: int | None) -> None:
    """Make a further secret and show it once. The old ones stay valid until they are ended."""
    at = clock.now()
    expires_at = at + timedelta(days=days) if days is not None else None
    with _work():
        clear = clients.add_secret(clients.named(client_id), by=None, at=at, expires_at=expires_at)
    click.echo(_SECRET.format(clear))


@group.command("end-secret")
@click.argument("client_id")
@click.argument("secret_id", type=click.UUID)
def end_secret(client_id: str, secret_id: Any) -> None:
    """From now on it does not count any more. Its id is in ``clients show``."""
    with _work():
        clients.end_secret(clients.named(client_id), secret_id, by=None, at=clock.now())
    click.echo("Ended.")


@group.command("set-keys")
@click.argument("client_id")
@click.argument("jwks", type=click.File(encoding="utf-8"))
def set_keys(client_id: str, jwks: Any) -> None:
    """Register these public keys in place of the ones before: a file with {"keys": [...]}, "-" for standard
    input. While a website changes its key, both are in the file.
    """
    with _work():
        client = clients.named(client_id)
        facts = replace(clients.facts_of(client), jwks=client_keys.read(jwks.read()))
        clients.change(client, facts, by=None, at=clock.now())
    click.echo("Changed.")


@group.command("disable")
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Nobody can sign in there any more, from now on."""
    _act(clients.disable, client_id)
    click.echo("Disabled.")


@group.command("enable")
@click.argument("client_id")
def enable(client_id: str) -> None:
    """Take back ``disable``."""
    _act(clients.enable, client_id)
    click.echo("Enabled.")


def _act(command: Callable[..., None], client_id: str) -> None:
    with _work():
        command(clients.named(client_id), by=None, at=clock.now())


@contextmanager
def _work(*, read_only: bool = False) -> Iterator[None]:
    try:
        with scoped(SYSTEM), unit_of_work(read_only=read_only):
            yield
    except InvalidInputError as error:
        problems = (f"{field}: {sentence}" for field, sentence in error.errors.items())
        raise click.ClickException("\n".join(problems)) from error
    except UnicodeDecodeError as error:
        raise click.ClickException("The file is no text in UTF-8.") from error
    except NotFoundError as error:
        raise click.ClickException(f"There is no {error}.") from error
    except clients.NoSecretsError as error:
        raise click.ClickException("This client has no secrets.") from error
    except clients.TooManySecretsError as error:
        raise click.ClickException(f"{clients.MOST_SECRETS} secrets are valid. End one first.") from error
