"""The keys of the chain. Entries and checkpoints name theirs, so a new one can be put in front of the old."""

import functools
from dataclasses import dataclass

from config import DERIVED_AUDIT_KEY
from servicekonto.core.sealing import derived_key
from servicekonto.core.settings import derive, settings


@dataclass(frozen=True)
class ChainKey:
    """``age``: 0 for the one in use, the older the higher. The others are independent keys of 32 bytes."""

    key_id: str
    age: int
    entries: bytes
    payloads: bytes
    checkpoints: bytes


def known_keys() -> dict[str, ChainKey]:
    """By their id, the one in use first; the one derived from the secret is always there."""
    configured = [(key.key_id, key.key) for key in settings().audit_keys]
    found = [*configured, (DERIVED_AUDIT_KEY, derived_key("audit trail"))]
    return {key_id: _chain_key(key_id, age, secret) for age, (key_id, secret) in enumerate(found)}


def key_in_use() -> ChainKey:
    return next(iter(known_keys().values()))


@functools.cache
def _chain_key(key_id: str, age: int, secret: bytes) -> ChainKey:
    return ChainKey(
        key_id=key_id,
        age=age,
        entries=derive(secret, "audit entries"),
        payloads=derive(secret, "audit payloads"),
        checkpoints=derive(secret, "audit checkpoints"),
    )
