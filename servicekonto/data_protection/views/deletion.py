"""The end of an account: what goes and what stays, the way there, and the link that stops it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import current
from servicekonto.accounts.current import current_account
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.views.blueprint import bp
from servicekonto.web.access import Permission, public, requires


@bp.get("/loeschen")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def confirm_deletion() -> ResponseReturnValue:
    owner = current_account()
    return render_template(
        "data_protection/delete.html",
        kind=owner.kind,
        running=queries.running_requests(owner),
        authorities=queries.authorities_with_files(owner),
    )


@bp.post("/loeschen")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def request_deletion() -> ResponseReturnValue:
    owner = current_account()
    deletion.request(owner, by=owner, by_session=current.current_session().id, at=clock.now())
    return current.farewell(url_for(".deletion_noted"))


@bp.get("/loeschen/vorgemerkt")
@public
def deletion_noted() -> ResponseReturnValue:
    return render_template("data_protection/deletion_noted.html")


@bp.get("/loeschen/anhalten/<token>")
@public
def stop_deletion(token: str) -> ResponseReturnValue:
    """Only a button: programs that scan mails open every link."""
    found = queries.deletion_of_link(token, at=clock.now())
    if found is None:
        return render_template("data_protection/stop_invalid.html"), 404
    return render_template("data_protection/stop_deletion.html", token=token, deletes_at=found.deletes_at)


@bp.post("/loeschen/anhalten/<token>")
@public
def stop_deletion_submit(token: str) -> ResponseReturnValue:
    try:
        deletion.stop(token, at=clock.now())
    except NotFoundError:
        return render_template("data_protection/stop_invalid.html"), 404
    flash(_("Ihr Konto bleibt bestehen. Sie können sich wieder anmelden."), "success")
    return redirect(url_for("accounts.sign_in"), code=303)
