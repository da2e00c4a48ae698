"""Flask's own cookie: signed with SHA-256, and worthless when somebody else has signed or changed it."""

import base64
import hashlib
from datetime import timedelta

import pytest
import time_machine
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from servicekonto.core import clock
from servicekonto.web.application import Servicekonto
from tests.support.client import PageClient

NAME = "servicekonto-form"


def value(client: PageClient) -> str:
    found = client.client.get_cookie(NAME, domain="localhost")
    assert found is not None
    return found.value


def signed_by(key: bytes, content: dict[str, str]) -> str:
    serializer = URLSafeTimedSerializer(
        key,
        salt="cookie-session",
        serializer=SecureCookieSessionInterface.serializer,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    return str(serializer.dumps(content))


def test_it_is_signed_with_sha_256(client: PageClient) -> None:
    client.get("/anmelden")

    signature = value(client).rpartition(".")[2]

    assert len(base64.urlsafe_b64decode(signature + "=")) == hashlib.sha256().digest_size


@pytest.mark.parametrize("key", [b"", b"secret", bytes(32)])
def test_what_somebody_else_has_signed_is_ignored(client: PageClient, app: Servicekonto, key: bytes) -> None:
    form = client.get("/anmelden").form("/anmelden")
    client.client.set_cookie(
        NAME, signed_by(key, {"csrf_token": "mine", "wanted": "/hilfe"}), domain="localhost"
    )

    answer = form.submit(client, email="erika.mustermann@example.org", password="ein Passwort")

    assert answer.status_code == 403


def test_what_is_too_old_is_ignored(client: PageClient) -> None:
    form = client.get("/anmelden").form("/anmelden")

    with time_machine.travel(clock.now() + timedelta(days=32)):
        answer = form.submit(client, email="erika.mustermann@example.org", password="ein Passwort")

    assert answer.status_code == 403
