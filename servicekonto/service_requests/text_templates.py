"""Texts an authority writes often. Placeholders are replaced once by plain text; nothing is executed."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.service_requests.conversation_models import TextTemplate

PLACEHOLDERS = ("name", "aktenzeichen", "leistung", "behoerde")
_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")


def templates_of(reader: StaffMember) -> list[TextTemplate]:
    """Of the reader's authority, by title."""
    query = sa.select(TextTemplate).where(TextTemplate.authority_id == reader.authority_id)
    return sorted(db.session.scalars(query), key=lambda template: template.title.casefold())


def get_template(template_id: UUID, reader: StaffMember) -> TextTemplate:
    found = db.session.scalar(
        sa.select(TextTemplate).where(
            TextTemplate.id == template_id, TextTemplate.authority_id == reader.authority_id
        )
    )
    if found is None:
        raise NotFoundError(template_id)
    return found


def create(title: str, body: str, *, by: StaffMember, at: datetime) -> TextTemplate:
    """InvalidInputError for a title that exists already and for an unknown placeholder."""
    _check(title, body, by)
    template = TextTemplate(
        authority_id=by.authority_id, title=title, body=body, changed_by_id=by.account_id, changed_at=at
    )
    db.session.add(template)
    db.session.flush()
    return template


def change(template: TextTemplate, title: str, body: str, *, by: StaffMember, at: datetime) -> None:
    _check(title, body, by, besides=template)
    template.title, template.body = title, body
    template.changed_by_id, template.changed_at = by.account_id, at
    db.session.flush()


def delete(template: TextTemplate) -> None:
    db.session.delete(template)
    db.session.flush()


def filled(body: str, values: Mapping[str, str]) -> str:
    """What a value contains is never looked at again. Unknown names stay as they are."""
    return _IN_BRACES.sub(lambda found: values.get(found[1], found[0]), body)


def unknown_placeholders(body: str) -> list[str]:
    return sorted({name for name in _IN_BRACES.findall(body) if name not in PLACEHOLDERS})


def _check(title: str, body: str, by: StaffMember, *, besides: TextTemplate | None = None) -> None:
    unknown = unknown_placeholders(body)
    if unknown:
        allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        sentence = _(
            "Den Platzhalter {%(name)s} gibt es nicht. Möglich sind: %(allowed)s.",
            name=unknown[0],
            allowed=allowed,
        )
        raise InvalidInputError({"body": sentence})
    others = (template for template in templates_of(by) if template is not besides)
    if any(template.title.casefold() == title.casefold() for template in others):
        raise InvalidInputError({"title": _("Einen Textbaustein mit diesem Titel gibt es schon.")})
