"""Reading requests. Every query takes the person who reads: foreign and unknown requests look the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.postbox.models import Message
from servicekonto.postbox.queries import unread_of
from servicekonto.service_requests.models import RequestDocument, ServiceRequest
from servicekonto.service_requests.places import lock_pools_of
from servicekonto.service_requests.policy import owned_by, visible_to
from servicekonto.service_requests.status import FINISHED, Status
from servicekonto.web.downloads import Download

Key = tuple[datetime, UUID]
"""Where a row stands in a list that is ordered by a moment."""

OWN_PAGE_SIZE = 50

_WHOLE = (
    joinedload(ServiceRequest.service_version),
    joinedload(ServiceRequest.authority),
    joinedload(ServiceRequest.unit),
    joinedload(ServiceRequest.decision),
    selectinload(ServiceRequest.history),
)


def get_own(request_id: UUID, account: Account, *, for_update: bool = False) -> ServiceRequest:
    """A request of this account, draft or not. ``for_update``: a concurrent change waits for this one."""
    return _one(sa.select(ServiceRequest).where(owned_by(account)), request_id, for_update=for_update)


def get_draft(request_id: UUID, account: Account, *, for_update: bool = False) -> ServiceRequest:
    """A draft; a request that is submitted already is not found here."""
    query = sa.select(ServiceRequest).where(owned_by(account), ServiceRequest.status == Status.DRAFT)
    query = query.options(joinedload(ServiceRequest.service_version))
    return _one(query, request_id, for_update=for_update)


def version_of_draft(request_id: UUID, account: Account) -> UUID | None:
    """Of the service, by which it is filled in; None where ``get_draft`` finds nothing."""
    return db.session.scalar(
        sa.select(ServiceRequest.service_version_id).where(
            owned_by(account), ServiceRequest.id == request_id, ServiceRequest.status == Status.DRAFT
        )
    )


def get_sent(request_id: UUID, account: Account, *, for_update: bool = False) -> ServiceRequest:
    """A request that is no draft any more."""
    query = sa.select(ServiceRequest).where(owned_by(account), ServiceRequest.status != Status.DRAFT)
    return _one(query, request_id, for_update=for_update)


def get_whole(request_id: UUID, account: Account) -> ServiceRequest:
    """With history, decision, authority and version."""
    query = sa.select(ServiceRequest).where(owned_by(account), ServiceRequest.status != Status.DRAFT)
    return _one(query.options(*_WHOLE), request_id)


def newest_draft(service_key: str, account: Account) -> ServiceRequest | None:
    return db.session.scalar(
        sa.select(ServiceRequest)
        .where(
            owned_by(account),
            ServiceRequest.service_key == service_key,
            ServiceRequest.status == Status.DRAFT,
        )
        .order_by(ServiceRequest.updated_at.desc())
        .limit(1)
    )


def own_page(account: Account, *, before: Key | None = None) -> list[ServiceRequest]:
    """Newest change first, one more than a page holds. ``before``: the last row of the page before."""
    query = (
        sa.select(ServiceRequest)
        .options(joinedload(ServiceRequest.service_version), joinedload(ServiceRequest.authority))
        .where(owned_by(account))
        .order_by(ServiceRequest.updated_at.desc(), ServiceRequest.id.desc())
        .limit(OWN_PAGE_SIZE + 1)
    )
    if before is not None:
        query = query.where(sa.tuple_(ServiceRequest.updated_at, ServiceRequest.id) < _literals(before))
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class News:
    """``changed_at``: None when there is nothing that could have changed."""

    changed_at: datetime | None
    unread: int


def news(account: Account, request_id: UUID | None = None) -> News:
    """The last change of what is sent (or of one request) and the unread messages, in one statement."""
    changed = sa.select(sa.func.max(ServiceRequest.updated_at)).where(
        owned_by(account), ServiceRequest.status != Status.DRAFT
    )
    if request_id is not None:
        changed = changed.where(ServiceRequest.id == request_id)
    unread = sa.select(sa.func.count()).select_from(Message).where(*unread_of(account))
    row = db.session.execute(sa.select(changed.scalar_subquery(), unread.scalar_subquery())).one()
    return News(changed_at=row[0], unread=row[1])


def unfinished(account: Account, *, limit: int) -> list[ServiceRequest]:
    """Drafts and running requests, the last touched first."""
    return list(
        db.session.scalars(
            sa.select(ServiceRequest)
            .options(joinedload(ServiceRequest.service_version), joinedload(ServiceRequest.authority))
            .where(owned_by(account), ServiceRequest.status.not_in(sorted(FINISHED)))
            .order_by(ServiceRequest.updated_at.desc())
            .limit(limit)
        )
    )


def documents_of(service_request: ServiceRequest) -> list[RequestDocument]:
    """The oldest first; the bytes themselves are read when they are asked for."""
    return list(
        db.session.scalars(
            sa.select(RequestDocument)
            .where(RequestDocument.service_request_id == service_request.id)
            .order_by(RequestDocument.created_at)
        )
    )


def document(service_request: ServiceRequest, kind: str) -> RequestDocument | None:
    return db.session.scalar(
        sa.select(RequestDocument).where(
            RequestDocument.service_request_id == service_request.id, RequestDocument.kind == kind
        )
    )


def as_download(stored: RequestDocument) -> Download:
    return Download(stored.file_name, stored.media_type, stored.data or b"")


def get_for_staff(
    request_id: UUID, staff_member: StaffMember, *, for_update: bool = False, whole: bool = False
) -> ServiceRequest:
    query = sa.select(ServiceRequest).where(visible_to(staff_member))
    if whole:
        query = query.options(
            *_WHOLE, joinedload(ServiceRequest.assignee), joinedload(ServiceRequest.account)
        )
    return _one(query, request_id, for_update=for_update)


def _literals(key: Key) -> sa.Tuple:
    moment, request_id = key
    return sa.tuple_(
        sa.literal(moment, ServiceRequest.updated_at.type), sa.literal(request_id, ServiceRequest.id.type)
    )


def _one(query: sa.Select[ServiceRequest], request_id: UUID, *, for_update: bool = False) -> ServiceRequest:
    query = query.where(ServiceRequest.id == request_id)
    if for_update:
        lock_pools_of([request_id])
        query = query.with_for_update(of=ServiceRequest).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError(request_id)
    return found
