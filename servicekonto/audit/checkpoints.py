"""Where each chain ends, signed, to be kept outside the database: they show what is cut off at the end."""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.chain import TABLE
from servicekonto.audit.keys import ChainKey, key_in_use, known_keys
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db

Chain = str | None
"""The id of an authority; None: the platform's own acts."""


class ForgedCheckpointError(ValueError):
    """A line that was not written by this installation, or changed since."""


@dataclass(frozen=True)
class Head:
    """``number`` and ``hash`` of the last entry of a chain, and how many entries it had, at this moment."""

    authority_id: Chain
    number: int
    count: int
    hash: str
    at: str


@dataclass(frozen=True)
class Expected:
    """What checkpoints say: hashes by number, for each chain."""

    hashes: dict[Chain, dict[int, str]] = field(default_factory=dict)

    def add(self, head: Head) -> None:
        self.hashes.setdefault(head.authority_id, {})[head.number] = head.hash


def heads(*, at: datetime) -> Iterator[Head]:
    """Of every chain, in the current transaction."""
    chains = db.session.execute(
        sa.select(AuditEntry.authority_id, sa.func.max(TABLE.c.number), sa.func.count())
        .where(AuditEntry.number.is_not(None))
        .group_by(AuditEntry.authority_id)
        .order_by(AuditEntry.authority_id)
    ).all()
    for authority_id, number, count in chains:
        chain = str(authority_id) if authority_id else None
        yield Head(chain, number, count, _stored_hash(chain, number) or "", at.isoformat())


def lines(found: Iterable[Head]) -> Iterator[str]:
    """One JSON object each, signed with the key in use."""
    key = key_in_use()
    for head in found:
        facts = asdict(head) | {"key_id": key.key_id}
        yield json.dumps(facts | {"signature": _signature(facts, key)}, sort_keys=True)


def read(line: str) -> Head:
    """Raises ForgedCheckpointError."""
    try:
        facts = json.loads(line)
        signature = facts.pop("signature")
        key = known_keys()[facts["key_id"]]
        is_ours = hmac.compare_digest(signature, _signature(facts, key))
        del facts["key_id"]
        head = Head(**facts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForgedCheckpointError from error
    if not is_ours:
        raise ForgedCheckpointError
    return head


def is_kept(head: Head) -> bool:
    """Whether the chain still has this entry."""
    return _stored_hash(head.authority_id, head.number) == head.hash


def _stored_hash(chain: Chain, number: int) -> str | None:
    found: bytes | None = db.session.scalar(
        sa.select(AuditEntry.hash).where(
            AuditEntry.authority_id == (UUID(chain) if chain else None), AuditEntry.number == number
        )
    )
    return found.hex() if found else None


def _signature(facts: dict[str, object], key: ChainKey) -> str:
    return hmac.digest(key.checkpoints, json.dumps(facts, sort_keys=True).encode(), "sha256").hex()
