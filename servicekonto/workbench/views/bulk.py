"""Several requests at once: choose in the inbox, say what shall be done, read what became of each."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input_for
from servicekonto.authorities.current import current_staff
from servicekonto.authorities.queries import colleague, colleagues_of
from servicekonto.catalogue.queries import names_of_services
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests import inbox, labels
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench import bulk, inbox_filter
from servicekonto.workbench.bulk_results import ACT_NAMES, rows_of, summary_of
from servicekonto.workbench.forms import AssignForm, CloseForm
from servicekonto.workbench.models import BulkReport
from servicekonto.workbench.views import bp


@bp.get("/mehrere")
@requires(Permission.PROCESS_REQUESTS)
def several() -> ResponseReturnValue:
    """Without a choice in the address it is the one whose text was kept."""
    ids = _ids(request.args.getlist("antrag"))
    kept = None if ids else kept_input.found(".close_several")
    if kept is None:
        return _page(ids)
    return _page(_ids(kept.get("antrag", [])), close_form=kept_input.refilled(CloseForm(), ".close_several"))


@bp.post("/mehrere/zuweisen")
@requires(Permission.PROCESS_REQUESTS)
@idempotent
def assign_several() -> ResponseReturnValue:
    by, ids = current_staff(), _ids(request.form.getlist("antrag"))
    form = AssignForm(colleagues_of(by))
    if not ids or not form.validate_on_submit():
        return _page(ids, assign_form=form), 422
    to = colleague(by, UUID(form.assignee.data))
    return _to_report(bulk.assign(ids, to, by=by, at=clock.now()))


@bp.post("/mehrere/abschliessen")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input_for(".several")
@idempotent
def close_several() -> ResponseReturnValue:
    by, ids, form = current_staff(), _ids(request.form.getlist("antrag")), CloseForm()
    if not ids or not form.validate_on_submit():
        return _page(ids, close_form=form), 422
    return _to_report(bulk.close(ids, (form.reason.data or "").strip(), by=by, at=clock.now()))


@bp.get("/mehrere/<uuid:report_id>")
@requires(Permission.PROCESS_REQUESTS)
def several_report(report_id: UUID) -> ResponseReturnValue:
    staff_member = current_staff()
    report = bulk.get_report(report_id, staff_member)
    still_here = inbox.some(staff_member, [UUID(request_id) for request_id in report.results])
    return render_template(
        "workbench/several_report.html",
        report=report,
        title=ACT_NAMES[report.act],
        summary=summary_of(report),
        rows=rows_of(report, still_here),
        back_url=inbox_filter.list_url(),
    )


def _ids(texts: list[str]) -> list[UUID]:
    """From boxes, or from one field with commas. Raises InvalidInputError for what no page of ours sends."""
    try:
        ids = list(dict.fromkeys(UUID(part) for text in texts for part in text.split(",") if part))
    except ValueError as error:
        raise InvalidInputError({"antrag": "unknown"}) from error
    if len(ids) > bulk.MOST:
        raise InvalidInputError({"antrag": "too many"})
    return ids


def _page(
    ids: list[UUID], *, assign_form: AssignForm | None = None, close_form: CloseForm | None = None
) -> str:
    staff_member = current_staff()
    return render_template(
        "workbench/several.html",
        requests=inbox.some(staff_member, ids),
        assign_form=assign_form or AssignForm(colleagues_of(staff_member)),
        close_form=close_form or CloseForm(),
        statuses=labels.FOR_STAFF,
        tones=labels.STAFF_TONES,
        service_names=names_of_services(clock.today()),
        kept=inbox_filter.carried_along(),
    )


def _to_report(report: BulkReport) -> ResponseReturnValue:
    kept: dict[str, Any] = dict(inbox_filter.carried_along())
    return redirect(url_for(".several_report", report_id=report.id, **kept), code=303)
