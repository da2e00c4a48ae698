"""A provider on this machine that lies as told: what a website must not believe."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.listening import listening

CLIENT_ID, CLIENT_SECRET = "portal", "a secret of 256 bits, or so"
SUB, SID = "a-name-for-one-website", "one-sign-in"
LOW, SUBSTANTIAL = "http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/substantial"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

Changes = dict[str, Any]


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class LyingProvider:
    """``metadata``, ``id_token``, ``userinfo``: what differs from an honest answer; None leaves it out.

    ``sign``: how ID tokens are made. ``key``: published alone; another one is a rotation. ``status`` of every
    answer; ``asked``: the paths.
    """

    issuer: str = ""
    key: ECKey = field(default_factory=new_key)
    metadata: Changes = field(default_factory=dict)
    id_token: Changes = field(default_factory=dict)
    userinfo: Changes = field(default_factory=dict)
    sign: "Callable[[LyingProvider, Changes], str] | None" = None
    nonce: str = ""
    received: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, form: dict[str, str]) -> Changes:
        self.received.append(form)
        self.asked.append(path)
        answers: dict[str, Callable[[], Changes]] = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/token": self._token,
            "/userinfo": lambda: changed({"sub": SUB, "name": "Erika Mustermann"}, self.userinfo),
        }
        return answers[path]()

    def _metadata(self) -> Changes:
        paths = {"authorization": "/authorize", "token": "/token", "userinfo": "/userinfo"}
        found = {f"{name}_endpoint": self.issuer + path for name, path in paths.items()}
        found |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        return changed({**found, "id_token_signing_alg_values_supported": ["ES256"]}, self.metadata)

    def _token(self) -> Changes:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": SUB, "aud": CLIENT_ID, "iat": now, "exp": now + 120,
            "auth_time": now, "acr": LOW, "nonce": self.nonce, "sid": SID,
        }  # fmt: skip
        make = self.sign or LyingProvider.signed
        id_token = make(self, changed(claims, self.id_token))
        return {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def signed(self, claims: Changes, *, key: ECKey | None = None, typ: str = "JWT") -> str:
        signer = key or self.key
        return jwt.encode(
            {"alg": "ES256", "kid": signer.kid, "typ": typ}, claims, signer, algorithms=["ES256"]
        )

    def logout_token(self, *, typ: str = "logout+jwt", key: ECKey | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "once",
            "events": {EVENT: {}}, "sub": SUB, "sid": SID,
        }  # fmt: skip
        return self.signed(changed(claims, changes), typ=typ, key=key)


def unsigned(_provider: LyingProvider, claims: Changes) -> str:
    return ".".join([_part({"alg": "none"}), _part(claims), ""])


def signed_by_somebody_else(provider: LyingProvider, claims: Changes) -> str:
    return provider.signed(claims, key=ECKey.generate_key("P-256", {"kid": str(provider.key.kid)}))


def signed_with_the_secret(_provider: LyingProvider, claims: Changes) -> str:
    from joserfc.jwk import OctKey  # noqa: PLC0415 - for this lie alone

    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"])


def changed(honest: Changes, changes: Changes) -> Changes:
    return {name: value for name, value in (honest | changes).items() if value is not None}


def _part(content: Changes) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    provider = LyingProvider()

    def answer(request: BaseHTTPRequestHandler) -> None:
        form = parse_qs(request.rfile.read(int(request.headers.get("Content-Length", 0))).decode())
        said = provider.answer(request.path, {name: values[0] for name, values in form.items()})
        body = json.dumps(said).encode()
        request.send_response(provider.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    with listening(answer) as port:
        provider.issuer = f"http://127.0.0.1:{port}"
        yield provider
