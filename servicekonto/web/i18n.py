"""Language and the written form of dates, times and money. German is the source language."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

from servicekonto.core.clock import BERLIN

LANGUAGES = ("de",)


def register(app: Flask) -> None:
    Babel(
        app,
        default_locale=LANGUAGES[0],
        default_timezone="Europe/Berlin",
        default_translation_directories="translations",
        locale_selector=_select_language,
    )
    app.jinja_env.filters.update(date=show_date, datetime=show_datetime, time=show_time, money=show_money)
    app.jinja_env.globals["language"] = lambda: str(get_locale() or LANGUAGES[0])


def _select_language() -> str:
    wanted = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return wanted or LANGUAGES[0]


def show_date(value: date | datetime) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(BERLIN).date()
    return format_date(value, "dd.MM.yyyy", locale=_locale())


def show_datetime(value: datetime) -> str:
    return format_datetime(value, "dd.MM.yyyy, HH:mm 'Uhr'", tzinfo=BERLIN, locale=_locale())


def show_time(value: datetime) -> str:
    return format_time(value, "HH:mm", tzinfo=BERLIN, locale=_locale())


def show_money(cents: int) -> str:
    return format_currency(cents / 100, "EUR", locale=_locale())


def _locale() -> str:
    return str(get_locale() or LANGUAGES[0])
