"""Passwords: what is accepted, and how they are hashed (Argon2id over a peppered value).

Hashing takes tens of milliseconds and many MiB: call it with no transaction open. It happens in a few
threads of its own: the C library keeps the memory of the last hash for each thread that ever made one, and to
fetch it anew from the system for each hash would take half as long again.
"""

import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type
from flask import Flask, current_app

from servicekonto.core.errors import ThrottledError
from servicekonto.core.sealing import pepper
from servicekonto.core.settings import settings

PATIENCE = 10  # seconds in the queue for a free slot
_EXTENSION = "servicekonto.hash_slots"
_T = TypeVar("_T")


@dataclass(frozen=True)
class _Slots:
    free: threading.BoundedSemaphore
    threads: ThreadPoolExecutor


def install(app: Flask, *, concurrency: int) -> None:
    """``concurrency`` bounds the memory: that many hashes at once in this process."""
    app.extensions[_EXTENSION] = _Slots(
        threading.BoundedSemaphore(concurrency), ThreadPoolExecutor(concurrency, thread_name_prefix="hash")
    )


def hash_password(password: str) -> str:
    hasher, prepared = _hasher(), _prepared(password)
    return _in_slot(lambda: hasher.hash(prepared))


def matches(encoded_hash: str | None, password: str) -> bool:
    """Exactly one hash is computed, also when there is nothing to compare with."""
    hasher, prepared = _hasher(), _prepared(password)
    if encoded_hash is None:
        _in_slot(lambda: hasher.hash(prepared))
        return False
    try:
        return _in_slot(lambda: hasher.verify(encoded_hash, prepared))
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


def _in_slot(work: Callable[[], _T]) -> _T:
    """Raises ThrottledError when none becomes free."""
    slots = cast(_Slots, current_app.extensions[_EXTENSION])
    if not slots.free.acquire(timeout=PATIENCE):
        raise ThrottledError(retry_after=PATIENCE)
    try:
        return slots.threads.submit(copy_context().run, work).result()
    finally:
        slots.free.release()
