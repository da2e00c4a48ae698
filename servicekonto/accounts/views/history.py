"""When somebody signed in to the account, or tried to."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from servicekonto.accounts import current, history
from servicekonto.accounts.history_models import Method, Outcome
from servicekonto.accounts.views.blueprint import bp
from servicekonto.web.access import Permission, requires
from servicekonto.web.cursors import read_cursor, write_cursor

OUTCOMES = {
    Outcome.SIGNED_IN: lazy_gettext("Angemeldet"),
    Outcome.CONFIRMED: lazy_gettext("Noch einmal bestätigt"),
    Outcome.REFUSED: lazy_gettext("Abgewiesen"),
}
METHODS = {
    Method.PASSWORD: lazy_gettext("mit dem Passwort"),
    Method.PASSWORD_AND_TOTP: lazy_gettext("mit Passwort und Einmalcode"),
    Method.PASSWORD_AND_RECOVERY_CODE: lazy_gettext("mit Passwort und Notfallcode"),
    Method.PASSWORD_AND_PASSKEY: lazy_gettext("mit Passwort und Passkey"),
    Method.PASSKEY: lazy_gettext("mit einem Passkey"),
    Method.DEMONSTRATION: lazy_gettext("mit einem Klick in der Demonstration"),
}


@bp.get("/konto/anmeldungen")
@requires(Permission.OWN_ACCOUNT)
def sign_ins() -> ResponseReturnValue:
    page = history.records_of(current.current_account(), read_cursor(request.args.get("nach")))
    return render_template(
        "accounts/sign_ins.html",
        page=page,
        outcomes=OUTCOMES,
        methods=METHODS,
        next_url=url_for(".sign_ins", nach=write_cursor(*page.after)) if page.after else None,
    )
