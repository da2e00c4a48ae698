"""Passwords: what is accepted, and how they are hashed (Argon2id over a peppered value).

Hashing takes tens of milliseconds and many MiB: call it with no transaction open.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type
from flask import Flask, current_app

from servicekonto.core.errors import ThrottledError
from servicekonto.core.sealing import pepper
from servicekonto.core.settings import settings

PATIENCE = 10  # seconds in the queue for a free slot
_EXTENSION = "servicekonto.hash_slots"


def install(app: Flask, *, concurrency: int) -> None:
    """``concurrency`` bounds the memory: that many hashes at once in this process."""
    app.extensions[_EXTENSION] = threading.BoundedSemaphore(concurrency)


def hash_password(password: str) -> str:
    with _slot():
        return _hasher().hash(_prepared(password))


def matches(encoded_hash: str | None, password: str) -> bool:
    """Exactly one hash is computed, also when there is nothing to compare with."""
    with _slot():
        if encoded_hash is None:
            _hasher().hash(_prepared(password))
            return False
        try:
            return _hasher().verify(encoded_hash, _prepared(password))
        except VerificationError:
            return False


def needs_rehash(encoded_hash: str) -> bool:
    """The configured costs have changed since."""
    return _hasher().check_needs_rehash(encoded_hash)


def normalised(password: str) -> str:
    """The same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def _prepared(password: str) -> bytes:
    return pepper(normalised(password))


def _hasher() -> PasswordHasher:
    config = settings()
    return PasswordHasher(
        time_cost=config.argon2_passes,
        memory_cost=config.argon2_memory_kib,
        parallelism=1,
        hash_len=32,
        salt_len=16,
        type=Type.ID,
    )


@contextmanager
def _slot() -> Iterator[None]:
    slots = cast(threading.BoundedSemaphore, current_app.extensions[_EXTENSION])
    if not slots.acquire(timeout=PATIENCE):
        raise ThrottledError(retry_after=PATIENCE)
    try:
        yield
    finally:
        slots.release()
