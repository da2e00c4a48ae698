"""A question about single answers: what can be asked, the page with exactly those fields, what changed.

Everything is judged by the day of the submission: what was right then does not become wrong by waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicekonto.catalogue.definition import (
    Askable,
    Definition,
    Evaluation,
    FieldError,
    FormPage,
    PlaceAnswer,
    SummaryRow,
    askable,
    change_rows,
    evaluate,
    form_page,
    narrowed,
    read_input,
    resolve_places,
    summary,
    taken_over,
    to_input,
    within,
)
from servicekonto.catalogue.queries import definition_of
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.form import fingerprint, place_finder
from servicekonto.service_requests.models import EventKind, ServiceRequest


def what_can_be_asked(service_request: ServiceRequest) -> list[Askable]:
    """The fields that this request shows; what is hidden by its answers cannot be asked about."""
    definition = definition_of(service_request.service_version)
    base = to_input(definition, service_request.answers or {})
    return askable(definition, evaluate(definition, base, today=_day(service_request)).visible)


def questions_of(service_request: ServiceRequest) -> list[InformationRequest]:
    """Oldest first. The history knows whether there are any; most requests have none."""
    if not any(event.kind is EventKind.INFORMATION_REQUESTED for event in service_request.history):
        return []
    query = (
        sa.select(InformationRequest)
        .options(joinedload(InformationRequest.service_request))
        .where(InformationRequest.service_request_id == service_request.id)
        .order_by(InformationRequest.asked_at, InformationRequest.id)
    )
    return list(db.session.scalars(query))


def get_question(service_request: ServiceRequest, question_id: UUID) -> InformationRequest:
    found = db.session.scalar(
        sa.select(InformationRequest).where(
            InformationRequest.id == question_id,
            InformationRequest.service_request_id == service_request.id,
        )
    )
    if found is None:
        raise NotFoundError(question_id)
    return found


@dataclass(frozen=True)
class Change:
    """One answer before and after; no lines: there was none, or there is none any more."""

    path: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def changes(definition: Definition, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    old, new = _rows(definition, before), _rows(definition, after)
    paths = [*new, *(path for path in old if path not in new)]
    return [
        Change(path, _label(new.get(path) or old[path]), _lines(old.get(path)), _lines(new.get(path)))
        for path in paths
        if _lines(old.get(path)) != _lines(new.get(path))
    ]


def changes_of(question: InformationRequest) -> list[Change]:
    """Of a question that is answered."""
    definition = definition_of(question.service_request.service_version)
    return changes(definition, question.before or {}, question.after or {})


@dataclass(frozen=True)
class AskedField:
    """Why it is asked; empty for a field that a new answer has brought with it."""

    reason: str
    shown: FormPage


@dataclass
class AnswerSheet:
    """The asked fields, laid over the answers that stay as they are. ``typed``: stored or not yet."""

    question: InformationRequest
    show_errors: bool = False
    typed: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.service_request = self.question.service_request
        self.today = _day(self.service_request)
        self.definition: Definition = definition_of(self.service_request.service_version)
        self.answers: dict[str, Any] = self.service_request.answers or {}
        self.base = to_input(self.definition, self.answers)
        self.baseline = evaluate(self.definition, self.base, today=self.today)
        self.typed = dict(self.question.input or {})

    @property
    def basis(self) -> str:
        """Of what is stored, even when something else is shown."""
        stored = self.question.input or {}
        return fingerprint(stored, sorted(stored))

    def read(self, formdata: Mapping[str, list[str]], action: str) -> None:
        """Only what is asked is taken from the form; add or remove a row if that button was pressed."""
        typed: dict[str, Any] = {}
        for page in self.definition.pages:
            typed |= resolve_places(page, read_input(page, formdata), self._find_place).input
        self._lay(typed)
        changed = change_rows(self.definition, self.raw, action)
        if changed is not None:
            self._lay(changed)
        self.typed = taken_over({}, self.raw, self.paths)

    @cached_property
    def _laid(self) -> tuple[dict[str, Any], Evaluation, frozenset[str]]:
        """An answer may show further fields: they are asked too, until nothing new appears."""
        paths = frozenset(self.question.paths)
        while True:
            raw = taken_over(self.base, self.typed, paths)
            evaluation = evaluate(self.definition, raw, today=self.today)
            appeared = {p for p in evaluation.visible - self.baseline.visible if not within(p, paths)}
            if not appeared:
                return raw, evaluation, paths
            paths |= appeared

    @property
    def raw(self) -> dict[str, Any]:
        return self._laid[0]

    @property
    def evaluation(self) -> Evaluation:
        return self._laid[1]

    @property
    def paths(self) -> frozenset[str]:
        return self._laid[2]

    @property
    def errors(self) -> list[FieldError]:
        """At what is asked, and elsewhere only what was right before."""
        known = {(error.path, error.code) for error in self.baseline.errors}
        return [
            error
            for error in self.evaluation.errors
            if within(error.path, self.paths) or (error.path, error.code) not in known
        ]

    @cached_property
    def fields(self) -> list[AskedField]:
        reasons = self.question.paths
        further = {path for path in self.paths if path not in reasons}
        shown = [AskedField(reason, page) for path, reason in reasons.items() for page in self._pages({path})]
        return shown + [AskedField("", page) for page in self._pages(further)]

    @property
    def error_links(self) -> list[tuple[str, str]]:
        links = [(link.message, link.href) for asked in self.fields for link in asked.shown.error_links]
        known = {message for message, _href in links}
        return links + [(e.message, "#inhalt") for e in self.errors if e.message not in known]

    @property
    def changes(self) -> list[Change]:
        return changes(self.definition, self.answers, self.evaluation.values)

    def _pages(self, paths: set[str]) -> list[FormPage]:
        if not paths:
            return []
        narrow = narrowed(self.evaluation, paths)
        pages = (self._page(page, narrow, paths) for page in self.definition.pages)
        return [page for page in pages if page.fields]

    def _page(self, page: Any, narrow: Evaluation, paths: set[str]) -> FormPage:
        places: Mapping[str, PlaceAnswer] = resolve_places(page, self.raw, self._find_place).answers
        errors = tuple(error for error in narrow.errors if within(error.path, paths))
        return form_page(
            page, self.raw, _with_errors(narrow, errors), places=places, show_errors=self.show_errors
        )

    def _lay(self, typed: dict[str, Any]) -> None:
        self.typed = typed
        for name in ("_laid", "fields"):
            self.__dict__.pop(name, None)

    @cached_property
    def _find_place(self) -> Any:
        return place_finder(self.definition.competence.rule, self.today)


def _day(service_request: ServiceRequest) -> date:
    return clock.local_date(service_request.submitted_at or clock.now())


def _with_errors(evaluation: Evaluation, errors: tuple[FieldError, ...]) -> Evaluation:
    return Evaluation(evaluation.values, errors, evaluation.pages, evaluation.visible)


def _rows(definition: Definition, values: Mapping[str, Any]) -> dict[str, SummaryRow]:
    return {row.path: row for page in summary(definition, values) for row in page.rows}


def _label(row: SummaryRow) -> str:
    return f"{row.group}: {row.label}" if row.group else row.label


def _lines(row: SummaryRow | None) -> tuple[str, ...]:
    return row.lines if row else ()
