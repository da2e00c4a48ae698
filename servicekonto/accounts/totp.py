"""One-time codes of an app (RFC 6238): 160 bits, 30 seconds, one step of tolerance, each step once."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
import sqlalchemy as sa

from servicekonto.accounts import factors
from servicekonto.accounts.factor_models import TotpCredential
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import db

SECRET_BYTES = 20
STEP_SECONDS = 30
TOLERANCE = (0, -1, 1)
ISSUER = "Servicekonto Hessen"


def begin(account: Account, name: str, *, level: AssuranceLevel, at: datetime) -> TotpCredential:
    """A secret that counts for nothing until a code of it was typed."""
    factors.assert_may_add(account, TotpCredential, level=level)
    totp = TotpCredential(account=account, account_id=account.id, created_at=at, confirmed_at=None)
    totp.name, totp.secret = name, secrets.token_bytes(SECRET_BYTES)
    factors.added(totp, account, at=at)
    return totp


def is_right(totp: TotpCredential, code: str, *, at: datetime) -> bool:
    """Uses up the step of the code: of several requests with one code one is right, on both databases."""
    step = _step_of(totp.secret or b"", code, at=at)
    if step is None:
        return False
    used = db.session.scalar(
        sa.update(TotpCredential)
        .where(TotpCredential.id == totp.id, TotpCredential.last_step < step)
        .values(last_step=step)
        .returning(TotpCredential.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


def redeem(account: Account, code: str, *, at: datetime) -> bool:
    """Whether one of the account's apps shows this code; those that do not are told a failure."""
    found = _usable(account)
    for totp in found:
        if is_right(totp, code, at=at):
            factors.worked(totp, at=at)
            return True
    for totp in found:
        factors.failed(totp, at=at)
    return False


def secret_text(totp: TotpCredential) -> str:
    """In groups of four, to be typed where no camera is."""
    text = _base32(totp.secret or b"")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(totp: TotpCredential, account: Account) -> str:
    """``otpauth://…`` for the app."""
    return pyotp.TOTP(_base32(totp.secret or b"")).provisioning_uri(name=account.email, issuer_name=ISSUER)


def qr_code(totp: TotpCredential, account: Account) -> str:
    """An SVG without colours of its own for the dark parts and with a white ground: cameras need the
    contrast.
    """
    picture = segno.make(address(totp, account), error="m")
    return picture.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)


def code_at(secret: bytes, at: datetime) -> str:
    return pyotp.TOTP(_base32(secret)).at(at)


def _usable(account: Account) -> list[TotpCredential]:
    return list(
        db.session.scalars(
            sa.select(TotpCredential)
            .where(
                TotpCredential.account_id == account.id,
                TotpCredential.confirmed_at.is_not(None),
                TotpCredential.locked_at.is_(None),
            )
            .with_for_update()
        )
    )


def _step_of(secret: bytes, code: str, *, at: datetime) -> int | None:
    digits = "".join(code.split())
    step = int(at.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(_base32(secret))
    matching = [
        step + offset
        for offset in TOLERANCE
        if hmac.compare_digest(generator.generate_otp(step + offset).encode(), digits.encode())
    ]
    return matching[0] if matching else None


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()
