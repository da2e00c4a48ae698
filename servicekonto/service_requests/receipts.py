"""The receipt (modelled on § 71b Abs. 3 VwVfG; § 9a Abs. 4 OZG): what arrived, when, where."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from servicekonto.authorities.directory import AuthorityEntry, UnitEntry
from servicekonto.authorities.models import Authority, Unit
from servicekonto.catalogue.definition import FeeItem, FeeQuote, SummaryPage
from servicekonto.core.db import db
from servicekonto.core.settings import settings
from servicekonto.files import documents
from servicekonto.files.documents import PrintedFormData, ReceiptData
from servicekonto.files.models import document_values
from servicekonto.files.typst_pdf import Attachment
from servicekonto.proofs import commands as proofs
from servicekonto.proofs.commands import new_verification
from servicekonto.service_requests import place_texts, queries
from servicekonto.service_requests.destinations import Responsibility
from servicekonto.service_requests.form import DraftCheck
from servicekonto.service_requests.models import EventKind, RequestDocument, ServiceRequest
from servicekonto.service_requests.presentation import RECEIPT, RequestContent, SubmittedContent
from servicekonto.web.i18n import in_language, language, show_datetime, show_money


def receipt_data(service_request: ServiceRequest) -> tuple[ReceiptData, Attachment]:
    """All the words of the receipt in the language of whose it is, and the answers for machines."""
    with in_language(service_request.account.language):
        return _receipt_data(service_request)


def _receipt_data(service_request: ServiceRequest) -> tuple[ReceiptData, Attachment]:
    content = SubmittedContent(service_request)
    authority, unit = first_office(service_request)
    received_at = content.first_received_at
    if authority is None or unit is None or received_at is None:
        raise ValueError("not submitted")
    name = content.definition.names.name
    data = ReceiptData(
        at=received_at,
        service=str(name),
        issuer=_("Servicekonto Hessen"),
        demo_notice=demo_notice(),
        language=language(),
        verification=new_verification(),
        office=office_of(authority, unit),
        reference=str(service_request.reference),
        received_at=show_datetime(received_at),
        competence=service_request.competence_reason if not service_request.first_received_at else None,
        place=place_texts.at_submission(service_request),
        next_steps=tuple(str(step) for step in content.definition.outcome.next_steps),
        sections=sections(content.sections),
        **fee_part(content.fees),
    )
    return data, _attachment(content, service_request)


def first_office(service_request: ServiceRequest) -> tuple[Authority | None, Unit | None]:
    """Where it arrived, even if it was sent on before the receipt was made."""
    for event in service_request.history:
        if event.kind is EventKind.FORWARDED:
            authority_id, unit_id = event.payload["from_authority_id"], event.payload["from_unit_id"]
            return db.session.get(Authority, UUID(authority_id)), db.session.get(Unit, UUID(unit_id))
    return service_request.authority, service_request.unit


def printed_form_data(check: DraftCheck, competence: Responsibility) -> PrintedFormData:
    """The filled form for an office that does not take it online yet."""
    definition = check.definition
    return PrintedFormData(
        at=check.draft.updated_at,
        service=str(definition.names.name),
        issuer=_("Servicekonto Hessen"),
        demo_notice=demo_notice(),
        language=language(),
        office=office_of(competence.competent.authority, competence.competent.unit),
        filled_at=show_datetime(check.draft.updated_at),
        instructions=(
            _("Prüfen Sie die Angaben und unterschreiben Sie auf der letzten Seite."),
            _("Schicken Sie den Antrag an die Anschrift oben oder geben Sie ihn dort ab."),
        ),
        sections=sections(check.sections),
        signers=(_("Antragstellerin oder Antragsteller"),),
        **fee_part(check.fees),
    )


def office_of(authority: Authority | AuthorityEntry, unit: Unit | UnitEntry) -> documents.Office:
    return documents.Office(
        name=authority.name,
        unit=unit.name,
        address=authority.address_lines,
        contact=tuple(filter(None, (authority.telephone, authority.email))),
    )


def store(
    service_request: ServiceRequest,
    kind: str,
    pdf: bytes,
    *,
    code: str,
    dated: datetime,
    file_name: str,
    at: datetime,
) -> None:
    """Kept once: a document that is there already stays as it is. From now on ``code`` proves it."""
    authority = service_request.authority
    if queries.document(service_request, kind) is not None or authority is None:
        return
    document = RequestDocument(
        service_request_id=service_request.id,
        service_request=service_request,
        kind=kind,
        proof_code=code,
        **document_values(pdf, file_name=file_name, at=at),
    )
    db.session.add(document)
    db.session.flush()
    proofs.record(code=code, sha512=document.sha512, kind=kind, authority=authority, dated=dated)


def store_receipt(service_request: ServiceRequest, pdf: bytes, data: ReceiptData, *, at: datetime) -> None:
    name = f"Eingangsbestaetigung-{service_request.reference}.pdf"
    store(service_request, RECEIPT, pdf, code=data.verification.code, dated=data.at, file_name=name, at=at)


def sections(pages: list[SummaryPage]) -> tuple[documents.Section, ...]:
    return tuple(
        documents.Section(
            title=page.title,
            answers=tuple(
                documents.Answer(
                    label=f"{row.group}: {row.label}" if row.group else row.label, value=row.text
                )
                for row in page.rows
            ),
        )
        for page in pages
    )


def fee_part(quote: FeeQuote) -> dict[str, Any]:
    fees = tuple(
        documents.Fee(
            label=_quantity(item),
            amount=show_money(item.total_cents),
            source=item.exemption or item.legal_source,
        )
        for item in quote.items
    )
    return {"fees": fees, "fee_total": show_money(quote.total_cents) if fees else None}


def demo_notice() -> str | None:
    return _("Demonstration – kein amtliches Dokument") if settings().is_demo else None


def _quantity(item: FeeItem) -> str:
    return f"{item.quantity} × {item.name}" if item.quantity > 1 else str(item.name)


def _attachment(content: RequestContent, service_request: ServiceRequest) -> Attachment:
    version = service_request.service_version
    body = {
        "schema": f"urn:servicekonto:{content.definition.key}:{version.number}",
        "definition_sha256": version.sha256,
        "reference": service_request.reference,
        "case_id": str(service_request.case_id),
        "received_at": received_at.isoformat() if (received_at := content.first_received_at) else None,
        "answers": content.answers,
    }
    return Attachment(
        name="antrag.json",
        data=json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True).encode(),
        media_type="application/json",
        description=_("Der Antrag in maschinenlesbarer Form"),
    )
