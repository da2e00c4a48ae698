"""The registry: which websites may sign their visitors in, how they prove themselves, where people go back.

``by`` None is the command line.
"""

import hmac
import re
import secrets
import string
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto import audit
from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError, NotFoundError, StaleError
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import client_keys, client_metadata, client_rules, logout_rules
from servicekonto.oidc.client_models import Client, ClientKind, ClientSecret, ContentEncryption, SubjectType
from servicekonto.oidc.client_rules import Facts
from servicekonto.oidc.models import Grant

MOST_SECRETS = 5
_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 22  # 130 bits
_CLIENT_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
# RFC 8252 § 7.3: an app takes the port that is free. "localhost" may lead elsewhere and gets no exception.
_LOOPBACK_URI = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.ASCII)

_TEXTS = (Client.logo_text, Client.purpose, Client.purpose_en, Client.contact_email, Client.home_page)
_ENABLED = (
    sa.select(Client)
    .where(Client.client_id == sa.bindparam("client_id"), Client.disabled_at.is_(None))
    .options(*(sa.orm.defer(text) for text in _TEXTS))  # pages alone show them
)
_WITH_SECRETS = _ENABLED.options(sa.orm.joinedload(Client.secrets))


class TooManySecretsError(ConflictError):
    """One that is still valid has to be ended first."""


class NoSecretsError(ConflictError):
    """The client signs instead, or runs on the device of the citizen, where no secret would stay one."""


def by_client_id(client_id: str) -> Client | None:
    """Only one that is enabled."""
    if not _CLIENT_ID.fullmatch(client_id):  # some texts are none for the database
        return None
    return db.session.scalar(_ENABLED, {"client_id": client_id})


def with_secrets(client_id: str) -> Client | None:
    """The same with its secrets, in one statement: it will have to prove who it is."""
    if not _CLIENT_ID.fullmatch(client_id):
        return None
    return db.session.scalars(_WITH_SECRETS, {"client_id": client_id}).unique().one_or_none()


def named(client_id: str) -> Client:
    """Disabled ones too. Raises NotFoundError."""
    found = db.session.scalar(sa.select(Client).where(Client.client_id == client_id))
    if found is None:
        raise NotFoundError(client_id)
    return found


def get_client(row_id: UUID) -> Client:
    """Disabled ones too. Raises NotFoundError."""
    found = db.session.get(Client, row_id)
    if found is None:
        raise NotFoundError(row_id)
    return found


def all_clients() -> Sequence[Client]:
    """By name."""
    return db.session.scalars(sa.select(Client).order_by(sa.func.lower(Client.name), Client.id)).all()


def names_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """By id."""
    found = db.session.execute(sa.select(Client.id, Client.name).where(Client.id.in_(ids)))
    return {row_id: name for row_id, name in found}  # noqa: C416 - rows are no tuples for the type checker


def known_by_the_same_name(client: Client) -> Sequence[Client]:
    """Other websites that get the same ``sub``, by name: together they can tell that they share a visitor."""
    is_alike = Client.subject_type == client.subject_type
    if client.subject_type is SubjectType.PAIRWISE:
        is_alike &= Client.sector_identifier == client.sector_identifier
    query = sa.select(Client).where(is_alike, Client.id != client.id)
    return db.session.scalars(query.order_by(sa.func.lower(Client.name), Client.id)).all()


def secret_matches(client: Client, secret: str, at: datetime) -> bool:
    """Every secret is compared, so the time tells nothing. A disabled client has none that fits."""
    given = token_hash(secret)
    fits = [hmac.compare_digest(known.secret_hash, given) and known.is_valid(at) for known in client.secrets]
    return client.is_enabled and any(fits)


def is_registered_redirect(client: Client, uri: str) -> bool:
    """The exact string (RFC 9700 § 2.1). Apps may choose the port of a loopback address, and that only."""
    if uri in client.redirect_uris:
        return True
    if client.kind is not ClientKind.PUBLIC:
        return False
    wanted = _without_port(uri)
    return wanted is not None and wanted in {_without_port(known) for known in client.redirect_uris}


def register(
    facts: Facts,
    *,
    kind: ClientKind,
    subject_type: SubjectType = SubjectType.PAIRWISE,
    sector_identifier: str | None = None,
    by: Account | None,
    at: datetime,
    client_id: str | None = None,
) -> Client:
    """Raises InvalidInputError by field. Without ``sector_identifier`` it is the host of the redirect
    URIs.
    """
    _check(facts, kind)
    sentence = client_rules.problem_of_sector(sector_identifier, subject_type, facts.redirect_uris)
    if sentence is not None:
        raise InvalidInputError({"sector_identifier": sentence})
    client = Client(
        client_id=client_id or _new_client_id(),
        kind=kind,
        subject_type=subject_type,
        sector_identifier=sector_identifier or client_rules.host_of(facts.redirect_uris[0]),
        created_at=at,
        disabled_at=None,
        **_values(facts),
    )
    db.session.add(client)
    db.session.flush()
    audit.record(Action.CLIENT_REGISTERED, client.id, authority_id=None, by=by, at=at, kind=kind)
    return client


