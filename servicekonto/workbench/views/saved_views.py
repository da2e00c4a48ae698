"""Saving what is chosen in the inbox, and putting it away again."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench import inbox_filter, saved_views
from servicekonto.workbench.forms import SaveViewForm
from servicekonto.workbench.views import bp
from servicekonto.workbench.views.inbox import page


@bp.post("/ansichten")
@requires(Permission.PROCESS_REQUESTS)
@idempotent
def save_view() -> ResponseReturnValue:
    """The filter comes in the address of the form, as in the address of the list."""
    form, by = SaveViewForm(), current_staff()
    chosen = inbox_filter.read(request.args, by)
    if not form.validate_on_submit():
        return page(chosen, form), 422
    try:
        view = saved_views.save(form.name.data or "", chosen.kept, by=by, at=clock.now())
    except InvalidInputError as error:
        form.name.errors = list(error.errors.values())
        return page(chosen, form), 422
    flash(_("Die Ansicht „%(name)s“ ist gespeichert.", name=view.name), "success")
    return redirect(url_for(".inbox", **view.arguments), code=303)


@bp.get("/ansichten")
@requires(Permission.PROCESS_REQUESTS)
def list_views() -> ResponseReturnValue:
    return render_template("workbench/saved_views.html", views=saved_views.views_of(current_staff()))


@bp.post("/ansichten/<uuid:view_id>/loeschen")
@requires(Permission.PROCESS_REQUESTS)
def delete_view(view_id: UUID) -> ResponseReturnValue:
    saved_views.delete(saved_views.get_view(view_id, current_staff()))
    flash(_("Die Ansicht ist gelöscht."), "success")
    return redirect(url_for(".list_views"), code=303)
