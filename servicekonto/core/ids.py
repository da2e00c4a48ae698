"""Identifiers: UUIDv7 keys for rows, references that people can read out on the telephone."""

import re
import secrets
from uuid import UUID

import uuid_utils.compat
from stdnum import luhn

# Crockford base32: without I, L, O and U, which are misread or misheard.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_COMPACT = re.compile(r"HE([0-9]{4})([0-9A-HJKMNP-TV-Z]{8})([0-9A-HJKMNP-TV-Z])")


def new_id() -> UUID:
    """UUIDv7: sortable by time, so that indexes grow at one end only."""
    return uuid_utils.compat.uuid7()


def new_reference(year: int) -> str:
    """For example ``HE-2026-7K3F-9QXM-C``: 40 random bits and a check digit (Luhn mod 32)."""
    return _format(str(year), "".join(secrets.choice(ALPHABET) for _ in range(8)))


def normalise_reference(text: str) -> str | None:
    """The written form of a typed reference (spaces, case, O/0 and I/1 forgiven), or None if it is none."""
    compact = re.sub(r"[\s\-–]", "", text.upper()).translate(_MISREAD)
    match = _COMPACT.fullmatch(compact)
    if match is None:
        return None
    year, serial, check = match.groups()
    return _format(year, serial) if check == _check_digit(year, serial) else None


def _format(year: str, serial: str) -> str:
    return f"HE-{year}-{serial[:4]}-{serial[4:]}-{_check_digit(year, serial)}"


def _check_digit(year: str, serial: str) -> str:
    return luhn.calc_check_digit(year + serial, ALPHABET)
