"""The navigation as data: one list for each kind of visitor; packages above add counts beside entries."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from config import Config
from servicekonto.web.access import Permission, current_permissions

Counter = Callable[[], int]


@dataclass(frozen=True)
class Entry:
    """``permission``: only for those who have it."""

    label: LazyString
    endpoint: str
    permission: Permission | None = None


@dataclass(frozen=True)
class Link:
    """An entry as the page shows it."""

    label: LazyString
    url: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True)
class Site:
    """What the frame of a page says about this installation."""

    operator_name: str
    contact_email: str
    official_label: str | None


@dataclass(frozen=True)
class _Navigation:
    counters: dict[str, Counter] = field(default_factory=dict)


SIGNED_OUT = "signed_out"
SIGN_IN = Entry(lazy_gettext("Anmelden"), "accounts.sign_in")
REGISTER = Entry(lazy_gettext("Registrieren"), "accounts.register")
SIGN_OUT = Entry(lazy_gettext("Abmelden"), "accounts.sign_out")

_SERVICES = Entry(lazy_gettext("Leistungen"), "catalogue.index")
_COMPETENCE = Entry(lazy_gettext("Zuständige Stelle finden"), "authorities.competence")
_HELP = Entry(lazy_gettext("Hilfe"), "information.help_page")
_ACCOUNT = Entry(lazy_gettext("Konto"), "accounts.account")

ENTRIES: dict[str, tuple[Entry, ...]] = {
    SIGNED_OUT: (_SERVICES, _COMPETENCE, _HELP),
    "citizen": (
        _SERVICES,
        _COMPETENCE,
        Entry(lazy_gettext("Meine Anträge"), "service_requests.index"),
        Entry(lazy_gettext("Postfach"), "postbox.index"),
        _ACCOUNT,
        _HELP,
    ),
    "staff": (
        Entry(lazy_gettext("Eingang"), "workbench.inbox", Permission.PROCESS_REQUESTS),
        Entry(lazy_gettext("Statistik"), "workbench.statistics", Permission.SEE_STATISTICS),
        Entry(lazy_gettext("Ausweis prüfen"), "workbench.identity_code", Permission.VERIFY_IDENTITY),
        Entry(lazy_gettext("Behörde"), "administration.index", Permission.ADMINISTER_AUTHORITY),
        Entry(lazy_gettext("Eigene Anträge"), "service_requests.index"),
        _SERVICES,
        _COMPETENCE,
        _ACCOUNT,
        _HELP,
    ),
    "operator": (
        Entry(lazy_gettext("Betrieb"), "operations.index"),
        _SERVICES,
        _COMPETENCE,
        _ACCOUNT,
        _HELP,
    ),
}

FOOTER: tuple[Entry, ...] = (
    _HELP,
    Entry(lazy_gettext("Dokument prüfen"), "proofs.index"),
    Entry(lazy_gettext("Leichte Sprache"), "information.easy_language"),
    Entry(lazy_gettext("Barrierefreiheit"), "information.accessibility"),
    Entry(lazy_gettext("Datenschutz"), "information.privacy"),
    Entry(lazy_gettext("Impressum"), "information.imprint"),
    Entry(lazy_gettext("Lizenzen und Quellen"), "information.licences"),
)


def register(app: Flask, config: Config) -> None:
    app.extensions["navigation"] = _Navigation()
    app.jinja_env.globals |= {
        "site": Site(config.operator_name, config.contact_email, config.official_label),
        "navigation": navigation,
        "footer_navigation": lambda: _links(FOOTER),
        "sign_in_link": lambda: _link(SIGN_IN),
        "register_link": lambda: _link(REGISTER),
        "sign_out_link": lambda: _link(SIGN_OUT),
        "url_if_exists": url_if_exists,
    }


def count_beside(app: Flask, endpoint: str, counter: Counter) -> None:
    """Show `counter()` beside the entry when it is not 0, e.g. the unread messages beside "Postfach"."""
    state: _Navigation = app.extensions["navigation"]
    state.counters[endpoint] = counter


def navigation(account: Any) -> list[Link]:
    kind = str(account.kind) if account else SIGNED_OUT
    return _links(ENTRIES[kind])


def url_if_exists(endpoint: str, **values: Any) -> str | None:
    """None for a page that this installation does not have."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _links(entries: tuple[Entry, ...]) -> list[Link]:
    allowed = [
        entry for entry in entries if entry.permission is None or entry.permission in current_permissions()
    ]
    links = [link for entry in allowed if (link := _link(entry))]
    nearest = max((link.url for link in links if link.is_current), key=len, default="")
    return [replace(link, is_current=link.is_current and link.url == nearest) for link in links]


def _link(entry: Entry) -> Link | None:
    url = url_if_exists(entry.endpoint)
    if url is None:
        return None
    state: _Navigation = current_app.extensions["navigation"]
    counter = state.counters.get(entry.endpoint)
    return Link(entry.label, url, _is_below(url), counter() if counter else 0)


def _is_below(url: str) -> bool:
    here = request.path.rstrip("/") + "/"
    return here.startswith(url.removeprefix(request.script_root).rstrip("/") + "/")
