"""One page that leads to all of a person's rights."""

from flask import render_template
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.data_protection.views.blueprint import bp
from servicekonto.web.access import Permission, requires


@bp.get("/datenschutz")
@requires(Permission.OWN_ACCOUNT)
def overview() -> ResponseReturnValue:
    return render_template("data_protection/overview.html", kind=current_account().kind)
