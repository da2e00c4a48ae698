"""Language and the written form of dates, times and money. German is the source language.

What a reader chooses is German, English or plain German (Einfache Sprache): the same interface as German,
with the plain variant of a text where there is one. The account's choice counts first, then the cookie of
the switch in the header, then what a website that leads here suggests, then what the browser asks for.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import cast

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency
from flask import Flask, Response, current_app, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale, ngettext, refresh

from servicekonto.core.clock import BERLIN
from servicekonto.core.db import in_unit_of_work
from servicekonto.core.settings import settings
from servicekonto.web.translations import Catalogues, template_texts

GERMAN, ENGLISH, PLAIN = "de", "en", "plain"
CHOICES: dict[str, str] = {GERMAN: "de", ENGLISH: "en", PLAIN: "de"}
"""What can be chosen → the locale it is written in."""
LANGUAGES = ("de", "en")
NAMES = {
    GERMAN: "Deutsch",
    ENGLISH: "English",
    PLAIN: "Einfache Sprache",
}
"""Each in its own words: that is how its readers find it."""

_COOKIE_DAYS = 365
_SUGGESTED = "suggested_language"
_FORMATS = {
    "de": {"date": "dd.MM.yyyy", "datetime": "dd.MM.yyyy, HH:mm 'Uhr'", "locale": "de"},
    "en": {"date": "d MMMM yyyy", "datetime": "d MMMM yyyy, HH:mm", "locale": "en_GB"},
}
_EXTENSION = "servicekonto.language_of_account"
_forced: ContextVar[str | None] = ContextVar("forced_language", default=None)


def register(app: Flask) -> None:
    babel = Babel(
        app,
        default_locale=GERMAN,
        default_timezone="Europe/Berlin",
        default_translation_directories="translations",
        locale_selector=lambda: CHOICES[chosen()],
    )
    babel.domain_instance = Catalogues()
    app.jinja_env.globals |= template_texts(babel.domain_instance, lambda: CHOICES[chosen()])
    app.jinja_env.filters.update(
        date=show_date,
        datetime=show_datetime,
        time=show_time,
        money=show_money,
        month=show_month,
        wait=show_wait,
    )
    app.jinja_env.globals.update(language=language, chosen_language=chosen, language_names=NAMES)


def ask_account(app: Flask, source: Callable[[], str | None]) -> None:
    """``source``: what the signed-in account has chosen. It is asked inside a unit of work only."""
    app.extensions[_EXTENSION] = source


def without_account() -> None:
    """For a page that must not ask the database."""
    g.setdefault("account_language", None)


def chosen() -> str:
    """One of CHOICES. Outside a request German, unless ``in_language`` says otherwise."""
    forced = _forced.get()
    if forced is not None:
        return forced
    if not has_request_context():
        return GERMAN
    if "language" not in g:
        g.language = _select()
    return cast(str, g.language)


def reads_plain() -> bool:
    return chosen() == PLAIN


def language() -> str:
    """For the attribute ``lang`` of what is written now."""
    return str(get_locale() or GERMAN)


@contextmanager
def in_language(choice: str | None) -> Iterator[None]:
    """What is written inside is for somebody who has chosen this, whoever acts. None: German."""
    known = choice if choice in CHOICES else GERMAN
    token = _forced.set(known)
    try:
        with force_locale(CHOICES[known]):
            yield
    finally:
        _forced.reset(token)


def remember(response: Response, choice: str) -> None:
    """In the browser, for a year. The cookie says nothing but the language."""
    response.set_cookie(
        cookie_name(),
        choice,
        max_age=_COOKIE_DAYS * 24 * 3600,
        secure=settings().uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def suggest(language: str | None) -> None:
    """Until somebody signs in or out, for who has chosen nothing themselves. None takes it back."""
    if language is not None:
        session[_SUGGESTED] = language
    elif _SUGGESTED in session:
        del session[_SUGGESTED]
    g.pop("language", None)
    refresh()


def cookie_name() -> str:
    return "__Host-servicekonto-language" if settings().uses_https else "servicekonto-language"


def _select() -> str:
    for choice in (_of_account(), request.cookies.get(cookie_name()), session.get(_SUGGESTED)):
        if choice in CHOICES:
            return choice
    return request.accept_languages.best_match(LANGUAGES) or GERMAN


def _of_account() -> str | None:
    source = current_app.extensions.get(_EXTENSION)
    if "account_language" not in g and source is not None and in_unit_of_work():
        g.account_language = source()
    return cast("str | None", g.get("account_language"))


def show_date(value: date | datetime) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(BERLIN).date()
    return _written_date(value, language())


def show_datetime(value: datetime) -> str:
    return _written_datetime(value, language())


def show_month(value: date) -> str:
    return format_date(value, "LLLL yyyy", locale=_FORMATS[language()]["locale"])


def show_time(value: datetime) -> str:
    return format_time(value, "HH:mm", tzinfo=BERLIN, locale=_FORMATS[language()]["locale"])


def show_money(cents: int) -> str:
    return format_currency(cents / 100, "EUR", locale=_FORMATS[language()]["locale"])


def show_wait(seconds: int) -> str:
    """Never less than it is: "30 Sekunden", "5 Minuten", "3 Stunden"."""
    minutes, hours = -(-seconds // 60), -(-seconds // 3600)
    if seconds < 60:
        return str(ngettext("%(num)s Sekunde", "%(num)s Sekunden", seconds))
    if minutes < 60:
        return str(ngettext("%(num)s Minute", "%(num)s Minuten", minutes))
    return str(ngettext("%(num)s Stunde", "%(num)s Stunden", hours))


# A list shows the same few days again and again.
@functools.lru_cache(maxsize=4096)
def _written_date(value: date, language: str) -> str:
    return format_date(value, _FORMATS[language]["date"], locale=_FORMATS[language]["locale"])


@functools.lru_cache(maxsize=4096)
def _written_datetime(value: datetime, language: str) -> str:
    chosen = _FORMATS[language]
    return format_datetime(value, chosen["datetime"], tzinfo=BERLIN, locale=chosen["locale"])
