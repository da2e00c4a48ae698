"""Who is competent; and the page an invitation to the staff leads to."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts.commands import AddressTakenError
from servicekonto.accounts.forms import NewPasswordForm
from servicekonto.accounts.views.blueprint import refuse
from servicekonto.authorities import competence as finder
from servicekonto.authorities import invitations
from servicekonto.authorities.forms import CompetenceForm
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.web.access import own_units_of_work, public

bp = Blueprint("authorities", __name__)


@bp.get("/zustaendigkeit")
@public
def competence() -> ResponseReturnValue:
    """Everything is in the address: an answer can be kept as a bookmark and sent to others."""
    form = CompetenceForm(request.args)
    answer = None
    if form.is_sent and not form.errors:
        answer = finder.find(form.topic, form.place, on=clock.today())
    understood = not form.errors and not isinstance(answer, finder.Unknown)
    page = render_template(
        "authorities/competence.html", form=form, answer=answer, kind=type(answer).__name__
    )
    return page, 200 if understood else 422


@bp.get("/einladung/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    return _invitation_page(token, NewPasswordForm())


@bp.post("/einladung/<token>")
@public
@own_units_of_work
def accept_invitation(token: str) -> ResponseReturnValue:
    form = NewPasswordForm(request.form)
    try:
        problem = None
        if form.validate():
            problem = invitations.choose_password(token, form.new_password.data or "", at=clock.now())
            if problem is None:
                flash(gettext("Ihr Arbeitskonto ist fertig. Melden Sie sich jetzt an."), "success")
                return redirect(url_for("accounts.sign_in"), code=303)
            refuse(form.new_password, problem)
    except (NotFoundError, AddressTakenError):
        pass  # the page says it
    with unit_of_work(read_only=True):
        return _invitation_page(token, form, status=422)


def _invitation_page(token: str, form: NewPasswordForm, *, status: int = 200) -> ResponseReturnValue:
    """Whether the address has an account is told to those who read its mails, and to nobody else."""
    try:
        found = invitations.get_by_token(token, at=clock.now())
    except NotFoundError:
        return render_template("authorities/invitation_invalid.html"), 404
    if invitations.has_account(found.email or ""):
        return render_template("authorities/invitation_taken.html", authority=found.authority), 409
    page = render_template("authorities/invitation.html", form=form, token=token, invitation=found)
    return page, status
