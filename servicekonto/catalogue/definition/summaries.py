"""Answers as label and text: for the check page, the PDF and the workbench."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from servicekonto.catalogue.definition.fields import (
    AddressField,
    CompositeField,
    PostcodePlaceField,
    RepeatField,
)
from servicekonto.catalogue.definition.model import Definition


@dataclass(frozen=True)
class SummaryRow:
    path: str
    label: str
    lines: tuple[str, ...]
    page_id: str
    group: str = ""  # "Kind 2", "Vater": what the row belongs to

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class SummaryPage:
    id: str
    title: str
    rows: tuple[SummaryRow, ...]

    @property
    def groups(self) -> list[tuple[str, list[SummaryRow]]]:
        """Runs of rows that belong together, with their common name."""
        runs: list[tuple[str, list[SummaryRow]]] = []
        for row in self.rows:
            if not runs or runs[-1][0] != row.group:
                runs.append((row.group, []))
            runs[-1][1].append(row)
        return runs


def summary(definition: Definition, values: Mapping[str, Any]) -> list[SummaryPage]:
    """Pages with at least one answer, rows in the order of the questions."""
    pages = []
    for page in definition.pages:
        rows = tuple(_rows(page.fields, values, page.id, "", ""))
        if rows:
            pages.append(SummaryPage(page.id, str(page.title), rows))
    return pages


def _rows(
    parts: tuple[Any, ...], values: Mapping[str, Any], page_id: str, prefix: str, group: str
) -> Iterator[SummaryRow]:
    for part in parts:
        value = values.get(part.id)
        if value is None:
            continue
        path = prefix + part.id
        if isinstance(part, RepeatField):
            for position, row in enumerate(value):
                name = _within(group, f"{part.item_label} {position + 1}")
                yield from _rows(part.parts, row, page_id, f"{path}.{position}.", name)
        elif isinstance(part, AddressField | PostcodePlaceField):
            lines = tuple(address_lines(part, value))
            yield SummaryRow(path, str(part.label), lines, page_id, group)
        elif isinstance(part, CompositeField):
            yield from _rows(part.parts, value, page_id, path + ".", _within(group, str(part.label)))
        else:
            yield SummaryRow(path, str(part.label), tuple(part.show(value)), page_id, group)


def _within(group: str, name: str) -> str:
    return f"{group}, {name}" if group else name


def address_lines(part: CompositeField, value: Mapping[str, Any]) -> list[str]:
    """An address the way it stands on an envelope."""
    shown = {piece.id: " ".join(piece.show(value[piece.id])) for piece in part.parts if piece.id in value}
    street = " ".join(shown[name] for name in ("street", "house_number") if name in shown)
    place = " ".join(shown[name] for name in ("postcode", "place") if name in shown)
    country = "" if value.get("country", "DE") == "DE" else shown["country"]
    return [line for line in (street, shown.get("addition", ""), place, country) if line]
