"""Links from mails that ask for one click: each is a page with a button, because programs that scan mails
open every link.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts import links, recovery
from servicekonto.accounts.models import OneTimeLinkPurpose
from servicekonto.accounts.views.blueprint import bp
from servicekonto.core import clock
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.web.access import public


class Command(Protocol):
    def __call__(self, token: str, *, at: datetime) -> None: ...


@dataclass(frozen=True)
class LinkPage:
    """``done``: what is said afterwards on the page ``leads_to``."""

    purpose: OneTimeLinkPurpose
    title: LazyString
    text: LazyString
    button: LazyString
    command: Command
    done: LazyString
    leads_to: str = "accounts.sign_in"
    renew: str = "accounts.sign_in"


PAGES: dict[str, LinkPage] = {
    "neue-adresse": LinkPage(
        OneTimeLinkPurpose.CONFIRM_NEW_EMAIL,
        lazy_gettext("Neue E-Mail-Adresse bestätigen"),
        lazy_gettext("Danach melden Sie sich mit dieser Adresse an und bekommen alle E-Mails dorthin."),
        lazy_gettext("Ja, Adresse bestätigen"),
        recovery.confirm_email_change,
        lazy_gettext("Ihre neue E-Mail-Adresse gilt."),
        leads_to="accounts.account",
        renew="accounts.change_email",
    ),
    "war-ich-nicht": LinkPage(
        OneTimeLinkPurpose.THAT_WAS_NOT_ME,
        lazy_gettext("Das waren nicht Sie?"),
        lazy_gettext(
            "Dann schützen wir Ihr Konto sofort: Alle Geräte werden abgemeldet, das Passwort und "
            "alles, was in den letzten Tagen eingerichtet wurde, wird gesperrt. Eine geänderte "
            "E-Mail-Adresse wird wieder die alte. Ist das Löschen des Kontos angekündigt, halten wir es "
            "an. Sie bekommen eine E-Mail, mit der Sie ein neues Passwort festlegen."
        ),
        lazy_gettext("Konto jetzt schützen"),
        recovery.secure,
        lazy_gettext("Ihr Konto ist geschützt. Sehen Sie in Ihr E-Mail-Postfach: Dort geht es weiter."),
    ),
    "neu-anfangen": LinkPage(
        OneTimeLinkPurpose.RESET_ACCOUNT,
        lazy_gettext("Konto zurücksetzen"),
        lazy_gettext(
            "Nach sieben Tagen können Sie ein neues Passwort festlegen. Zweite Faktoren und Notfallcodes "
            "fallen dann weg, und geprüfte Angaben gelten nicht mehr als geprüft. Ihre Anträge bleiben."
        ),
        lazy_gettext("Ja, Konto zurücksetzen"),
        recovery.begin_reset,
        lazy_gettext("Die sieben Tage laufen. Wir schreiben Ihnen, wenn es weitergeht."),
        renew="accounts.lost_everything",
    ),
    "nicht-neu-anfangen": LinkPage(
        OneTimeLinkPurpose.STOP_RESET,
        lazy_gettext("Zurücksetzen stoppen"),
        lazy_gettext("Dann bleibt in Ihrem Konto alles, wie es ist."),
        lazy_gettext("Zurücksetzen stoppen"),
        recovery.stop_reset_by_link,
        lazy_gettext("Das Zurücksetzen ist gestoppt. In Ihrem Konto bleibt alles, wie es ist."),
    ),
}


@bp.get("/link/<what>/<token>")
@public
def mail_link(what: str, token: str) -> ResponseReturnValue:
    page = _page(what)
    if links.find(token, page.purpose, at=clock.now()) is None:
        return render_template("accounts/link_invalid.html", renew=page.renew), 404
    return render_template("accounts/mail_link.html", page=page, what=what, token=token)


@bp.post("/link/<what>/<token>")
@public
def mail_link_submit(what: str, token: str) -> ResponseReturnValue:
    page = _page(what)
    try:
        page.command(token, at=clock.now())
    except (NotFoundError, ConflictError):
        return render_template("accounts/link_invalid.html", renew=page.renew), 404
    flash(page.done, "success")
    return redirect(url_for(page.leads_to), code=303)


def _page(what: str) -> LinkPage:
    if what not in PAGES:
        raise NotFoundError(what)
    return PAGES[what]
