"""Signing out on the word of a website: at once when it knows who is there, otherwise the person decides."""

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts import commands, current
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.oidc import logout, logout_requests
from servicekonto.oidc.logout_requests import LogoutRequest
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import public, writes_on_get
from servicekonto.web.security import allow_form_target, csrf

END_SESSION = "/oidc/end_session"
PAGE = "/oidc/abmelden"


@bp.get(END_SESSION)
@public
def end_session() -> ResponseReturnValue:
    return _begin(request.args.to_dict(flat=False))


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post(END_SESSION)
@public
def end_session_by_post() -> ResponseReturnValue:
    """By a form of the website: it does nothing but lead on, without cookies."""
    return _begin(request.form.to_dict(flat=False))


@bp.get(PAGE)
@public
@writes_on_get
def sign_out_page() -> ResponseReturnValue:
    """Without asking only for a website whose ID token is of the person who is signed in."""
    asked = logout_requests.opened(request.args.get("vorgang", ""), at=clock.now())
    owner = current.current_account_or_none()
    if owner is not None and asked.problem is None and logout_requests.is_about(asked, owner):
        return _sign_out(owner, asked)
    if owner is None and asked.sub is not None and asked.target is not None:
        return redirect(asked.target, code=303)
    return _page(asked, owner), 200 if asked.problem is None else 400


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post(PAGE)
@public
def sign_out_confirmed() -> ResponseReturnValue:
    """The person has decided. Somebody who was signed out in another tab meanwhile is not sent an error: only
    signing out needs the token of the form.
    """
    asked = logout_requests.opened(request.form.get("vorgang", ""), at=clock.now())
    owner = current.current_account_or_none()
    if owner is None:
        return redirect(_onward(asked), code=303)
    csrf.protect()
    return _sign_out(owner, asked)


def _begin(parameters: dict[str, list[str]]) -> ResponseReturnValue:
    found = logout_requests.read(parameters)
    return redirect(
        url_for(".sign_out_page", vorgang=logout_requests.sealed(found, at=clock.now())), code=303
    )


def _sign_out(owner: Account, asked: LogoutRequest) -> ResponseReturnValue:
    commands.sign_out(owner, token=current.browser().token, at=clock.now())
    return current.farewell(_onward(asked))


def _onward(asked: LogoutRequest) -> str:
    return asked.target or url_for("accounts.signed_out")


def _page(asked: LogoutRequest, owner: Account | None) -> str:
    if owner is not None and asked.target is not None:
        parts = urlsplit(asked.target)
        allow_form_target(f"{parts.scheme}://{parts.netloc}")
    return render_template(
        "oidc/sign_out.html",
        asked=asked,
        vorgang=request.args.get("vorgang", ""),
        client=logout_requests.client_of(asked),
        websites=logout.websites_in(current.current_session().id) if owner is not None else [],
    )
