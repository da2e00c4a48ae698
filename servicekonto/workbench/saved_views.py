"""Filters of the inbox that somebody keeps under a name. Each person has their own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.workbench.inbox_filter import KEPT
from servicekonto.workbench.models import SavedView

MOST = 20


def views_of(staff_member: StaffMember) -> list[SavedView]:
    """In the order they were made."""
    query = sa.select(SavedView).where(SavedView.staff_member_id == staff_member.id).order_by(SavedView.id)
    return list(db.session.scalars(query))


def get_view(view_id: UUID, staff_member: StaffMember) -> SavedView:
    found = db.session.scalar(
        sa.select(SavedView).where(SavedView.id == view_id, SavedView.staff_member_id == staff_member.id)
    )
    if found is None:
        raise NotFoundError(view_id)
    return found


def save(name: str, arguments: Mapping[str, str], *, by: StaffMember, at: datetime) -> SavedView:
    """InvalidInputError for a name that is taken, one view too many, a filter that filters nothing."""
    kept = {key: arguments[key] for key in KEPT if arguments.get(key)}
    if not kept:
        raise InvalidInputError({"name": _("Wählen Sie zuerst im Eingang einen Filter aus.")})
    if len(views_of(by)) >= MOST:
        raise InvalidInputError(
            {"name": _("Sie haben schon %(most)s Ansichten. Bitte löschen Sie zuerst eine.", most=MOST)}
        )
    view = SavedView(
        staff_member_id=by.id, authority_id=by.authority_id, name=name, arguments=kept, created_at=at
    )
    try:
        with db.session.begin_nested():
            db.session.add(view)
    except IntegrityError as error:
        raise InvalidInputError({"name": _("Eine Ansicht mit diesem Namen haben Sie schon.")}) from error
    return view


def delete(view: SavedView) -> None:
    """A view that somebody has just deleted in another window is gone all the same."""
    db.session.execute(sa.delete(SavedView).where(SavedView.id == view.id))
