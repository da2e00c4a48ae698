"""Making a decision known."""

from datetime import datetime

from flask_babel import gettext as _

from servicekonto.postbox import commands as postbox
from servicekonto.service_requests.commands.decisions import mark_notified
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.presentation import DECISION, RequestContent
from servicekonto.service_requests.receipts import store
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import in_language


def serve(service_request: ServiceRequest, pdf: bytes, *, code: str, at: datetime) -> None:
    """Document, message and status appear together. Serving it again changes nothing.
    For a deleted account there is only the document, and the request stays decided.

    ``code`` is the one printed in the document.
    """
    authority, decision = service_request.authority, service_request.decision
    if service_request.status is not Status.DECIDED or authority is None or decision is None:
        return
    name = f"Entscheidung-{service_request.reference}.pdf"
    dated = decision.approved_at or at
    store(service_request, DECISION, pdf, code=code, dated=dated, file_name=name, at=at)
    if service_request.account.email is None:  # the account is deleted: the authority sends it by post
        return
    subject, body = _words(service_request)
    postbox.provide(
        account_id=service_request.account_id,
        sender=authority,
        service_request_id=service_request.id,
        subject=subject,
        body=body,
        document_kind=DECISION,
        at=at,
    )
    mark_notified(service_request, at=at)


def _words(service_request: ServiceRequest) -> tuple[str, str]:
    """Subject and text, in the language of whose request it is."""
    with in_language(service_request.account.language):
        name = str(RequestContent(service_request).definition.names.name)
        return _("Entscheidung: %(service)s", service=name), _(
            "Guten Tag,\n\ndie Behörde hat über Ihren Antrag mit dem Aktenzeichen %(reference)s "
            "entschieden.\n\nDie Entscheidung finden Sie hier als Dokument.",
            reference=service_request.reference,
        )
