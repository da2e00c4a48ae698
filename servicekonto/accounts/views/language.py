"""The switch in the header: German, English or plain German."""

from typing import cast

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from servicekonto.accounts import commands, current
from servicekonto.accounts.views.blueprint import bp
from servicekonto.core.errors import InvalidInputError
from servicekonto.web import i18n
from servicekonto.web.access import public
from servicekonto.web.way_back import page_before


@bp.get("/sprache")
@public
def remember_language() -> ResponseReturnValue:
    """For a reader without an account: the browser remembers, nothing is stored here."""
    return _back(_wanted(request.args.get("sprache")))


@bp.post("/sprache")
@public
def choose_language() -> ResponseReturnValue:
    choice = _wanted(request.form.get("sprache"))
    if account := current.current_account_or_none():
        commands.choose_language(account, choice)
    return _back(choice)


def _wanted(text: str | None) -> str:
    if text is None or text not in i18n.CHOICES:
        raise InvalidInputError({"sprache": "unknown"})
    return text


def _back(choice: str) -> Response:
    response = cast(Response, redirect(page_before(), code=303))
    i18n.remember(response, choice)
    return response
