"""Factors of invented people, and an authenticator made of software."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from servicekonto.accounts import recovery_codes, totp
from servicekonto.accounts.factor_models import Passkey, RecoveryCodes, TotpCredential
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import SOME_DAY
from tests.support.client import PageClient

SUBSTANTIAL = AssuranceLevel.SUBSTANTIAL
_USER_PRESENT, _USER_VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def create_totp(account: Account) -> TotpCredential:
    """In use for a while: the steps of now were not used."""
    with unit_of_work():
        credential = totp.begin(account, "Handy", level=SUBSTANTIAL, at=SOME_DAY)
        credential.confirmed_at = SOME_DAY
    return credential


def code_of(credential: TotpCredential, at: datetime | None = None) -> str:
    return totp.code_at(credential.secret or b"", at or clock.now())


def create_recovery_codes(account: Account) -> tuple[RecoveryCodes, list[str]]:
    with unit_of_work():
        sheet = recovery_codes.make(account, "Notfallcodes", level=SUBSTANTIAL, at=SOME_DAY)
        codes = list(sheet.clear or ())
        assert recovery_codes.confirm(sheet, account, codes[0], at=SOME_DAY)
    return sheet, codes


@dataclass
class Authenticator:
    """What a browser and a security key answer. The attributes are what goes wrong in tests."""

    verifies_user: bool = True
    is_synced: bool = False
    origin: str = "http://localhost"
    rp_id: str = "localhost"
    sign_count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b""
    user_handle: bytes = b""

    def create(self, options: dict[str, Any]) -> str:
        self.credential_id = hashlib.sha256(options["challenge"].encode()).digest()
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        attested = (
            bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + self.public_key()
        )
        authenticator_data = self._data(_ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator_data})
        return self._credential(
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]),
            attestationObject=attestation,
        )

    def get(self, options: dict[str, Any], **changed: Any) -> str:
        """``changed``: parts of the answer that somebody has replaced, as bytes."""
        self.sign_count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data()
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        parts = {
            "clientDataJSON": client_data,
            "authenticatorData": data,
            "signature": signature,
            "userHandle": self.user_handle,
        }
        return self._credential(**parts | changed)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= _USER_PRESENT | (_USER_VERIFIED if self.verifies_user else 0)
        flags |= (_ELIGIBLE | _BACKED_UP) if self.is_synced else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.sign_count)

    def public_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _credential(self, **response: bytes) -> str:
        encoded = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": encoded,
                "rawId": encoded,
                "type": "public-key",
                "response": {name: bytes_to_base64url(value) for name, value in response.items()},
                "clientExtensionResults": {},
            }
        )


def create_passkey(account: Account, **how: Any) -> tuple[Passkey, Authenticator]:
    """Registered and used before."""
    authenticator = Authenticator(user_handle=account.id.bytes, credential_id=account.id.bytes * 2, **how)
    passkey = Passkey(
        account=account,
        account_id=account.id,
        created_at=SOME_DAY,
        confirmed_at=SOME_DAY,
        credential_id=authenticator.credential_id,
        public_key=authenticator.public_key(),
        sign_count=0,
        transports=["internal"],
        verifies_user=authenticator.verifies_user,
        is_backup_eligible=authenticator.is_synced,
        is_backed_up=authenticator.is_synced,
    )
    passkey.name = "Laptop"
    with unit_of_work():
        db.session.add(passkey)
    return passkey, authenticator


def question(client: PageClient, path: str = "/anmelden/passkey/optionen") -> dict[str, Any]:
    """What the script of the page is asked to answer; the page with the form must have been opened."""
    token = client.get("/anmelden" if path.startswith("/anmelden") else "/konto").select(
        "input[name=csrf_token]"
    )[0]
    answer = client.client.post(
        path, headers={"X-CSRFToken": str(token["value"]), "Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.status_code
    found: dict[str, Any] = answer.get_json()
    return found
