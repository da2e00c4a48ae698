"""Who has opened my data?"""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.data_protection.readings import page_of_readings
from servicekonto.data_protection.views.blueprint import bp
from servicekonto.web.access import Permission, requires
from servicekonto.web.cursors import read_cursor, write_cursor


@bp.get("/einsicht")
@requires(Permission.OWN_REQUESTS)
def readings() -> ResponseReturnValue:
    page = page_of_readings(current_account(), behind=read_cursor(request.args.get("nach")))
    next_url = url_for(".readings", nach=write_cursor(*page.behind)) if page.behind else None
    return render_template("data_protection/readings.html", page=page, next_url=next_url)
