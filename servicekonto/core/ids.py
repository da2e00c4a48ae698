"""Identifiers: UUIDv7 keys for rows, references that people can read out on the telephone."""

import re
import secrets
from datetime import datetime
from uuid import UUID, uuid4

import uuid_utils.compat
from stdnum import luhn

# Crockford base32: without I, L, O and U, which are misread or misheard.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SERIALS = 2**40
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_COMPACT = re.compile(r"HE([0-9]{4})([0-9A-HJKMNP-TV-Z]{8})([0-9A-HJKMNP-TV-Z])")
_PROOF_RANDOM = 12
_COMPACT_PROOF = re.compile(rf"(?:PR)?([0-9A-HJKMNP-TV-Z]{{{_PROOF_RANDOM}}})([0-9A-HJKMNP-TV-Z])")


def new_id() -> UUID:
    """UUIDv7: sortable by time, so that indexes grow at one end only."""
    return uuid_utils.compat.uuid7()


def new_timeless_id() -> UUID:
    """UUIDv4: for rows that outlive the time for which it may be known when they were made."""
    return uuid4()


def seconds_of(row_id: UUID) -> float:
    """When a UUIDv7 was made, in seconds since 1970: unlike the time of an act, it cannot lie long before."""
    return (row_id.int >> 80) / 1000


def first_id_of(moment: datetime) -> UUID:
    """Ids made before this moment are smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def new_reference(year: int) -> str:
    """For example ``HE-2026-7K3F-9QXM-C``: 40 random bits and a check digit (Luhn mod 32)."""
    return reference(year, secrets.randbelow(SERIALS))


def reference(year: int, number: int) -> str:
    """The written form of one of the ``SERIALS`` references of a year."""
    return _format(str(year), "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5)))


def normalise_reference(text: str) -> str | None:
    """The written form of a typed reference (spaces, case, O/0 and I/1 forgiven), or None if it is none."""
    match = _COMPACT.fullmatch(unmistakable(text))
    if match is None:
        return None
    year, serial, check = match.groups()
    return _format(year, serial) if check == _check_digit(year + serial) else None


def new_proof_code() -> str:
    """For example ``PR-7K3F-9QXM-2H4W-H``: 60 random bits, too many to guess, and a check digit."""
    return _format_proof("".join(secrets.choice(ALPHABET) for _ in range(_PROOF_RANDOM)))


def normalise_proof_code(text: str) -> str | None:
    """The written form of a typed code, forgiving as ``normalise_reference``; the PR may be left out."""
    match = _COMPACT_PROOF.fullmatch(unmistakable(text))
    if match is None:
        return None
    serial, check = match.groups()
    return _format_proof(serial) if check == _check_digit(serial) else None


def unmistakable(text: str) -> str:
    """As a code of ``ALPHABET`` is compared: without spaces and hyphens, O read as 0, I and L as 1."""
    return re.sub(r"[\s\-–]", "", text.upper()).translate(_MISREAD)


def _format(year: str, serial: str) -> str:
    return f"HE-{year}-{serial[:4]}-{serial[4:]}-{_check_digit(year + serial)}"


def _format_proof(serial: str) -> str:
    return f"PR-{serial[:4]}-{serial[4:8]}-{serial[8:]}-{_check_digit(serial)}"


def _check_digit(serial: str) -> str:
    return luhn.calc_check_digit(serial, ALPHABET)
