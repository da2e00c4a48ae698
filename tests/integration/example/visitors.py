"""Somebody's browser at the example, without a browser."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from relying_party import create_app
from relying_party.settings import Settings
from werkzeug.test import TestResponse

from tests.integration.example.provider import CLIENT_ID, CLIENT_SECRET, LyingProvider


def settings_for(provider: LyingProvider, folder: Path, base_url: str = "http://127.0.0.1") -> Settings:
    return Settings(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        base_url=base_url,
        secret_key="k" * 43,
        database=str(folder / "sessions.sqlite3"),
    )


def visitor_of(settings: Settings) -> FlaskClient:
    app = create_app(settings)
    app.testing = True
    return app.test_client()


def begin(visitor: FlaskClient, provider: LyingProvider, goal: str = "account") -> dict[str, str]:
    """The parameters sent to the provider."""
    answer = post(visitor, "/anmelden", goal=goal)
    assert answer.status_code == 303, answer.text
    sent = {name: value for name, (value,) in parse_qs(urlsplit(answer.location).query).items()}
    provider.nonce = sent["nonce"]
    return sent


def come_back(visitor: FlaskClient, provider: LyingProvider, state: str, **changes: Any) -> TestResponse:
    given = {"code": "c", "state": state, "iss": provider.issuer} | changes
    parameters = {name: value for name, value in given.items() if value is not None}
    return visitor.get("/callback", query_string=parameters)


def sign_in(visitor: FlaskClient, provider: LyingProvider, goal: str = "account") -> TestResponse:
    return come_back(visitor, provider, begin(visitor, provider, goal)["state"])


def post(visitor: FlaskClient, path: str, **fields: str) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/abgemeldet").text)
    assert found is not None
    return visitor.post(path, data={**fields, "csrf_token": found[1]})


def is_signed_in(visitor: FlaskClient) -> bool:
    return visitor.get("/angaben").status_code == 200
