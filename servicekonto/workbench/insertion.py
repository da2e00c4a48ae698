"""Putting a text template into the box somebody is writing in. Without a script: the page comes again."""

from uuid import UUID

from flask import request
from wtforms import TextAreaField

from servicekonto.authorities.current import current_staff
from servicekonto.service_requests.text_templates import filled, get_template
from servicekonto.workbench.presentation import StaffRequestView

INSERT = "insert"


def wants_insertion() -> bool:
    return request.form.get("action") == INSERT


def insert_into(field: TextAreaField, view: StaffRequestView) -> None:
    """Behind what is typed already. Nothing happens when none is chosen."""
    chosen = request.form.get("text_template", "")
    if not chosen:
        return
    try:
        template = get_template(UUID(chosen), current_staff())
    except ValueError:
        return
    field.data = "\n\n".join(filter(None, ((field.data or "").rstrip(), filled(template.body, values(view)))))


def values(view: StaffRequestView) -> dict[str, str]:
    authority = view.service_request.authority
    return {
        "name": view.applicant,
        "aktenzeichen": view.service_request.reference or "",
        "leistung": str(view.definition.names.name),
        "behoerde": authority.name if authority else "",
    }
