"""What the files of a copy mean: a JSON Schema made from the catalogue and the columns of the tables."""

from typing import Any

import sqlalchemy as sa

from servicekonto.core.db import Base
from servicekonto.data_protection.catalogue import CATALOGUE
from servicekonto.data_protection.catalogue.kinds import EXPLAINED, LEFT_OUT, Table, Treatment

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SEALED = "_sealed"
_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], dict[str, Any]], ...] = (
    (sa.Uuid, {"type": "string", "format": "uuid"}),
    (sa.Boolean, {"type": "boolean"}),
    (sa.Integer, {"type": "integer"}),
    (sa.DateTime, {"type": "string", "format": "date-time"}),
    (sa.Date, {"type": "string", "format": "date"}),
    (sa.String, {"type": "string"}),
)


def public_name(column: str, treatment: Treatment) -> str:
    """The property of a column: sealed columns are opened, documents are paths in the archive."""
    name = column.removesuffix(_SEALED)
    return f"{name}_file" if treatment is Treatment.FILE else name


def schema() -> dict[str, Any]:
    """In the language that is set. Each definition describes ``data/<its name>.json``."""
    return {
        "$schema": DIALECT,
        "$defs": {name: _definition(Base.metadata.tables[name], entry) for name, entry in CATALOGUE.items()},
    }


def _definition(table: sa.Table, entry: Table) -> dict[str, Any]:
    treated = list(entry.columns)
    properties = {
        public_name(name, treatment): _property(table.c[name], treatment)
        for name, treatment in treated
        if treatment not in LEFT_OUT
    }
    return {
        "title": str(entry.title),
        "description": str(entry.purpose),
        "x-legal-basis": str(entry.basis),
        "x-kept": str(entry.kept),
        "x-recipients": str(entry.recipients),
        "x-rows-left-out": str(entry.withheld.why) if entry.withheld else None,
        "x-columns-left-out": {
            name: str(EXPLAINED[treatment]) for name, treatment in treated if treatment in LEFT_OUT
        },
        "type": "array",
        "items": {"type": "object", "properties": properties, "additionalProperties": False},
    }


def _property(column: sa.Column[Any], treatment: Treatment) -> dict[str, Any]:
    described = {"description": str(EXPLAINED[treatment])}
    if treatment is Treatment.ACTED:
        return described | {"enum": ["self", "other", None]}
    if treatment is not Treatment.PLAIN:
        return described
    found = next((words for kind, words in _TYPES if isinstance(_plain_type(column), kind)), {})
    if column.nullable and "type" in found:
        found = found | {"type": [found["type"], "null"]}
    return described | found


def _plain_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    kind = column.type
    return kind.impl if isinstance(kind, sa.TypeDecorator) else kind  # type: ignore[return-value]
