"""The rows of one batch: citizens, their requests, and everything that hangs on a request.

A batch gives the same rows every time but for keys and ciphertexts, and knows its ids beforehand.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts import addresses
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, PersonalAttribute
from servicekonto.core import ids
from servicekonto.core.db import Base
from servicekonto.core.sealing import NewKey, to_json
from servicekonto.data_protection.models import Consent
from servicekonto.data_protection.purposes import WORDINGS, Purpose
from servicekonto.files.models import PDF
from servicekonto.operations.demo import people
from servicekonto.operations.demo.requests import REASONS
from servicekonto.operations.demo.volume.courses import OLD, OPEN_DAYS, RECENT, Actor, Step
from servicekonto.operations.demo.volume.pages import one_page
from servicekonto.operations.demo.volume.sources import Office, Sources
from servicekonto.postbox.models import Message
from servicekonto.service_requests.conversation_models import InformationRequest, RequestMessage
from servicekonto.service_requests.history import PUBLIC
from servicekonto.service_requests.models import (
    Decision,
    EventKind,
    NameToken,
    Outcome,
    RequestDocument,
    RequestEvent,
    ServiceRequest,
)
from servicekonto.service_requests.presentation import DECISION, RECEIPT
from servicekonto.service_requests.status import Status

BATCH = 1000
REQUESTS_OF_A_CITIZEN = 5
YEARS = 3
YOUNGEST_DAYS = 4  # so that every step lies in the past
_ORDER: tuple[type[Base], ...] = (
    Account, Consent, PersonalAttribute, ServiceRequest, RequestEvent, NameToken, Decision, RequestDocument,
    Message, RequestMessage, InformationRequest,
)  # fmt: skip
_SPREAD = 0x9E3779B97F  # odd, hence every number below 2**40 comes once

_DOCUMENT = one_page()
_DIGEST = hashlib.sha512(_DOCUMENT).hexdigest()
_FROM_CITIZEN = "Guten Tag, wann kann ich mit der Urkunde rechnen?"
_FROM_AUTHORITY = "Guten Tag, wir bearbeiten Ihren Antrag in den nächsten Tagen."
_CLOSED = "Guten Tag, Ihr Antrag hat sich erledigt, weil Sie die Urkunde schon bei uns abgeholt haben."
_DECIDED = "Guten Tag,\n\ndie Behörde hat über Ihren Antrag entschieden. Die Entscheidung finden Sie hier."
_QUESTION = "Wir haben Ihren Eintrag noch nicht gefunden. Bitte prüfen Sie das Jahr."
_ASKED = to_json(
    [{"path": "registry_year", "reason": "Im Register haben wir für dieses Jahr nichts gefunden."}]
)


def request_ids(at: datetime, batch: int) -> list[UUID]:
    """Of the requests of a batch, in their order; the first ids of the batch."""
    make = _id_maker(at, batch)
    return [make() for _ in range(BATCH)]


def _id_maker(at: datetime, batch: int) -> Callable[[], UUID]:
    """UUIDv7 in rising order: the indexes of the keys grow at one end."""
    moment = int(at.timestamp() * 1000) + batch
    number = (moment << 80) | (7 << 76) | (0x5EB << 64) | (0b10 << 62)

    def make() -> UUID:
        nonlocal number
        number += 1
        return UUID(int=number)

    return make


@dataclass
class Batch:
    """``rows`` by table, in an order in which they may be written."""

    sources: Sources
    number: int
    rows: dict[sa.Table, list[dict[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {table_of(model): [] for model in _ORDER}
        self._dice = random.Random(self.number)  # noqa: S311 - no secret
        self._ids = request_ids(self.sources.at, self.number)
        self.new_id = _id_maker(self.sources.at, self.number)
        for _ in range(BATCH):
            self.new_id()

    def build(self) -> "Batch":
        account_id = self._ids[0]
        for position, request_id in enumerate(self._ids):
            number = self.number * BATCH + position
            person = number // REQUESTS_OF_A_CITIZEN
            if position % REQUESTS_OF_A_CITIZEN == 0:
                account_id = self._citizen(person)
            self._request(request_id, number, person, account_id)
        return self

    def add(self, model: type[Base], **values: Any) -> UUID:
        row = {"id": values.pop("id", None) or self.new_id(), **values}
        self.rows[table_of(model)].append(row)
        row_id: UUID = row["id"]
        return row_id

    def _citizen(self, person: int) -> UUID:
        citizen, account_id = people.one_of_many(person), self.new_id()
        key, email = NewKey("account", account_id), f"person-{person}@volume.example.org"
        at = self.sources.at - timedelta(days=365 * YEARS)
        self.add(
            Account,
            id=account_id,
            wrapped_key=key.wrapped,
            kind=AccountKind.CITIZEN,
            email_sealed=key.seal(email.encode(), table="account", column="email_sealed", row_id=account_id),
            email_index=addresses.fingerprint(email),
            created_at=at,
            confirmed_at=at,
            last_signed_in_at=self.sources.at,
            version=1,
        )
        self.add(
            Consent,
            account_id=account_id,
            purpose=Purpose.PERMANENT_STORAGE,
            text_version=WORDINGS[Purpose.PERMANENT_STORAGE].version,
            given_at=at,
        )
        for name in ("given_names", "family_name"):
            self._attribute(account_id, key, name, getattr(citizen, name), at)
        return account_id

    def _attribute(self, account_id: UUID, key: NewKey, name: str, value: str, at: datetime) -> None:
        row_id, table = self.new_id(), "personal_attribute"
        self.add(
            PersonalAttribute,
            id=row_id,
            account_id=account_id,
            name=name,
            value_sealed=key.seal(to_json(value), table=table, column="value_sealed", row_id=row_id),
            level=AssuranceLevel.BASIC,
            source="self",
            to_confirm=False,
            updated_at=at,
        )

    def _request(self, request_id: UUID, number: int, person: int, account_id: UUID) -> None:
        office = self._dice.choices(self.sources.offices, weights=(2, 3, 1))[0]
        age = self._dice.uniform(YOUNGEST_DAYS, 365 * YEARS)
        courses = RECENT if age < OPEN_DAYS else OLD
        steps = self._dice.choices(list(courses), weights=list(courses.values()))[0]
        OneRequest(
            batch=self,
            id=request_id,
            number=number,
            account_id=account_id,
            office=office,
            received_at=self.sources.at - timedelta(days=age),
            steps=steps,
            outcome=self._dice.choices(list(REASONS), weights=(8, 1, 2))[0],
        ).build(person)


@dataclass(kw_only=True)
class OneRequest:
    """A request and all rows that hang on it."""

    batch: Batch
    id: UUID
    number: int
    account_id: UUID
    office: Office
    received_at: datetime
    steps: tuple[Step, ...]
    outcome: Outcome

    def build(self, person: int) -> None:
        self.key = NewKey("service_request", self.id)
        self._row(person)
        self._document(RECEIPT, self.received_at, f"Eingangsbestaetigung-{self._reference}.pdf")
        status = Status.DRAFT
        for sequence, step in enumerate(self.steps, start=1):
            act = _ACTS.get(step.kind)
            payload = act(self, self.received_at + step.after) if act else {}
            self._event(sequence, step, status, payload)
            status = step.to or status

    @property
    def _reference(self) -> str:
        return ids.reference(self.received_at.year, self.number * _SPREAD % ids.SERIALS)

    def _row(self, person: int) -> None:
        answered = self.batch.sources.answered(person, self.office)
        taken = any(step.kind is EventKind.TAKEN for step in self.steps)
        name = (answered.names.applicant or "").encode()
        self.batch.add(
            ServiceRequest,
            id=self.id,
            wrapped_key=self.key.wrapped,
            account_id=self.account_id,
            subject_account_id=self.account_id,
            signer_account_id=self.account_id,
            case_id=self.id,
            service_key=self.batch.sources.writer.definition.key,
            service_version_id=self.batch.sources.writer.version_id,
            authority_id=self.office.authority_id,
            unit_id=self.office.unit_id,
            assignee_id=self.office.clerk_id if taken else None,
            status=[step.to for step in self.steps if step.to][-1],
            reference=self._reference,
            answers_sealed=self._seal(answered.answers, ServiceRequest, "answers_sealed", self.id),
            applicant_name_sealed=self._seal(name, ServiceRequest, "applicant_name_sealed", self.id),
            competence_reason=self.office.reason,
            created_at=self.received_at + self.steps[0].after,
            updated_at=self.received_at + self.steps[-1].after,
            submitted_at=self.received_at,
            received_at=self.received_at,
            unread_count=0,
            event_count=len(self.steps),
            version=len(self.steps),
        )
        for token in answered.names.tokens:
            self.batch.add(
                NameToken,
                service_request_id=self.id,
                authority_id=self.office.authority_id,
                token=token,
                received_at=self.received_at,
            )

    def _event(self, sequence: int, step: Step, was: Status, payload: dict[str, Any]) -> None:
        self.batch.add(
            RequestEvent,
            service_request_id=self.id,
            sequence=sequence,
            kind=step.kind,
            from_status=was,
            to_status=step.to or was,
            actor_id=self._account_of(step.actor),
            is_public=step.kind in PUBLIC,
            payload=payload,
            occurred_at=self.received_at + step.after,
        )

    def _account_of(self, actor: Actor) -> UUID | None:
        return self.account_id if actor is Actor.CITIZEN else self.office.accounts.get(actor)

    def _propose(self, at: datetime) -> dict[str, Any]:
        decided_at = next(
            (self.received_at + step.after for step in self.steps if step.kind is EventKind.DECIDED), None
        )
        row_id = self.batch.new_id()
        reasons = REASONS[self.outcome].encode()
        self.batch.add(
            Decision,
            id=row_id,
            service_request_id=self.id,
            outcome=self.outcome,
            reasons_sealed=self._seal(reasons, Decision, "reasons_sealed", row_id),
            proposed_by_id=self.office.accounts[Actor.CLERK],
            proposed_at=at,
            approved_by_id=self.office.accounts[Actor.APPROVER] if decided_at else None,
            approved_at=decided_at,
        )
        return {"outcome": self.outcome.value}

    def _decide(self, _at: datetime) -> dict[str, Any]:
        return {"outcome": self.outcome.value}

    def _notify(self, at: datetime) -> dict[str, Any]:
        self._document(DECISION, at, f"Entscheidung-{self._reference}.pdf")
        self._into_postbox(f"Entscheidung: {self.batch.sources.service_name}", _DECIDED, at, DECISION)
        return {}

    def _write(self, at: datetime) -> dict[str, Any]:
        return self._say(_FROM_CITIZEN, at, author=Actor.CITIZEN)

    def _reply(self, at: datetime) -> dict[str, Any]:
        return self._say(_FROM_AUTHORITY, at, author=Actor.CLERK)

    def _close(self, at: datetime) -> dict[str, Any]:
        return self._say(_CLOSED, at, author=Actor.CLERK)

    def _ask(self, at: datetime) -> dict[str, Any]:
        self._say(_QUESTION, at, author=Actor.CLERK)
        row_id = self.batch.new_id()
        self.batch.add(
            InformationRequest,
            id=row_id,
            service_request_id=self.id,
            authority_id=self.office.authority_id,
            asked_by_id=self.office.accounts[Actor.CLERK],
            asked_at=at,
            asked_sealed=self._seal(_ASKED, InformationRequest, "asked_sealed", row_id),
            text_sealed=self._seal(_QUESTION.encode(), InformationRequest, "text_sealed", row_id),
        )
        return {"information_request_id": str(row_id)}

    def _say(self, body: str, at: datetime, *, author: Actor) -> dict[str, Any]:
        by_citizen, row_id = author is Actor.CITIZEN, self.batch.new_id()
        if not by_citizen:
            self._into_postbox(f"Zu Ihrem Antrag: {self.batch.sources.service_name}", body, at, None)
        self.batch.add(
            RequestMessage,
            id=row_id,
            service_request_id=self.id,
            authority_id=None if by_citizen else self.office.authority_id,
            author_id=self._account_of(author),
            body_sealed=self._seal(body.encode(), RequestMessage, "body_sealed", row_id),
            sent_at=at,
            read_at=at + timedelta(hours=2) if by_citizen else None,
        )
        return {"message_id": str(row_id)}

    def _into_postbox(self, subject: str, body: str, at: datetime, kind: str | None) -> None:
        row_id = self.batch.new_id()
        key = NewKey("message", row_id)
        self.batch.add(
            Message,
            id=row_id,
            wrapped_key=key.wrapped,
            account_id=self.account_id,
            authority_id=self.office.authority_id,
            service_request_id=self.id,
            document_kind=kind,
            sender=self.office.authority_name,
            subject_sealed=key.seal(
                subject.encode(), table="message", column="subject_sealed", row_id=row_id
            ),
            body_sealed=key.seal(body.encode(), table="message", column="body_sealed", row_id=row_id),
            provided_at=at,
            first_read_at=at + timedelta(hours=9),
        )

    def _document(self, kind: str, at: datetime, file_name: str) -> None:
        row_id = self.batch.new_id()
        self.batch.add(
            RequestDocument,
            id=row_id,
            service_request_id=self.id,
            kind=kind,
            file_name=file_name,
            media_type=PDF,
            size=len(_DOCUMENT),
            sha512=_DIGEST,
            data_sealed=self._seal(_DOCUMENT, RequestDocument, "data_sealed", row_id),
            created_at=at,
        )

    def _seal(self, clear: bytes, model: type[Base], column: str, row_id: UUID) -> bytes:
        return self.key.seal(clear, table=model.__tablename__, column=column, row_id=row_id)


_ACTS: dict[EventKind, Callable[[OneRequest, datetime], dict[str, Any]]] = {
    EventKind.DECISION_PROPOSED: OneRequest._propose,
    EventKind.DECIDED: OneRequest._decide,
    EventKind.NOTIFIED: OneRequest._notify,
    EventKind.MESSAGE_FROM_CITIZEN: OneRequest._write,
    EventKind.MESSAGE_FROM_AUTHORITY: OneRequest._reply,
    EventKind.CLOSED: OneRequest._close,
    EventKind.INFORMATION_REQUESTED: OneRequest._ask,
}


def table_of(model: type[Base]) -> sa.Table:
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 - for the type checker
    return table
