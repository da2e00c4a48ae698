"""How much comes in and how long it takes."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.catalogue.queries import names_of_services
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests.figures import Span
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.statistics import PARTS, SPANS, of_authority, visible_units
from servicekonto.workbench.views import bp

DEFAULT = 12


@bp.get("/statistik")
@requires(Permission.SEE_STATISTICS)
def statistics() -> ResponseReturnValue:
    staff_member, months = current_staff(), _months()
    units = visible_units(staff_member)
    names = names_of_services(clock.today())
    return render_template(
        "workbench/statistics.html",
        authority=staff_member.authority,
        units=units,
        months=months,
        spans=SPANS,
        parts=PARTS,
        figures=of_authority(staff_member.authority_id, units, names, Span.until(clock.today(), months)),
    )


def _months() -> int:
    """Raises InvalidInputError for an address that was changed by hand."""
    text = request.args.get("monate", str(DEFAULT))
    if text not in map(str, SPANS):
        raise InvalidInputError({"monate": "unknown"})
    return int(text)
