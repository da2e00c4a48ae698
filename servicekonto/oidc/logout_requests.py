"""A website wants its visitor signed out (OpenID Connect RP-Initiated Logout 1.0). What it sends is judged
once; what is left of it travels sealed in the address of the page that follows, since a form posted by
another website comes without our cookies, and a token in an address would stay in the history.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from servicekonto.accounts.models import Account
from servicekonto.core.sealing import opened_from_address, sealed_for_address, to_json
from servicekonto.oidc import clients, logout_hints, subjects
from servicekonto.oidc.authorization import LONGEST
from servicekonto.oidc.client_models import Client

VALIDITY = timedelta(minutes=10)
_PURPOSE = "logout request"
_ANYBODY = UUID(int=0)
_LONGEST = {"id_token_hint": logout_hints.LONGEST}


@dataclass(frozen=True, kw_only=True)
class LogoutRequest:
    """``client_id``: of the website, if it is known. ``sub``: whom its valid hint means. ``redirect_uri``:
    registered, where the person goes afterwards. ``problem``: for the developer of the website; then there is
    none of the others.
    """

    client_id: str | None = None
    sub: str | None = None
    redirect_uri: str | None = None
    state: str | None = None
    problem: str | None = None

    @property
    def target(self) -> str | None:
        """With ``state`` as it came."""
        if self.redirect_uri is None or self.state is None:
            return self.redirect_uri
        parts = urlsplit(self.redirect_uri)
        added = urlencode({"state": self.state})
        return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


class _BadRequestError(Exception):
    pass


def read(parameters: Mapping[str, Sequence[str]]) -> LogoutRequest:
    """Unknown parameters are ignored, as are ``logout_hint`` and ``ui_locales``."""
    try:
        return _read(_each_once(parameters))
    except _BadRequestError as error:
        return LogoutRequest(problem=str(error))


def sealed(request: LogoutRequest, *, at: datetime) -> str:
    content = {name: value for name, value in asdict(request).items() if value is not None}
    text = to_json(content | {"until": int((at + VALIDITY).timestamp())}).decode()
    return sealed_for_address(_PURPOSE, text, reader=_ANYBODY)


def opened(text: str, *, at: datetime) -> LogoutRequest:
    """Empty when it is not one of ours, or too old: then nobody but the person has asked for anything."""
    content = opened_from_address(_PURPOSE, text, reader=_ANYBODY) if text.isascii() else None
    if content is None:
        return LogoutRequest()
    found = json.loads(content)
    if found["until"] < at.timestamp():
        return LogoutRequest()
    known = {field.name: found.get(field.name) for field in fields(LogoutRequest)}
    return _still_valid(LogoutRequest(**known))


def client_of(request: LogoutRequest) -> Client | None:
    return clients.by_client_id(request.client_id) if request.client_id else None


def is_about(request: LogoutRequest, account: Account) -> bool:
    """Whether the website has shown that it knows this person: then nobody else made the browser ask."""
    client = client_of(request)
    if client is None or request.sub is None:
        return False
    return subjects.is_subject(account, client, request.sub)


def _still_valid(request: LogoutRequest) -> LogoutRequest:
    """The website may have been changed or disabled in between."""
    client = client_of(request)
    if request.redirect_uri is None or (client and request.redirect_uri in client.post_logout_redirect_uris):
        return request
    return replace(request, redirect_uri=None, state=None)


def _each_once(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    for name, values in parameters.items():
        if len(values) > 1:
            raise _BadRequestError("a parameter is there more than once")
        if len(values[0].encode()) > _LONGEST.get(name, LONGEST) or "\0" in values[0]:
            raise _BadRequestError("a parameter is too long or not readable")
    return {name: values[0] for name, values in parameters.items() if values[0]}


def _read(given: Mapping[str, str]) -> LogoutRequest:
    client, sub = _who_asks(given)
    redirect_uri = given.get("post_logout_redirect_uri")
    if redirect_uri is not None:
        _assert_registered(redirect_uri, client)
    return LogoutRequest(
        client_id=client.client_id if client else None,
        sub=sub,
        redirect_uri=redirect_uri,
        state=given.get("state") if redirect_uri is not None else None,
    )


def _who_asks(given: Mapping[str, str]) -> tuple[Client | None, str | None]:
    """The website, and whom it means."""
    hint = logout_hints.read(given["id_token_hint"]) if "id_token_hint" in given else None
    if hint is None and "id_token_hint" in given:
        raise _BadRequestError("id_token_hint is not a valid ID token of ours")
    client_id = given.get("client_id")
    if hint is not None:
        if client_id not in {None, hint.client.client_id}:
            raise _BadRequestError("client_id is not the one of id_token_hint")
        return hint.client, hint.sub
    client = clients.by_client_id(client_id) if client_id is not None else None
    if client is None and client_id is not None:
        raise _BadRequestError("client_id is unknown")
    return client, None


def _assert_registered(redirect_uri: str, client: Client | None) -> None:
    """The exact string."""
    if client is None:
        raise _BadRequestError("post_logout_redirect_uri needs id_token_hint or client_id")
    if redirect_uri not in client.post_logout_redirect_uris:
        raise _BadRequestError("post_logout_redirect_uri is not registered")
