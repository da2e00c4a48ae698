"""From raw input to typed values and errors. Reads nothing but its arguments, raises nothing on any input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from servicekonto.catalogue.definition.conditions import Condition, Scope, comparisons, fields_of, holds
from servicekonto.catalogue.definition.fields import (
    CompositeField,
    MonthGridField,
    RepeatField,
)
from servicekonto.catalogue.definition.fields.base import InvalidAnswer
from servicekonto.catalogue.definition.model import Check, Definition, Page
from servicekonto.catalogue.definition.reading import is_blank, is_blank_row, rows_of
from servicekonto.catalogue.definition.texts import gettext as _

Parts = tuple[Any, ...]


@dataclass(frozen=True)
class FieldError:
    """``path`` is the name of the input, such as ``children.0.birth_date``."""

    page_id: str
    path: str
    code: str
    message: str


@dataclass(frozen=True)
class Evaluation:
    values: dict[str, Any]  # JSON-ready, only what is visible and valid
    errors: tuple[FieldError, ...]
    pages: tuple[Page, ...]  # the visible ones, in order
    visible: frozenset[str] = field(repr=False)  # paths of the visible fields

    @property
    def is_complete(self) -> bool:
        return not self.errors

    def errors_on(self, page_id: str) -> tuple[FieldError, ...]:
        return tuple(error for error in self.errors if error.page_id == page_id)

    def next_page(self, page_id: str) -> Page | None:
        """The page after this one; None after the last one or for an unknown or hidden page."""
        return self._neighbour(page_id, 1)

    def previous_page(self, page_id: str) -> Page | None:
        return self._neighbour(page_id, -1)

    @property
    def first_incomplete_page(self) -> Page | None:
        wrong = {error.page_id for error in self.errors}
        return next((page for page in self.pages if page.id in wrong), None)

    def _neighbour(self, page_id: str, step: int) -> Page | None:
        position = next((i for i, page in enumerate(self.pages) if page.id == page_id), None)
        if position is None or not 0 <= position + step < len(self.pages):
            return None
        return self.pages[position + step]


def evaluate(definition: Definition, raw_input: object, *, today: date) -> Evaluation:
    """Answers of hidden fields are dropped; a page without a visible field is no page."""
    return _Evaluator(definition, today).run(raw_input if isinstance(raw_input, Mapping) else {})


class _Evaluator:
    def __init__(self, definition: Definition, today: date) -> None:
        self.definition, self.today = definition, today
        self.values: dict[str, Any] = {}
        self.errors: list[FieldError] = []
        self.visible: set[str] = set()
        self.scope = Scope(self.values, frozenset(definition.page_of_field))
        self.page_id = ""

    def run(self, raw_input: Mapping[str, Any]) -> Evaluation:
        pages = [page for page in self.definition.pages if self._page(page, raw_input)]
        for check in self.definition.all_checks:
            self._check(check)
        order = {page.id: position for position, page in enumerate(self.definition.pages)}
        errors = sorted(self.errors, key=lambda error: order[error.page_id])
        return Evaluation(self.values, tuple(errors), tuple(pages), frozenset(self.visible))

    def _page(self, page: Page, raw_input: Mapping[str, Any]) -> bool:
        if not self._shown(page.visible_if, self.scope):
            return False
        self.page_id = page.id
        self._fields(page.fields, raw_input, self.scope, self.values, "")
        return any(part.id in self.visible for part in page.fields)

    def _shown(self, condition: Condition | None, scope: Scope) -> bool:
        return condition is None or holds(condition, scope, self.today)

    def _fields(
        self,
        parts: tuple[Any, ...],
        raw: Mapping[str, Any],
        scope: Scope,
        values: dict[str, Any],
        prefix: str,
    ) -> None:
        """Fill ``values``; a condition sees what stands before it."""
        for part in parts:
            if not self._shown(part.visible_if, scope):
                continue
            path = prefix + part.id
            self.visible.add(path)
            value = self._field(part, raw.get(part.id), scope, path)
            if value is not None:
                values[part.id] = value

    def _field(self, part: Any, raw: object, scope: Scope, path: str) -> Any:
        if isinstance(part, RepeatField):
            return self._rows(part, raw, scope, path)
        if isinstance(part, CompositeField):
            return self._composite(part, raw, scope, path)
        if isinstance(part, MonthGridField):
            hidden = {c.id for c in part.columns if not self._shown(c.visible_if, scope)}
            self.visible.update(f"{path}.{column.id}" for column in part.columns if column.id not in hidden)
            raw = part.without(raw, hidden)
        try:
            value = part.parse(raw, self.today)
        except InvalidAnswer as error:
            self._error(path, error.code, error.message)
            return None
        if value is None and part.required:
            self._error(path, "required", part.missing_message())
        return value

    def _composite(self, part: CompositeField, raw: object, scope: Scope, path: str) -> dict[str, Any] | None:
        given = raw if isinstance(raw, Mapping) else {}
        errors_before = len(self.errors)
        values: dict[str, Any] = {}
        inner = Scope(values, frozenset(piece.id for piece in part.parts), scope)
        self._fields(part.parts, given, inner, values, path + ".")
        if not part.required and is_blank(part, given):
            del self.errors[errors_before:]
            return None
        if len(self.errors) > errors_before or not values:
            # What is right stays visible to conditions; the errors keep the whole from being complete.
            return values or None
        try:
            part.check(values)
        except InvalidAnswer as error:
            self._error(f"{path}.{error.part}" if error.part else path, error.code, error.message)
        return values

    def _rows(self, part: RepeatField, raw: object, scope: Scope, path: str) -> list[dict[str, Any]] | None:
        if isinstance(raw, list) and len(raw) > part.max_rows:
            message = _("Es sind höchstens %(count)s Einträge möglich.", count=part.max_rows)
            self._error(path, "too_many_rows", message)
        found = []
        for position, row in enumerate(rows_of(part, raw)):
            values = self._row(part, row, scope, f"{path}.{position}.", needed=position < part.min_rows)
            if values is not None:
                found.append(values)
        return found or None

    def _row(
        self, part: RepeatField, raw: Mapping[str, Any], scope: Scope, prefix: str, *, needed: bool
    ) -> dict[str, Any] | None:
        errors_before = len(self.errors)
        values: dict[str, Any] = {}
        inner = Scope(values, frozenset(piece.id for piece in part.parts), scope)
        self._fields(part.parts, raw, inner, values, prefix)
        if not needed and is_blank_row(part, raw):
            del self.errors[errors_before:]
            return None
        return values if values or needed else None

    def _check(self, check: Check) -> None:
        """A check waits until the fields it speaks of are right in themselves."""
        if check.at not in self.visible or self._has_errors(check):
            return
        if not self._shown(check.when, self.scope) or holds(check.require, self.scope, self.today):
            return
        self.page_id = self.definition.page_of_field[check.at.partition(".")[0]]
        self._error(check.at, check.id, str(check.message))

    def _has_errors(self, check: Check) -> bool:
        conditions = [check.require] + ([check.when] if check.when else [])
        paths = {
            path for c in conditions for _, comparison in comparisons(c) for path in fields_of(comparison)
        }
        return any(_touches(error.path, path) for error in self.errors for path in (*paths, check.at))

    def _error(self, path: str, code: str, message: str) -> None:
        self.errors.append(FieldError(self.page_id, path, code, message))


def _touches(error_path: str, path: str) -> bool:
    return error_path == path or error_path.startswith(path + ".") or path.startswith(error_path + ".")
