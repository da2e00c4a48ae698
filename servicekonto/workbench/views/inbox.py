"""The requests of one's own units."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.authorities.queries import colleagues_of
from servicekonto.catalogue.queries import names_of_services
from servicekonto.core import clock
from servicekonto.service_requests import inbox as requests_inbox
from servicekonto.service_requests import labels
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.workbench import inbox_filter, saved_views
from servicekonto.workbench.forms import SaveViewForm
from servicekonto.workbench.inbox_choices import InboxChoices
from servicekonto.workbench.inbox_filter import Chosen
from servicekonto.workbench.views import bp


@bp.get("/")
@requires(Permission.PROCESS_REQUESTS)
def inbox() -> ResponseReturnValue:
    return page(inbox_filter.read(request.args, current_staff()), SaveViewForm())


@bp.post("/suche")
@requires(Permission.PROCESS_REQUESTS)
def search() -> ResponseReturnValue:
    """By POST: a name must not come into an address, and so into the log of a proxy."""
    return redirect(inbox_filter.address_of(request.form, current_staff()), code=303)


def page(chosen: Chosen, form: SaveViewForm) -> str:
    staff_member, names = current_staff(), names_of_services(clock.today())
    counts = requests_inbox.counts(staff_member)
    found = requests_inbox.page(staff_member, chosen.filter)
    choices = InboxChoices(staff_member, chosen, counts, colleagues_of(staff_member), names)
    return render_template(
        "workbench/inbox.html",
        staff_member=staff_member,
        page=found,
        chosen=chosen,
        choices=choices,
        views=choices.views(saved_views.views_of(staff_member)),
        form=form,
        waiting_days=waiting_days,
        statuses=labels.FOR_STAFF,
        tones=labels.STAFF_TONES,
        service_names=names,
        next_url=url_for(".inbox", **chosen.next_arguments(found.after)) if found.after else None,
    )


def waiting_days(service_request: ServiceRequest) -> int:
    received = service_request.received_at or clock.now()
    return (clock.today() - clock.local_date(received)).days
