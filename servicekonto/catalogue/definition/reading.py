"""From a posted page to the raw input a draft stores, and the buttons that add or remove a row."""

from collections.abc import Mapping
from typing import Any

from servicekonto.catalogue.definition.fields import CompositeField, FormReader, RepeatField
from servicekonto.catalogue.definition.model import Definition, Page

Input = dict[str, Any]


def read_input(page: Page, formdata: Mapping[str, list[str]]) -> Input:
    """The raw input of this page, to be laid over the draft: ``draft | read_input(…)``.

    Fields the page did not show are left out, so that an answer typed earlier is not lost.
    """
    form = FormReader(formdata)
    read = {field.id: field.read(form, field.id) for field in page.fields}
    return {field_id: raw for field_id, raw in read.items() if raw is not None}


def change_rows(definition: Definition, raw_input: Mapping[str, Any], action: str) -> Input | None:
    """The input after ``add:children`` or ``remove:children.1``; None when that is not possible."""
    verb, _, path = action.partition(":")
    names = path.split(".")
    row = -1
    if verb == "remove" and names[-1].isascii() and names[-1].isdigit() and len(names[-1]) < 4:
        row = int(names.pop())
    elif verb != "add":
        return None
    fields = tuple(field for page in definition.pages for field in page.fields)
    return _change(fields, dict(raw_input), names, row)


def _change(fields: tuple[Any, ...], raw: Input, names: list[str], row: int) -> Input | None:
    field = next((field for field in fields if field.id == names[0]), None)
    if not isinstance(field, CompositeField):
        return None
    changed = _change_field(field, raw.get(field.id), names[1:], row)
    return None if changed is None else raw | {field.id: changed}


def _change_field(field: CompositeField, raw: Any, names: list[str], row: int) -> Any:
    if not isinstance(field, RepeatField):
        return (
            _change(field.parts, dict(raw) if isinstance(raw, Mapping) else {}, names, row) if names else None
        )
    rows = rows_of(field, raw)
    if not names:
        return _add_or_remove(field, rows, row)
    inner = int(names[0]) if names[0].isascii() and names[0].isdigit() and len(names[0]) < 4 else len(rows)
    if inner >= len(rows) or len(names) < 2:
        return None
    changed = _change(field.parts, rows[inner], names[1:], row)
    return None if changed is None else [*rows[:inner], changed, *rows[inner + 1 :]]


def _add_or_remove(field: RepeatField, rows: list[Input], row: int) -> list[Input] | None:
    if row < 0:
        return [*rows, {}] if len(rows) < field.max_rows else None
    return rows[:row] + rows[row + 1 :] if row < len(rows) and len(rows) > field.min_rows else None


def rows_of(field: RepeatField, raw: object) -> list[Input]:
    """The rows to show: what was typed, and empty ones up to the least number."""
    rows = [dict(row) if isinstance(row, Mapping) else {} for row in raw] if isinstance(raw, list) else []
    rows = rows[: field.max_rows]
    return rows + [{} for _ in range(field.min_rows - len(rows))]


def is_blank(field: Any, raw: object) -> bool:
    """Whether nothing was answered anywhere inside. A country chosen beforehand is no answer."""
    if isinstance(field, RepeatField):
        return not isinstance(raw, list) or all(is_blank_row(field, row) for row in raw)
    if isinstance(field, CompositeField):
        return is_blank_row(field, raw)
    if isinstance(raw, Mapping):
        return all(is_blank(None, part) for part in raw.values())
    if isinstance(raw, list):
        return all(is_blank(None, part) for part in raw)
    return not isinstance(raw, str) or raw.strip() in ("", getattr(field, "shown_first", ""))


def is_blank_row(field: CompositeField, row: object) -> bool:
    return not isinstance(row, Mapping) or all(is_blank(part, row.get(part.id)) for part in field.parts)
