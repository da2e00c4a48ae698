"""Which scripts of other websites may read an answer: those of apps that are registered, at the endpoints
they need, and never with cookies.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Response, make_response, request

from servicekonto.core.db import db, reading
from servicekonto.oidc.client_models import Client, ClientKind

View = TypeVar("View", bound=Callable[..., Any])

EXPOSED = "WWW-Authenticate, DPoP-Nonce"
SENT = "Authorization, Content-Type, DPoP"
CACHED_SECONDS = "600"


def for_apps(view: View) -> View:
    """An app in the browser may read what this view answers."""

    @functools.wraps(view)
    def shared(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        if _share(response):
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response

    return cast(View, shared)


def preflight(*methods: str) -> Response:
    """Before a browser lets the script ask."""
    response = Response(status=204)
    response.headers["Allow"] = ", ".join((*methods, "OPTIONS"))
    if _share(response):
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = SENT
        response.headers["Access-Control-Max-Age"] = CACHED_SECONDS
    return response


def _share(response: Response) -> bool:
    """Whether the origin that asks is registered; caches are told that it makes a difference."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    is_registered = origin is not None and origin in _registered_origins()
    if is_registered:
        response.headers["Access-Control-Allow-Origin"] = origin or ""
    return is_registered


def _registered_origins() -> frozenset[str]:
    """Of public clients alone: a website with a server of its own asks from there."""
    query = sa.select(Client.redirect_uris).where(
        Client.kind == ClientKind.PUBLIC, Client.disabled_at.is_(None)
    )
    with reading():
        return frozenset(_origin(uri) for uris in db.session.scalars(query) for uri in uris)


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
