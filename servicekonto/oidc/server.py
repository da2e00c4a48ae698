"""The token endpoint, on Authlib's server side. The only module that knows its Flask integration.

What Authlib leaves open is closed here: parameters count in the body alone and once each, codes are used up
before anything else is looked at, only S256 is known, secrets are compared as hashes, nothing is cached.
"""

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Flask, Response, current_app, request

from servicekonto.core import clock
from servicekonto.oidc import client_auth, clients, dpop, grants, issuing, refresh
from servicekonto.oidc.client_models import AuthMethod, Client
from servicekonto.oidc.grants import PresentedCode
from servicekonto.oidc.models import AuthorizationCode, Grant
from servicekonto.oidc.refresh_grant import RefreshGrant

AUTH_METHODS = [str(method) for method in AuthMethod]
_EXTENSION = "servicekonto.oidc"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class ClientForAuthlib:
    """What Authlib asks of a client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_client_secret(self, secret: str) -> bool:
        return clients.secret_matches(self.client, secret, clock.now())

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """The one it is registered with, at every endpoint."""
        return method == str(self.client.token_endpoint_auth_method)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or self.client.offline_access


class CodeForAuthlib:
    """What Authlib asks of a code."""

    def __init__(self, presented: PresentedCode) -> None:
        self.code, self.kid = presented.row, presented.kid

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.code.grant.scopes)


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """``jkt``: of the key that the client has just proved to have (RFC 9449)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    jkt: str | None = None

    def query_authorization_code(self, code: str, client: ClientForAuthlib) -> CodeForAuthlib | None:
        """Used up at once: whatever else is wrong, it is not taken a second time."""
        found = grants.find_code(code, client.client)
        if found is None or not grants.use_code(found.row, at=clock.now()):
            return None
        return CodeForAuthlib(found)

    def validate_token_request(self) -> None:
        super().validate_token_request()
        code: AuthorizationCode = self.request.authorization_code.code
        _check_verifier(self.request.form.get("code_verifier"), code.code_challenge)
        self.jkt = dpop.key_of_exchange(code.grant.client, bound_to=code.dpop_jkt, at=clock.now())

    def authenticate_user(self, code: CodeForAuthlib) -> Grant:
        return code.code.grant

    def generate_token(self, user: Grant | None = None, **_options: object) -> dict[str, object]:
        presented: CodeForAuthlib = self.request.authorization_code
        code, at = presented.code, clock.now()
        return issuing.answer(
            code.grant,
            nonce=code.nonce,
            refresh_token=self._refresh_token(code.grant, at=at),
            kid=presented.kid,
            jkt=self.jkt,
            at=at,
        )

    def _refresh_token(self, grant: Grant, *, at: datetime) -> str | None:
        return refresh.issue(grant, jkt=self.jkt, at=at) if refresh.is_allowed(grant) else None

    def save_token(self, token: Mapping[str, object]) -> None:
        """It is."""

    def delete_authorization_code(self, _code: CodeForAuthlib) -> None:
        """It is used up, and stays to notice who comes with it again."""


class Server(AuthorizationServer):  # type: ignore[misc]
    def query_client(self, client_id: str) -> ClientForAuthlib | None:
        found = clients.with_secrets(client_id)
        return ClientForAuthlib(found) if found is not None else None

    def create_oauth2_request(self, _request: object) -> FlaskOAuth2Request:
        """Secrets and codes in an address would stand in logs."""
        made = FlaskOAuth2Request(request)
        made.payload = BasicOAuth2Payload(request.form.to_dict())
        return made

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        response = Response(json.dumps(body), status=status, content_type="application/json")
        response.headers.extend(headers or [])
        response.headers.update(_NO_STORE)
        response.content_type = "application/json"
        return response

    def respond(self) -> Response:
        """To a request of the token endpoint."""
        return self._guarded(self.create_token_response)

    def answer(self, endpoint: str, make: Callable[[Client], tuple[int, object]]) -> Response:
        """To a client that authenticates itself as it does at the token endpoint. ``make`` gives status and
        body and may raise OAuth2Error.
        """

        def respond() -> Response:
            oauth2_request = self.create_oauth2_request(None)
            found: ClientForAuthlib = self.authenticate_client(oauth2_request, AUTH_METHODS, endpoint)
            status, body = make(found.client)
            return self.handle_response(status, body, None)

        return self._guarded(respond)

    def _guarded(self, respond: Callable[[], Response]) -> Response:
        """Never a 500 for what somebody sends."""
        try:
            if any(len(values) > 1 for values in request.form.to_dict(flat=False).values()):
                raise InvalidRequestError("a parameter is there more than once")
            answer = respond()
        except OAuth2Error as error:
            answer = self.handle_error_response(None, error)
        return answer

    def get_error_uri(self, _request: object, _error: object) -> None:
        return None


def install(app: Flask) -> None:
    logging.getLogger("authlib").setLevel(logging.INFO)  # below it writes tokens into the log
    server = Server()
    server.load_config({})
    server.register_grant(CodeGrant)
    server.register_grant(RefreshGrant)
    for method, authenticate in client_auth.METHODS.items():
        server.register_client_auth_method(str(method), authenticate)
    app.extensions[_EXTENSION] = server


def server() -> Server:
    found: Server = current_app.extensions[_EXTENSION]
    return found


def _check_verifier(verifier: str | None, challenge: str | None) -> None:
    """RFC 7636 § 4.6. A verifier where no challenge was is a downgrade (RFC 9700 § 4.8.2)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None or not _VERIFIER.fullmatch(verifier):
        raise InvalidGrantError("code_verifier does not fit")
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(made, challenge):
        raise InvalidGrantError("code_verifier does not fit")
