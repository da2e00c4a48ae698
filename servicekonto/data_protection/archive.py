"""The copy of everything about one person: a ZIP with a JSON file per table, the documents, and a schema.

    README.txt  schema.json  data/<table>.json  documents/<id>/<file name>

``data/<table>.json`` is a list of objects; the catalogue says how each column is treated.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import undefer

from servicekonto.core.db import Base, db
from servicekonto.core.sealing import Sealed
from servicekonto.data_protection.catalogue import CATALOGUE
from servicekonto.data_protection.catalogue.kinds import LEFT_OUT, Table, Treatment
from servicekonto.data_protection.schema import public_name, schema
from servicekonto.data_protection.walk import Key, matching
from servicekonto.web.i18n import show_datetime

Row = dict[str, Any]


class Archive:
    """``add`` one table after the other, then ``close``."""

    def __init__(self, account_id: UUID) -> None:
        self._account_id = account_id
        self._file = io.BytesIO()
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def add(self, table_name: str, keys: set[Key]) -> None:
        """In the current transaction. Rows that have gone since they were found are left out."""
        rows = [self._written(table_name, row) for row in _rows(Base.metadata.tables[table_name], keys)]
        self._zip.writestr(f"data/{table_name}.json", _json(rows))

    def close(self, *, at: datetime) -> bytes:
        """In the language that is set."""
        self._zip.writestr("schema.json", _json(schema()))
        self._zip.writestr("README.txt", _readme(at))
        self._zip.close()
        return self._file.getvalue()

    def _written(self, table_name: str, row: Any) -> Row:
        written: Row = {}
        for name, treatment in CATALOGUE[table_name].columns:
            if treatment is Treatment.FILE:
                written[public_name(name, treatment)] = self._document(row)
            elif treatment not in LEFT_OUT:
                written[public_name(name, treatment)] = _READ[treatment](row, name, self._account_id)
        return written

    def _document(self, document: Any) -> str | None:
        """Its path in the archive; None when its key was destroyed."""
        data: bytes | None = document.data
        if data is None:
            return None
        path = f"documents/{document.id}/{document.file_name}"
        self._zip.writestr(path, data, zipfile.ZIP_STORED)
        return path


def _rows(table: sa.Table, keys: set[Key]) -> Iterator[Any]:
    """Objects of the model, so that sealed columns open; plain rows of a table without one."""
    entry, model = CATALOGUE[table.name], _model_of(table)
    if entry.withheld is not None and entry.withheld.rows is None:
        return
    for condition in matching(table, keys):
        query = sa.select(table if model is None else model).where(condition).order_by(*table.primary_key)
        if entry.withheld is not None:
            query = query.where(sa.not_(entry.withheld.condition()))
        if model is not None and entry.columns.file:
            query = query.options(undefer(getattr(model, entry.columns.file)))
        yield from db.session.execute(query) if model is None else db.session.scalars(query)


def _model_of(table: sa.Table) -> type[Any] | None:
    found = (mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    return next(found, None)


def _plain(row: Any, name: str, _account_id: UUID) -> Any:
    return getattr(row, name)


def _opened(row: Any, name: str, _account_id: UUID) -> Any:
    return getattr(row, _attribute_of(type(row), name))


def _acted(row: Any, name: str, account_id: UUID) -> str | None:
    actor = getattr(row, name)
    if actor is None:
        return None
    return "self" if actor == account_id else "other"


_READ: dict[Treatment, Callable[[Any, str, UUID], Any]] = {
    Treatment.PLAIN: _plain,
    Treatment.OPENED: _opened,
    Treatment.ACTED: _acted,
}


def _attribute_of(model: type[Any], column: str) -> str:
    """The descriptor that opens this column."""
    for cls in model.__mro__:
        for name, value in vars(cls).items():
            if isinstance(value, Sealed) and value.column == column:
                return name
    raise LookupError(f"{model.__name__} does not open {column}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_in_words)


def _in_words(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _readme(at: datetime) -> str:
    left_out = [_line(entry) for entry in CATALOGUE.values() if entry.withheld is not None]
    parts = [
        _("Kopie Ihrer Daten im Servicekonto, Stand %(when)s", when=show_datetime(at)),
        _(
            "Im Ordner data liegt für jede Tabelle unserer Datenbank eine Datei im Format JSON. Im Ordner "
            "documents liegen die Dokumente. Die Datei schema.json sagt, was jede Angabe bedeutet, wofür wir "
            "sie brauchen, wie lange wir sie speichern und wer sie bekommt."
        ),
        _("Diese Zeilen sind nicht dabei:"),
        "\n".join(left_out),
        _("Fehlende Spalten nennt die Datei schema.json, jeweils mit dem Grund."),
    ]
    return "\n\n".join(parts) + "\n"


def _line(entry: Table) -> str:
    return f"- {entry.title}: {entry.withheld.why if entry.withheld else ''}"
