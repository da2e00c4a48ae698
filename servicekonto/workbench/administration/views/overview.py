"""Where the other pages are."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.web.access import Permission, current_permissions, requires
from servicekonto.workbench.administration.views import bp


@bp.get("/")
@requires(Permission.ADMINISTER_AUTHORITY)
def index() -> ResponseReturnValue:
    return render_template("administration/index.html", authority=current_staff().authority)


@bp.get("/anfang")
@requires(Permission.OWN_ACCOUNT)
def landing() -> ResponseReturnValue:
    """Where staff arrive who signed in: not everybody who works here works on requests."""
    if Permission.PROCESS_REQUESTS in current_permissions():
        endpoint = "workbench.inbox"
    elif Permission.ADMINISTER_AUTHORITY in current_permissions():
        endpoint = ".index"
    else:
        endpoint = "accounts.account"
    return redirect(url_for(endpoint), code=303)
