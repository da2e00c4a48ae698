"""Taking the list along as a file. Who exported what is in the audit trail of the authority."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.authorities.current import current_staff
from servicekonto.catalogue.queries import names_of_services
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.web.access import Permission, requires
from servicekonto.workbench import export, inbox_filter
from servicekonto.workbench.forms import ExportForm
from servicekonto.workbench.inbox_choices import in_words
from servicekonto.workbench.inbox_filter import Chosen
from servicekonto.workbench.views import bp


@bp.get("/export")
@requires(Permission.PROCESS_REQUESTS)
def choose_export() -> ResponseReturnValue:
    return _page(inbox_filter.read(request.args, current_staff()), ExportForm())


@bp.post("/export")
@requires(Permission.PROCESS_REQUESTS)
def export_requests() -> ResponseReturnValue:
    staff_member, form = current_staff(), ExportForm()
    chosen = inbox_filter.read(request.args, staff_member)
    if not form.validate_on_submit():
        return _page(chosen, form), 422
    names = names_of_services(clock.today())
    try:
        file = export.export(
            _within(chosen.filter, form), form.columns.data or [], names, by=staff_member, at=clock.now()
        )
    except InvalidInputError:
        form.until.errors = [_("Das sind mehr als 10.000 Anträge. Bitte wählen Sie einen kürzeren Zeitraum.")]
        return _page(chosen, form), 422
    return file.answer()


def _within(chosen: InboxFilter, form: ExportForm) -> InboxFilter:
    """Both days count as a whole, in Hessen."""
    since, until = form.since.data, form.until.data
    return replace(
        chosen,
        received_from=datetime.combine(since, time(), clock.BERLIN) if since else None,
        received_before=datetime.combine(until + timedelta(days=1), time(), clock.BERLIN) if until else None,
    )


def _page(chosen: Chosen, form: ExportForm) -> str:
    return render_template(
        "workbench/export.html",
        form=form,
        kept=chosen.kept,
        filter=in_words(chosen, current_staff(), names_of_services(clock.today())),
        list_url=inbox_filter.inbox_url(chosen.kept),
    )
