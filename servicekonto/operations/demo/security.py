"""Factors and levels of the people in the demonstration. Their secrets follow from their addresses and are
printed for everybody who tries it: they protect nothing.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from servicekonto.accounts import totp
from servicekonto.accounts.factor_models import Passkey, TotpCredential
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import db
from servicekonto.operations.demo.people import Citizen

_CURVE = ec.SECP256R1()


def give_totp(account: Account, *, at: datetime) -> None:
    credential = TotpCredential(
        account=account, account_id=account.id, created_at=at, confirmed_at=at, last_used_at=at
    )
    credential.name, credential.secret = "App", totp_secret(account.email or "")
    db.session.add(credential)
    db.session.flush()


def give_passkey(account: Account, *, at: datetime) -> None:
    """Bound to one device, with user verification."""
    email = account.email or ""
    passkey = Passkey(
        account=account,
        account_id=account.id,
        created_at=at,
        confirmed_at=at,
        last_used_at=at,
        credential_id=_seed("credential", email),
        public_key=_cose(_private_key(email)),
        sign_count=0,
        transports=["internal"],
        verifies_user=True,
        is_backup_eligible=False,
        is_backed_up=False,
    )
    passkey.name = "Passkey"
    db.session.add(passkey)
    db.session.flush()


def verify(account: Account, level: AssuranceLevel, *, at: datetime) -> None:
    """As if somebody had seen the identity document of this invented person."""
    for attribute in account.attributes:
        attribute.level, attribute.verified_at, attribute.source = level, at, "demonstration"
    db.session.flush()


def equip(citizen: Citizen, account: Account, *, at: datetime) -> None:
    if citizen.level is not AssuranceLevel.BASIC:
        verify(account, citizen.level, at=at)
    if citizen.has_totp:
        give_totp(account, at=at)
    if citizen.has_passkey:
        give_passkey(account, at=at)


def shown(email: str, *, has_totp: bool, passkey_of: Account | None = None) -> dict[str, Any]:
    """What a tester puts into an app, or into the virtual authenticator of a browser
    (WebAuthn.addCredential).
    """
    found: dict[str, Any] = {}
    if has_totp:
        found["totp_secret"] = base64.b32encode(totp_secret(email)).decode()
    if passkey_of is not None:
        found["passkey"] = {
            "credential_id": base64.b64encode(_seed("credential", email)).decode(),
            "private_key": base64.b64encode(_pkcs8(_private_key(email))).decode(),
            "user_handle": base64.b64encode(passkey_of.id.bytes).decode(),
        }
    return found


def totp_secret(email: str) -> bytes:
    return _seed("totp", email)[: totp.SECRET_BYTES]


def _private_key(email: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_seed("passkey", email)) >> 1, _CURVE)


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 9053: key type EC2, algorithm ES256, curve P-256."""
    point = key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})


def _seed(purpose: str, email: str) -> bytes:
    return hashlib.sha256(f"servicekonto demonstration {purpose} {email}".encode()).digest()
