"""The requests of one's own units."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.authorities.queries import colleagues_of
from servicekonto.catalogue.queries import published_services
from servicekonto.core import clock
from servicekonto.service_requests import labels, queries
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.workbench import inbox_filter
from servicekonto.workbench.views import bp


@bp.get("/")
@requires(Permission.PROCESS_REQUESTS)
def inbox() -> ResponseReturnValue:
    staff_member = current_staff()
    chosen = inbox_filter.read(request.args, staff_member)
    page = queries.inbox(staff_member, chosen.filter)
    services = published_services(clock.today())
    return render_template(
        "workbench/inbox.html",
        staff_member=staff_member,
        page=page,
        chosen=chosen.texts,
        waiting_days=_waiting_days,
        statuses=labels.FOR_STAFF,
        tones=labels.STAFF_TONES,
        service_names={service.definition.key: service.definition.names.name for service in services},
        colleagues=colleagues_of(staff_member),
        next_url=url_for(".inbox", **chosen.next_arguments(page.after)) if page.after else None,
    )


def _waiting_days(service_request: ServiceRequest) -> int:
    received = service_request.received_at or clock.now()
    return (clock.today() - clock.local_date(received)).days
