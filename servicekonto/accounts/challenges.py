"""Challenges of WebAuthn: bound to this browser by its form cookie, for five minutes, answered once."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import session
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from servicekonto.accounts.factor_models import UsedChallenge
from servicekonto.core.db import db
from servicekonto.core.sealing import token_hash

BYTES = 32
VALIDITY = timedelta(minutes=5)
MOST_OPEN = 5  # tabs of one browser that wait for an answer
_KEY = "challenges"


def issue(*, at: datetime) -> bytes:
    """The oldest of too many no longer counts."""
    challenge = secrets.token_bytes(BYTES)
    session[_KEY] = [*_open(at=at), [bytes_to_base64url(challenge), int(at.timestamp())]][-MOST_OPEN:]
    return challenge


def answered(challenge: bytes, *, at: datetime) -> bool:
    """Whether this browser was asked and nobody has answered before. Uses it up."""
    wanted = bytes_to_base64url(challenge)
    found = _open(at=at)
    if wanted not in [text for text, _issued in found]:
        return False
    session[_KEY] = [entry for entry in found if entry[0] != wanted]
    try:
        with db.session.begin_nested():
            db.session.add(UsedChallenge(challenge_hash=token_hash(wanted), used_at=at))
    except IntegrityError:
        return False
    return True


def purge(*, at: datetime) -> None:
    db.session.execute(sa.delete(UsedChallenge).where(UsedChallenge.used_at < at - 2 * VALIDITY))


def from_text(text: str) -> bytes:
    return base64url_to_bytes(text)


def _open(*, at: datetime) -> list[list[object]]:
    earliest = (at - VALIDITY).timestamp()
    kept = session.get(_KEY, [])
    return [[text, issued] for text, issued in kept if issued >= earliest]
