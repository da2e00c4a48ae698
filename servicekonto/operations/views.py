"""Pages of those who run the installation."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.jobs.models import JobStatus
from servicekonto.jobs.queries import count_by_status, list_jobs, queue_age
from servicekonto.web.access import Permission, requires

bp = Blueprint("operations", __name__, url_prefix="/betrieb")

LISTED = 50


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    return render_template(
        "operations/index.html",
        counts=count_by_status(),
        queue_age=queue_age(clock.now()),
        dead=list_jobs(JobStatus.DEAD, limit=LISTED),
    )
