"""The pages. What is worth copying is in ``provider``, ``sign_in``, ``sign_out`` and ``sessions``."""

import logging
import time
from collections.abc import Mapping

from flask import Flask, Response, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from relying_party import protection, provider, sign_in, sign_out, texts
from relying_party.keys import PAUSE_SECONDS, Keys, UnreachableError
from relying_party.sessions import VALID_SECONDS, Sessions
from relying_party.settings import Settings, from_environment
from relying_party.sign_in import SUBSTANTIAL, SignedIn, SignInError
from relying_party.sign_out import LogoutTokenError

RECENT_SECONDS = 600
"""How old a sign-in may be for what has consequences."""

GOALS: Mapping[str, str] = {"account": "account", "act": "act"}
"""What a visitor wanted when they went to sign in: name to endpoint. Never an address from a request."""

log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or from_environment()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,  # signs what Authlib keeps on the way: state, nonce, code_verifier
        SESSION_COOKIE_NAME=_cookie("musterstadt-weg", settings),
        SESSION_COOKIE_SECURE=settings.uses_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # Strict would not be sent when Servicekonto leads back
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    protection.install(app, settings, calls=frozenset({"backchannel_logout"}))
    texts.install(app)
    _Pages(app, settings)
    return app


def _cookie(name: str, settings: Settings) -> str:
    return f"__Host-{name}" if settings.uses_https else name


class _Pages:
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._settings = settings
        self._cookie = _cookie("musterstadt", settings)
        self._sessions = Sessions(settings.database)
        self._provider = provider.install(app, settings)
        self._keys = Keys(self._provider)
        app.before_request(self._recognise)
        app.context_processor(lambda: {"visitor": g.get("visitor"), "substantial": SUBSTANTIAL})
        app.register_error_handler(SignInError, self._failed)
        app.add_url_rule("/", "start", self.start)
        app.add_url_rule("/anmelden", "begin", self.begin, methods=["POST"])
        app.add_url_rule("/callback", "callback", self.callback)
        app.add_url_rule("/angaben", "account", self.account)
        app.add_url_rule("/eheschliessung", "act", self.act, methods=["GET", "POST"])
        app.add_url_rule("/abmelden", "leave", self.leave, methods=["POST"])
        app.add_url_rule("/abgemeldet", "left", self.left)
        app.add_url_rule(
            "/backchannel-logout", "backchannel_logout", self.backchannel_logout, methods=["POST"]
        )

    def _recognise(self) -> None:
        token = request.cookies.get(self._cookie)
        g.visitor = self._sessions.get(token) if token else None

    def start(self) -> ResponseReturnValue:
        return render_template("start.html")

    def begin(self) -> ResponseReturnValue:
        """For the important act only a sign-in will do that is sure and recent."""
        goal = request.form.get("goal", "")
        if goal not in GOALS:
            goal = "account"
        is_act = goal == "act"
        return sign_in.begin(
            self._provider,
            self._settings,
            language=texts.language(),
            goal=goal,
            level=SUBSTANTIAL if is_act else None,
            max_age=RECENT_SECONDS if is_act else None,
        )

    def callback(self) -> ResponseReturnValue:
        """A sign-in replaces the one before wholly: it may be another person."""
        who, goal = sign_in.finish(self._provider, self._settings, request.args)
        self._forget()
        response = redirect(url_for(GOALS[goal]), code=303)
        response.set_cookie(
            self._cookie,
            self._sessions.begin(who),
            max_age=VALID_SECONDS,
            secure=self._settings.uses_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    def account(self) -> ResponseReturnValue:
        if g.visitor is None:
            return redirect(url_for("start"), code=303)
        return render_template("account.html", claims=texts.claims(g.visitor.claims))

    def act(self) -> ResponseReturnValue:
        """Asking for a level is a wish: the visitor could take it out of the address. What counts is the
        answer, looked at here, whenever the act is done.
        """
        if g.visitor is None or not _is_sure_enough(g.visitor):
            status = 403 if request.method == "POST" else 200
            return render_template("act_refused.html"), status
        return render_template("act_done.html" if request.method == "POST" else "act.html")

    def leave(self) -> ResponseReturnValue:
        """Here first, whatever becomes of the rest."""
        visitor: SignedIn | None = g.visitor
        self._forget()
        session.clear()
        response = redirect(self._way_out(visitor), code=303)
        response.delete_cookie(self._cookie, secure=self._settings.uses_https, httponly=True, samesite="Lax")
        return response

    def left(self) -> ResponseReturnValue:
        return render_template("left.html", is_only_here="only" in request.args)

    def _way_out(self, visitor: SignedIn | None) -> str:
        try:
            further = visitor and sign_out.address(self._provider, self._settings, visitor.id_token)
        except UnreachableError as error:
            log.warning("Servicekonto cannot be reached to sign out there: %s", error)
            return url_for("left", only="")
        return further or url_for("left")

    def backchannel_logout(self) -> ResponseReturnValue:
        """Servicekonto calls this without the browser."""
        try:
            sign_out.receive(self._keys, self._settings, self._sessions, request.form.get("logout_token", ""))
        except LogoutTokenError as error:
            log.warning("logout token refused: %s", error)
            return {"error": "invalid_request"}, 400
        except UnreachableError as error:
            log.warning("no keys to check a logout token with: %s", error)
            return {"error": "temporarily_unavailable"}, 503, {"Retry-After": str(PAUSE_SECONDS)}
        return "", 200

    def _forget(self) -> None:
        token = request.cookies.get(self._cookie)
        if token:
            self._sessions.end(token)

    def _failed(self, error: SignInError) -> Response:
        log.warning("sign-in failed: %s (%s)", error.reason, error.detail)
        return make_response(render_template("failed.html", reason=error.reason), 400)


def _is_sure_enough(visitor: SignedIn) -> bool:
    return visitor.reaches(SUBSTANTIAL) and _is_recent(visitor)


def _is_recent(visitor: SignedIn) -> bool:
    return visitor.authenticated_at >= time.time() - RECENT_SECONDS - sign_in.LEEWAY_SECONDS