def change(
    client: Client, facts: Facts, *, version: int | None = None, by: Account | None, at: datetime
) -> None:
    """Raises InvalidInputError by field, StaleError when it is no longer ``version``. Changing nothing is no
    act. A website that may ask for less than before, or needs surer sign-ins, loses what it was granted, to
    ask anew. One that signs from now on loses its secrets.
    """
    if version not in {None, client.version}:
        raise StaleError(client.id)
    _check(facts, client.kind)
    changed = {name: value for name, value in _values(facts).items() if getattr(client, name) != value}
    if not changed:
        return
    if _is_stricter(facts, client):
        db.session.execute(
            sa.update(Grant)
            .where(Grant.client_id == client.id, Grant.revoked_at.is_(None))
            .values(revoked_at=at)
        )
    for name, value in changed.items():
        setattr(client, name, value)
    db.session.flush()
    audit.record(Action.CLIENT_CHANGED, client.id, authority_id=None, by=by, at=at, fields=changed.keys())
    if not client.has_secrets:  # changed back, it must not be open to whoever knows an old one
        for secret in client.secrets:
            end_secret(client, secret.id, by=by, at=at)


def _is_stricter(facts: Facts, client: Client) -> bool:
    """A grant can be refreshed for weeks, as what it was when it began."""
    return not set(client.scopes) <= set(facts.scopes) or not client.min_level.reaches(facts.min_level)


def add_secret(
    client: Client,
    *,
    by: Account | None,
    at: datetime,
    expires_at: datetime | None = None,
    secret: str | None = None,
) -> str:
    """Returns it in clear, once. ``secret``: only of demonstrations and tests."""
    if not client.has_secrets:
        raise NoSecretsError(client.id)
    if len(valid_secrets(client, at)) >= MOST_SECRETS:
        raise TooManySecretsError(client.id)
    clear = secret or secrets.token_urlsafe(32)
    row = ClientSecret(
        client=client, client_row_id=client.id, secret_hash=token_hash(clear), last_characters=clear[-4:],
        created_at=at, expires_at=expires_at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(Action.CLIENT_SECRET_MADE, client.id, authority_id=None, by=by, at=at, secret_id=row.id)
    return clear


def valid_secrets(client: Client, at: datetime) -> list[ClientSecret]:
    return [secret for secret in client.secrets if secret.is_valid(at)]


def end_secret(client: Client, secret_id: UUID, *, by: Account | None, at: datetime) -> None:
    """At once. Repeating it changes nothing. Raises NotFoundError for a secret of another client."""
    found = [secret for secret in client.secrets if secret.id == secret_id]
    if not found:
        raise NotFoundError(secret_id)
    if not found[0].is_valid(at):
        return
    found[0].expires_at = at
    db.session.flush()
    audit.record(Action.CLIENT_SECRET_ENDED, client.id, authority_id=None, by=by, at=at, secret_id=secret_id)


def disable(client: Client, *, by: Account | None, at: datetime) -> None:
    """Nobody can sign in there any more, from now on. Repeating it changes nothing."""
    if client.disabled_at is not None:
        return
    client.disabled_at = at
    db.session.flush()
    audit.record(Action.CLIENT_DISABLED, client.id, authority_id=None, by=by, at=at)


def enable(client: Client, *, by: Account | None, at: datetime) -> None:
    if client.disabled_at is None:
        return
    client.disabled_at = None
    db.session.flush()
    audit.record(Action.CLIENT_ENABLED, client.id, authority_id=None, by=by, at=at)


def facts_of(client: Client) -> Facts:
    return Facts(**{field.name: getattr(client, field.name) for field in fields(Facts)})


def _check(facts: Facts, kind: ClientKind) -> None:
    sentence = logout_rules.problem_of_backchannel(facts.backchannel_logout_uri)
    found = client_rules.problems(facts, kind) | ({"backchannel_logout_uri": sentence} if sentence else {})
    found = found or dict.fromkeys(client_metadata.refused_fields(facts), client_rules.not_taken())
    if found:
        raise InvalidInputError(found)


def _values(facts: Facts) -> dict[str, object]:
    """As columns hold them: lists without repetition, scopes in the order of ``SCOPES``."""
    values = {field.name: getattr(facts, field.name) for field in fields(Facts)}
    return values | {
        "redirect_uris": list(dict.fromkeys(facts.redirect_uris)),
        "post_logout_redirect_uris": list(dict.fromkeys(facts.post_logout_redirect_uris)),
        "scopes": [scope for scope in client_rules.SCOPES if scope in facts.scopes],
        "jwks": client_keys.kept(facts.jwks),
        "id_token_encrypted_response_enc": _content_encryption(facts),
    }


def _content_encryption(facts: Facts) -> ContentEncryption | None:
    """OpenID Connect Registration § 2: the first one when nothing is said."""
    if facts.id_token_encrypted_response_alg is None:
        return None
    return facts.id_token_encrypted_response_enc or ContentEncryption.A128CBC_HS256


def _new_client_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(_ID_LENGTH))


def _without_port(uri: str) -> tuple[str, str] | None:
    match = _LOOPBACK_URI.fullmatch(uri)
    return (match[1], match[3]) if match and int(match[2] or 1) <= client_rules.MOST_PORT else None
