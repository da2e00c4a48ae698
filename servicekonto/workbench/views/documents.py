"""Documents of a request for the clerk: only what is stored already."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.core.errors import NotFoundError
from servicekonto.service_requests import queries
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.views import bp


@bp.get("/antraege/<uuid:request_id>/dokumente/<kind>")
@requires(Permission.PROCESS_REQUESTS)
def document(request_id: UUID, kind: str) -> ResponseReturnValue:
    found = queries.document(queries.get_for_staff(request_id, current_staff()), kind)
    if found is None:
        raise NotFoundError(kind)
    return queries.as_download(found).answer()
