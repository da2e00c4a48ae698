"""Requests, their history, decisions, documents and messages agree with each other."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from servicekonto.data_protection.models import AccountDeletion
from servicekonto.operations.fsck.finding import Check, rows
from servicekonto.postbox.models import Message
from servicekonto.service_requests.models import (
    Decision,
    NameToken,
    RequestDocument,
    RequestEvent,
    ServiceRequest,
)
from servicekonto.service_requests.presentation import DECISION
from servicekonto.service_requests.status import TRANSITIONS, Status

REQUEST = ServiceRequest.__tablename__
_ALLOWED = [(start, end) for start, ends in TRANSITIONS.items() for end in ends]
_DECISION_DOCUMENT = sa.exists().where(
    RequestDocument.service_request_id == ServiceRequest.id, RequestDocument.kind == DECISION
)
_DECISION_MESSAGE = sa.exists().where(
    Message.service_request_id == ServiceRequest.id, Message.document_kind == DECISION
)
_ACCOUNT_GONE = sa.exists().where(  # and its postbox with it
    AccountDeletion.account_id == ServiceRequest.account_id, AccountDeletion.deleted_at.is_not(None)
)


def checks() -> tuple[Check, ...]:
    return (
        rows("status_is_the_last_of_the_history", REQUEST, _status_differs()),
        rows("history_has_no_gap", REQUEST, _gaps()),
        rows("steps_are_allowed", RequestEvent.__tablename__, _forbidden_steps()),
        rows("steps_follow_each_other", RequestEvent.__tablename__, _broken_chain()),
        rows("submitted_is_complete", REQUEST, _incomplete()),
        rows("proposed_has_an_open_decision", REQUEST, _without_decision(Status.DECISION_PROPOSED)),
        rows("decided_is_approved", REQUEST, _without_decision(Status.DECIDED, Status.NOTIFIED)),
        rows("approved_is_in_the_history", Decision.__tablename__, _approved_silently()),
        rows("notified_has_its_document", REQUEST, _notified_without(_DECISION_DOCUMENT)),
        rows("notified_has_its_message", REQUEST, _notified_without(_DECISION_MESSAGE).where(~_ACCOUNT_GONE)),
        rows("message_has_its_document", Message.__tablename__, _messages_without_document()),
        rows("names_are_indexed_where_it_is", NameToken.__tablename__, _names_elsewhere()),
    )


def _status_differs() -> sa.Select[UUID]:
    last = (
        sa.select(RequestEvent.to_status)
        .where(RequestEvent.service_request_id == ServiceRequest.id)
        .order_by(RequestEvent.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(ServiceRequest.id).where(ServiceRequest.status.is_distinct_from(last))


def _gaps() -> sa.Select[UUID]:
    counted = (
        sa.select(
            RequestEvent.service_request_id.label("id"),
            sa.func.count().label("number"),
            sa.func.min(RequestEvent.sequence).label("first"),
            sa.func.max(RequestEvent.sequence).label("last"),
        )
        .group_by(RequestEvent.service_request_id)
        .subquery()
    )
    return (
        sa.select(ServiceRequest.id)
        .outerjoin(counted, counted.c.id == ServiceRequest.id)
        .where(
            sa.or_(
                counted.c.id.is_(None),
                counted.c.first != 1,
                counted.c.last != counted.c.number,
                counted.c.number != ServiceRequest.event_count,
            )
        )
    )


def _forbidden_steps() -> sa.Select[UUID]:
    was, became = RequestEvent.from_status, RequestEvent.to_status
    return sa.select(RequestEvent.id).where(was != became, sa.tuple_(was, became).not_in(_ALLOWED))


def _broken_chain() -> sa.Select[UUID]:
    before = aliased(RequestEvent)
    return (
        sa.select(RequestEvent.id)
        .join(before, before.service_request_id == RequestEvent.service_request_id)
        .where(
            before.sequence == RequestEvent.sequence - 1,
            before.to_status.is_distinct_from(RequestEvent.from_status),
        )
    )


def _incomplete() -> sa.Select[UUID]:
    """Unless the data key was destroyed: then the answers are gone for good, and rightly so."""
    missing = (
        ServiceRequest.reference,
        ServiceRequest.submitted_at,
        ServiceRequest.received_at,
        ServiceRequest.authority_id,
        ServiceRequest.unit_id,
        ServiceRequest.signer_account_id,
    )
    answers = sa.and_(ServiceRequest.wrapped_key.is_not(None), ServiceRequest.answers_sealed.is_(None))
    return sa.select(ServiceRequest.id).where(
        ServiceRequest.status.not_in([Status.DRAFT, Status.SUBMITTED]),
        sa.or_(answers, ServiceRequest.input_sealed.is_not(None), *(column.is_(None) for column in missing)),
    )


def _without_decision(*statuses: Status) -> sa.Select[UUID]:
    is_open = Decision.approved_at.is_(None)
    right = is_open if Status.DECISION_PROPOSED in statuses else sa.not_(is_open)
    found = sa.exists().where(Decision.service_request_id == ServiceRequest.id, right)
    return sa.select(ServiceRequest.id).where(ServiceRequest.status.in_(statuses), ~found)


def _approved_silently() -> sa.Select[UUID]:
    decided = sa.exists().where(
        RequestEvent.service_request_id == Decision.service_request_id,
        RequestEvent.to_status == Status.DECIDED,
    )
    return sa.select(Decision.id).where(Decision.approved_at.is_not(None), ~decided)


def _notified_without(found: sa.Exists) -> sa.Select[UUID]:
    return sa.select(ServiceRequest.id).where(ServiceRequest.status == Status.NOTIFIED, ~found)


def _messages_without_document() -> sa.Select[UUID]:
    found = sa.exists().where(
        RequestDocument.service_request_id == Message.service_request_id,
        RequestDocument.kind == Message.document_kind,
    )
    return sa.select(Message.id).where(Message.document_kind.is_not(None), ~found)


def _names_elsewhere() -> sa.Select[UUID]:
    """After forwarding, the old authority must not find it any more."""
    return (
        sa.select(NameToken.id)
        .join(ServiceRequest, ServiceRequest.id == NameToken.service_request_id)
        .where(NameToken.authority_id.is_distinct_from(ServiceRequest.authority_id))
    )
