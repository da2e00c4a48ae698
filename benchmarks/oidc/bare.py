"""What a Flask application costs that answers the same requests with the same number of statements, and
checks as little as it may: no templates, no ORM, no throttles, no history, no consent page. Not to be copied.
"""

import hashlib
import hmac
import json
import os
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from argon2.low_level import Type, hash_secret_raw
from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.wrappers import Response as BaseResponse

from servicekonto.core import clock

app = Flask(__name__)
ISSUER = "http://localhost"
_engine = sa.create_engine(os.environ["BENCHMARK_DATABASE"], pool_size=20, hide_parameters=True)
_key = ECKey.import_key(json.loads(Path(os.environ["BENCHMARK_KEY"]).read_text()))
_connection: ContextVar[sa.Connection] = ContextVar("connection")
_METADATA = {
    "issuer": ISSUER,
    **{
        f"{name}_endpoint": f"{ISSUER}/{name}"
        for name in ("authorization", "token", "userinfo", "introspection")
    },
    "jwks_uri": f"{ISSUER}/jwks",
    "scopes_supported": ["openid", "profile", "email"],
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["ES256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    "code_challenge_methods_supported": ["S256"],
}
_CODE, _TOKEN, _REFRESH = timedelta(minutes=1), timedelta(minutes=5), timedelta(days=7)


def _one(statement: str, **values: object) -> Any:
    return _connection.get().execute(sa.text(statement), values).mappings().first()


def _do(statement: str, **values: object) -> int:
    return _connection.get().execute(sa.text(statement), values).rowcount


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@app.get("/")
def hello() -> str:
    return "Hello, world!"


@app.get("/.well-known/openid-configuration")
def configuration() -> Response:
    return Response(json.dumps(_METADATA), mimetype="application/json")


@app.get("/jwks")
def jwks() -> Response:
    with _engine.connect() as connection:
        rows = connection.execute(sa.text("select public from signing_key order by kid")).scalars().all()
    return Response(json.dumps({"keys": list(rows)}), mimetype="application/json")


@app.get("/authorization")
def authorize() -> BaseResponse:
    with _engine.begin() as connection:
        _connection.set(connection)
        found = _session()
        if found is None:
            return redirect(f"/login/{_keep(request.args.to_dict())}", 303)
        return _issue_code(request.args.to_dict(), found)


@app.get("/login/<interaction>")
def login_page(interaction: str) -> str:
    return (
        f'<!doctype html><title>Sign in</title><form method="post" action="/login/{interaction}">'
        '<input name="email"><input name="password" type="password"><button>Sign in</button></form>'
    )


@app.post("/login/<interaction>")
def login(interaction: str) -> BaseResponse:
    """The hash is computed with no transaction open."""
    with _engine.begin() as connection:
        _connection.set(connection)
        found = _one("select id, salt, hash from account where email = :email", email=request.form["email"])
    computed = hash_secret_raw(
        request.form["password"].encode(), bytes(found["salt"]), time_cost=2, memory_cost=19 * 1024,
        parallelism=1, hash_len=32, type=Type.ID,
    )  # fmt: skip
    if not hmac.compare_digest(computed, bytes(found["hash"])):
        return Response(status=422)
    token, at = secrets.token_urlsafe(32), clock.now()
    with _engine.begin() as connection:
        _connection.set(connection)
        _do(
            "insert into session values (:hash, :account, :at)", hash=_hash(token), account=found["id"], at=at
        )
        parameters = _one("delete from interaction where id = :id returning parameters", id=interaction)
        session = {"account_id": found["id"], "auth_time": at}
        response = _issue_code(parameters["parameters"], session)
    response.set_cookie("sid", token, httponly=True, samesite="Lax")
    return response


def _session() -> Any:
    query = "select account_id, auth_time from session where token_hash = :hash"
    token = request.cookies.get("sid")
    return _one(query, hash=_hash(token)) if token else None


def _keep(parameters: dict[str, str]) -> str:
    made = secrets.token_urlsafe(16)
    _do("insert into interaction values (:id, :parameters)", id=made, parameters=json.dumps(parameters))
    return made


def _issue_code(parameters: dict[str, str], session: Any) -> BaseResponse:
    """With the session, six statements."""
    client, at = _one("select * from client where id = :id", id=parameters["client_id"]), clock.now()
    agreed = {"account": session["account_id"], "client": parameters["client_id"]}
    _do(
        "insert into consent values (:account, :client, :at) on conflict (account_id, client_id)"
        " do update set last_used_at = :at",
        at=at,
        **agreed,
    )
    grant, code = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    _do(
        "insert into authorization_grant values (:id, :account, :client, :scope, :auth_time, null)",
        id=grant, scope=parameters["scope"], auth_time=session["auth_time"], **agreed,
    )  # fmt: skip
    _do(
        "insert into code values (:hash, :grant, :challenge, :nonce, :expires, null)",
        hash=_hash(code), grant=grant, challenge=parameters["code_challenge"], nonce=parameters.get("nonce"),
        expires=at + _CODE,
    )  # fmt: skip
    answer = {"code": code, "state": parameters["state"], "iss": ISSUER}
    return redirect(f"{client['redirect_uri']}?{urlencode(answer)}", 303)


def _client() -> Any:
    encoded = request.headers["Authorization"].partition(" ")[2]
    client_id, _, secret = b64decode(encoded).decode().partition(":")
    found = _one("select * from client where id = :id", id=client_id)
    if not hmac.compare_digest(bytes(found["secret_hash"]), _hash(secret)):
        raise PermissionError(client_id)
    return found


@app.post("/token")
def token() -> Response:
    with _engine.begin() as connection:
        _connection.set(connection)
        client, form = _client(), request.form
        if form["grant_type"] == "refresh_token":
            return _tokens(client, _used("token", form["refresh_token"]), nonce=None)
        code = _used("code", form["code"])
        made = urlsafe_b64encode(_hash(form["code_verifier"])).rstrip(b"=").decode()
        if not hmac.compare_digest(made, code["challenge"]):
            return Response("{}", status=400, mimetype="application/json")
        return _tokens(client, code, nonce=code["nonce"])


def _used(table: str, text: str) -> Any:
    """Of several who come with the same one, one gets it."""
    return _one(
        f"update {table} set used_at = :at where hash = :hash and used_at is null and expires_at > :at"  # noqa: S608
        " returning *",
        hash=_hash(text),
        at=clock.now(),
    )


def _tokens(client: Any, used: Any, *, nonce: str | None) -> Response:
    at = clock.now()
    grant = _one(
        "select * from authorization_grant where id = :id and revoked_at is null", id=used["grant_id"]
    )
    access = _new_token("access", used["grant_id"], at)
    now = int(time.time())
    claims = {
        "iss": ISSUER, "sub": _sub(grant["account_id"]), "aud": client["id"], "iat": now, "exp": now + 120,
        "auth_time": int(grant["auth_time"].timestamp()), "acr": "http://eidas.europa.eu/LoA/low",
        "at_hash": urlsafe_b64encode(_hash(access)[:16]).rstrip(b"=").decode(),
        **({"nonce": nonce} if nonce else {}),
    }  # fmt: skip
    header = {"alg": "ES256", "kid": _key.kid}
    id_token = jwt.encode(header, claims, _key, algorithms=["ES256"])
    content = {"access_token": access, "id_token": id_token, "token_type": "Bearer"}
    if "offline_access" in grant["scope"].split():
        content["refresh_token"] = _new_token("refresh", used["grant_id"], at)
    answer = {**content, "expires_in": 300, "scope": grant["scope"]}
    return Response(json.dumps(answer), mimetype="application/json")


def _new_token(kind: str, grant: str, at: datetime) -> str:
    made = secrets.token_urlsafe(32)
    expires = at + (_TOKEN if kind == "access" else _REFRESH)
    values = {"hash": _hash(made), "kind": kind, "grant": grant, "expires": expires}
    _do("insert into token values (:hash, :kind, :grant, :expires, null)", **values)
    return made


def _sub(account: str) -> str:
    return urlsafe_b64encode(hmac.digest(b"pairwise", account.encode(), "sha256")).rstrip(b"=").decode()


@app.get("/userinfo")
def userinfo() -> Response:
    bearer = request.headers["Authorization"].partition(" ")[2]
    query = (
        "select account.id, account.claims from token"
        " join authorization_grant on authorization_grant.id = token.grant_id"
        " join account on account.id = authorization_grant.account_id"
        " where token.hash = :hash and token.expires_at > :at and revoked_at is null"
    )
    with _engine.connect() as connection:
        _connection.set(connection)
        found = _one(query, hash=_hash(bearer), at=clock.now())
    if found is None:
        return Response("{}", status=401, mimetype="application/json")
    return Response(json.dumps({"sub": _sub(found["id"]), **found["claims"]}), mimetype="application/json")


@app.post("/introspection")
def introspect() -> Response:
    query = (
        "select * from token join authorization_grant on authorization_grant.id = token.grant_id"
        " where token.hash = :hash and token.expires_at > :at and revoked_at is null"
    )
    with _engine.connect() as connection:
        _connection.set(connection)
        client = _client()
        found = _one(query, hash=_hash(request.form["token"]), at=clock.now())
    answer: dict[str, object] = {"active": False}
    if found is not None:
        answer = {
            "active": True, "iss": ISSUER, "client_id": client["id"], "scope": found["scope"],
            "sub": _sub(found["account_id"]), "exp": int(found["expires_at"].timestamp()),
            "token_type": "Bearer",
        }  # fmt: skip
    return Response(json.dumps(answer), mimetype="application/json")
