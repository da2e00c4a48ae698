"""Everything sealed opens with the keys of the configuration, and documents are what they were."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import undefer

from servicekonto.core.db import Base, db
from servicekonto.core.sealing import HasDataKey, Sealed, UnknownMasterKeyError
from servicekonto.files.models import SealedDocument
from servicekonto.operations.fsck.finding import Finding
from servicekonto.operations.progress import Progress

_AT_ONCE = 50
_DOES_NOT_OPEN = (InvalidTag, UnknownMasterKeyError, ValueError, IndexError, AttributeError)


def sealed_models() -> list[type[Any]]:
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted(
        (cls for cls in classes if issubclass(cls, HasDataKey) or _sealed_names(cls)),
        key=lambda cls: str(cls.__tablename__),
    )


def chosen_ids(model: type[Any], sample: int | None) -> list[UUID]:
    """All, or that many by chance."""
    query = sa.select(model.id).order_by(model.id)
    if sample is not None:
        query = sa.select(model.id).order_by(sa.func.random()).limit(sample)
    return list(db.session.scalars(query))


def find_closed(model: type[Any], ids: list[UUID], progress: Progress) -> Iterator[Finding]:
    options = [undefer(model.data_sealed)] if issubclass(model, SealedDocument) else []
    for start in range(0, len(ids), _AT_ONCE):
        chosen = ids[start : start + _AT_ONCE]
        for row in db.session.scalars(sa.select(model).where(model.id.in_(chosen)).options(*options)):
            yield from _problems(row)
        db.session.expunge_all()
        progress(len(chosen))


def _problems(row: Any) -> Iterator[Finding]:
    table, row_id = row.__tablename__, str(row.id)
    if isinstance(row, HasDataKey) and not _opens(row.data_key):
        yield Finding("sealed_opens", f"{table}.wrapped_key", row_id)
        return
    for name in _sealed_names(type(row)):
        if not _opens(lambda name=name: getattr(row, name)):
            yield Finding("sealed_opens", f"{table}.{name}", row_id)
            return
    if isinstance(row, SealedDocument) and not _is_unchanged(row):
        yield Finding("document_is_unchanged", table, row_id)


def _opens(read: Any) -> bool:
    try:
        read()
    except _DOES_NOT_OPEN:
        return False
    return True


def _is_unchanged(document: SealedDocument) -> bool:
    """None: the key was destroyed, and the document with it."""
    data: bytes | None = document.data
    if data is None:
        return True
    return (len(data), hashlib.sha512(data).hexdigest()) == (document.size, document.sha512)


def _sealed_names(model: type[Any]) -> list[str]:
    return sorted(
        {name for cls in model.__mro__ for name, value in vars(cls).items() if isinstance(value, Sealed)}
    )
