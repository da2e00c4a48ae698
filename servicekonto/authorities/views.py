"""The page that says who is competent."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from servicekonto.authorities import competence as finder
from servicekonto.authorities.forms import CompetenceForm
from servicekonto.core import clock
from servicekonto.web.access import public

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
