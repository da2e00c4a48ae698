"""A page ready to be shown: every input with name, id, raw text, error and source of its prefill."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from servicekonto.catalogue.definition.evaluation import Evaluation
from servicekonto.catalogue.definition.fields import (
    CompositeField,
    MonthGridField,
    RepeatField,
)
from servicekonto.catalogue.definition.model import Page
from servicekonto.catalogue.definition.places import PlaceAnswer
from servicekonto.catalogue.definition.reading import rows_of


@dataclass(frozen=True)
class FormField:
    field: Any
    name: str
    raw: Any
    error: str | None
    prefill_source: str | None
    parts: tuple["FormField", ...] = ()
    rows: tuple["FormRow", ...] = ()
    columns: tuple[Any, ...] = ()  # of a month grid
    place: PlaceAnswer | None = None  # what there is to choose or to say about the place typed

    @property
    def id(self) -> str:
        """Of the first input: a structured field such as a date gives it to its first part."""
        return self.name.replace(".", "-")

    @property
    def first_input_id(self) -> str:
        """Where a link from the error summary leads."""
        return self.parts[0].first_input_id if self.parts else self.id

    @property
    def has_rows(self) -> bool:
        """Whether there are buttons inside that add or remove rows."""
        return isinstance(self.field, RepeatField) or any(part.has_rows for part in self.parts)

    @property
    def width(self) -> int | str | None:
        """The nearest of the widths the style sheet knows."""
        characters = getattr(self.field, "width", None)
        if characters is None or characters > 24:
            return None
        steps = ((2, 2), (4, 4), (8, "postcode"), (24, "medium"))
        return next(width for limit, width in steps if characters <= limit)

    @property
    def text(self) -> str:
        """What is in the input of a field with one line, one text or one choice."""
        if self.raw is None:
            return str(getattr(self.field, "shown_first", ""))
        return self.raw if isinstance(self.raw, str) else ""

    @property
    def options(self) -> list[tuple[str, object]]:
        return [(value, label) for value, label, _hint in self.field.choices]

    @property
    def chosen(self) -> list[object]:
        return self.raw if isinstance(self.raw, list) else []

    def part(self, name: str) -> str:
        """A piece of a structured raw input, such as the day of a date."""
        piece = self.raw.get(name) if isinstance(self.raw, Mapping) else None
        return piece if isinstance(piece, str) else ""

    def cell(self, month: int, column: str) -> object:
        cells = self.raw.get(str(month)) if isinstance(self.raw, Mapping) else None
        return cells.get(column) if isinstance(cells, Mapping) else None


@dataclass(frozen=True)
class FormRow:
    number: int
    fields: tuple[FormField, ...]
    remove: str | None  # value of the button that takes the row away


@dataclass(frozen=True)
class ErrorLink:
    href: str
    message: str


@dataclass(frozen=True)
class FormPage:
    page: Page
    fields: tuple[FormField, ...]
    error_links: tuple[ErrorLink, ...]


def form_page(
    page: Page,
    raw_input: Mapping[str, Any],
    evaluation: Evaluation,
    *,
    prefilled: Mapping[str, str] | None = None,
    places: Mapping[str, PlaceAnswer] | None = None,
    show_errors: bool = False,
) -> FormPage:
    """``prefilled`` are the sources of ``prefill``, ``places`` the answers of ``resolve_places``."""
    errors = evaluation.errors_on(page.id) if show_errors else ()
    messages: dict[str, str] = {}
    for error in errors:
        answer = (places or {}).get(error.path)
        messages.setdefault(error.path, (answer and answer.message) or error.message)
    builder = _Builder(evaluation, messages, prefilled or {}, places or {})
    fields = builder.fields(page.fields, raw_input, "")
    targets = dict(_targets(fields))
    links = tuple(ErrorLink(f"#{targets.get(path, 'inhalt')}", message) for path, message in messages.items())
    return FormPage(page, fields, links)


@dataclass(frozen=True)
class _Builder:
    evaluation: Evaluation
    messages: Mapping[str, str]
    prefilled: Mapping[str, str]
    places: Mapping[str, PlaceAnswer]

    def fields(self, parts: tuple[Any, ...], raw: object, prefix: str) -> tuple[FormField, ...]:
        given = raw if isinstance(raw, Mapping) else {}
        shown = [part for part in parts if prefix + part.id in self.evaluation.visible]
        return tuple(self._field(part, given.get(part.id), prefix + part.id) for part in shown)

    def _field(self, part: Any, raw: Any, name: str) -> FormField:
        is_repeat = isinstance(part, RepeatField)
        has_parts = isinstance(part, CompositeField) and not is_repeat
        visible = self.evaluation.visible
        columns = part.columns if isinstance(part, MonthGridField) else ()
        return FormField(
            field=part,
            name=name,
            raw=raw,
            error=self.messages.get(name),
            prefill_source=self.prefilled.get(name),
            parts=self.fields(part.parts, raw, name + ".") if has_parts else (),
            rows=self._rows(part, raw, name) if is_repeat else (),
            columns=tuple(column for column in columns if f"{name}.{column.id}" in visible),
            place=self.places.get(name),
        )

    def _rows(self, part: RepeatField, raw: object, name: str) -> tuple[FormRow, ...]:
        rows = rows_of(part, raw)
        removable = len(rows) > part.min_rows
        return tuple(
            FormRow(
                number=position + 1,
                fields=self.fields(part.parts, row, f"{name}.{position}."),
                remove=f"remove:{name}.{position}" if removable else None,
            )
            for position, row in enumerate(rows)
        )


def _targets(fields: tuple[FormField, ...]) -> list[tuple[str, str]]:
    found = []
    for shown in fields:
        found.append((shown.name, shown.first_input_id))
        found += _targets(shown.parts)
        for row in shown.rows:
            found += _targets(row.fields)
    return found
