"""Computes every chain anew, a thousand entries in memory at a time, and tells where each breaks first."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from servicekonto.audit.chain import (
    GENESIS,
    SEAL,
    TABLE,
    Row,
    UnreadableError,
    entry_hash,
    id_of,
    moment_of,
    payload_hash,
    stored_rows,
)
from servicekonto.audit.checkpoints import Chain, Expected
from servicekonto.audit.keys import ChainKey, known_keys
from servicekonto.audit.queries import count_overdue
from servicekonto.core import retention
from servicekonto.core.db import db

ROWS_AT_ONCE = 1000
PLATFORM = "platform"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Break:
    """The first entry of a chain that is not as it was sealed. ``entry_id`` None: there is no such entry."""

    chain: str
    number: int
    entry_id: str | None
    what: str


@dataclass
class Report:
    """``overdue``: entries that have waited too long to be sealed."""

    entries: int = 0
    chains: int = 0
    breaks: list[Break] = field(default_factory=list)
    overdue: int = 0

    def note_end(self, verified: "_VerifiedChain") -> None:
        verified.end()
        self.chains += 1
        if verified.found is not None:
            self.breaks.append(verified.found)

    @property
    def is_whole(self) -> bool:
        return not self.breaks and not self.overdue


def count_sealed() -> int:
    """How many entries ``verify`` will look at."""
    query = sa.select(sa.func.count()).select_from(TABLE).where(_has_part_of_a_seal())
    return db.session.scalar(query) or 0


def verify(expected: Expected, *, at: datetime, progress: Progress) -> Report:
    """Reads in the current transaction, which has to see one moment."""
    report, seen = Report(overdue=count_overdue(at)), set[Chain]()
    for name, rows in _chains():
        verified = _VerifiedChain(name, expected.hashes.get(name, {}), at)
        for row in rows:
            verified.check(row)
            report.entries += 1
            progress(1)
        report.note_end(verified)
        seen.add(name)
    for name in expected.hashes.keys() - seen:
        report.note_end(_VerifiedChain(name, expected.hashes[name], at))
    return report


def _chains() -> Iterator[tuple[str | None, Iterator[Row]]]:
    columns = TABLE.c
    query = (
        stored_rows().where(_has_part_of_a_seal()).order_by(columns.authority_id, columns.number, columns.id)
    )
    rows = db.session.connection().execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).mappings()
    yield from groupby(rows, key=_name)


def _name(row: Row) -> str | None:
    return _readable(row["authority_id"])


def _readable(value: Any) -> str | None:
    try:
        return id_of(value)
    except UnreadableError:
        return str(value)


def _has_part_of_a_seal() -> sa.ColumnElement[bool]:
    return sa.or_(*(TABLE.c[name].is_not(None) for name in SEAL))


class _VerifiedChain:
    """``expected``: hashes by number, from checkpoints."""

    def __init__(self, name: Chain, expected: Mapping[int, str], at: datetime) -> None:
        self._name = name or PLATFORM
        self._expected = expected
        self._may_be_emptied = moment_of(at - retention.AUDIT_PAYLOADS.kept)
        self._keys = known_keys()
        self._number = 0
        self._hash = GENESIS
        self._key_age: int | None = None
        self.found: Break | None = None

    def check(self, row: Row) -> None:
        """Behind the first break nothing more can be said about the chain."""
        if self.found is not None:
            return
        number = row["number"]
        if isinstance(number, int) and number > self._number + 1:
            self.found = Break(self._name, self._number + 1, None, "is missing")
            return
        what = self._trouble(row)
        if what is not None:
            self.found = Break(self._name, self._number + 1, _readable(row["id"]), what)
            return
        self._number, self._hash = number, row["hash"]

    def end(self) -> None:
        """What checkpoints have seen behind the last entry is gone."""
        if self.found is None and max(self._expected, default=0) > self._number:
            self.found = Break(self._name, self._number + 1, None, "is missing, a checkpoint has seen it")

    def _trouble(self, row: Row) -> str | None:
        if any(row[name] is None for name in SEAL):
            return "has only a part of a seal"
        if row["number"] != self._number + 1:
            return "is there twice"
        if row["prev_hash"] != self._hash:
            return "does not follow the one before"
        key = self._keys.get(row["key_id"])
        if key is None:
            return "is sealed with a key that is not configured"
        if self._key_age is not None and key.age > self._key_age:
            return "is sealed with an older key than the one before"
        self._key_age = key.age
        try:
            return self._mismatch(row, key)
        except UnreadableError as error:
            return f"has an unreadable {error}"

    def _mismatch(self, row: Row, key: ChainKey) -> str | None:
        if not _same(entry_hash(row, key), row["hash"]):
            return "was changed"
        if row["payload"] is None:
            is_due = moment_of(row["at"]) <= self._may_be_emptied or _same(
                payload_hash(row, key), row["payload_hash"]
            )
            if not is_due:
                return "has lost its payload before its time"
        elif not _same(payload_hash(row, key), row["payload_hash"]):
            return "has another payload"
        expected = self._expected.get(row["number"])
        if expected is not None and expected != row["hash"].hex():
            return "is another one than a checkpoint has seen"
        return None


def _same(computed: bytes, stored: Any) -> bool:
    return isinstance(stored, bytes) and hmac.compare_digest(computed, stored)
