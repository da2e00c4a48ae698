"""Documents of a request as files. Making a PDF is slow, so no transaction is open meanwhile."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.files.models import PDF
from servicekonto.files.typst_pdf import printed_form_pdf, receipt_pdf
from servicekonto.service_requests import queries
from servicekonto.service_requests.form import DraftCheck, DraftForm
from servicekonto.service_requests.presentation import RECEIPT
from servicekonto.service_requests.receipts import printed_form_data, receipt_data, store_receipt
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, own_units_of_work, requires, writes_on_get
from servicekonto.web.downloads import Download


@bp.get("/<uuid:request_id>/dokumente/<kind>")
@own_units_of_work
@writes_on_get
@requires(Permission.OWN_REQUESTS)
def document(request_id: UUID, kind: str) -> ResponseReturnValue:
    """A receipt the worker has not made yet is made and stored now."""
    download = _stored(request_id, kind)
    if download is None and kind == RECEIPT:
        _make_receipt(request_id)
        download = _stored(request_id, kind)
    if download is None:
        raise NotFoundError(kind)
    return download.answer()


@bp.get("/<uuid:request_id>/formular.pdf")
@own_units_of_work
@requires(Permission.OWN_REQUESTS)
def printed_form(request_id: UUID) -> ResponseReturnValue:
    """The filled form, for an office that does not take it online."""
    with unit_of_work(read_only=True):
        check = DraftCheck(DraftForm(queries.get_draft(request_id, current_account()), clock.today()))
        if check.competence is None or check.error_links:
            raise ConflictError("the form is not complete")
        data = printed_form_data(check, check.competence)
        name = f"{check.definition.slug}.pdf"
    return Download(name, PDF, printed_form_pdf(data)).answer()


def _stored(request_id: UUID, kind: str) -> Download | None:
    with unit_of_work(read_only=True):
        found = queries.document(queries.get_whole(request_id, current_account()), kind)
        return queries.as_download(found) if found else None


def _make_receipt(request_id: UUID) -> None:
    with unit_of_work(read_only=True):
        data, answers = receipt_data(queries.get_whole(request_id, current_account()))
    pdf = receipt_pdf(data, answers=answers)
    with unit_of_work():  # if the worker was faster, its copy is the one that counts
        service_request = queries.get_own(request_id, current_account(), for_update=True)
        store_receipt(service_request, pdf, data, at=clock.now())
