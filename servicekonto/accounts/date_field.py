"""A date typed in three boxes, as ``date_input`` of the form components draws them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, ValidationError

from servicekonto.core import clock

PARTS = ("tag", "monat", "jahr")
EARLIEST_YEAR = 1880
ANY_YEAR = (2000, 2199)


class DatePartsField(Field):
    """``data`` is a past date or None; ``parts`` is what was typed: day, month, year."""

    data: date | None
    parts: Sequence[str] = ("", "", "")
    impossible = lazy_gettext("Prüfen Sie das Jahr. Das Datum muss in der Vergangenheit liegen.")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.data = date.fromisoformat(data) if isinstance(data, str) and data else None
        if self.data is not None:
            self.parts = (str(self.data.day), str(self.data.month), str(self.data.year))
        if formdata is not None:
            self.parts = tuple(formdata.get(f"{self.name}-{part}", "").strip() for part in PARTS)
            self.data = None

    def pre_validate(self, form: Any) -> None:
        if not any(self.parts):
            return
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in self.parts):
            raise ValidationError(gettext("Geben Sie Tag, Monat und Jahr als Zahlen ein."))
        day, month, year = (int(part) for part in self.parts)
        try:
            self.data = date(year, month, day)
        except ValueError as error:
            raise ValidationError(gettext("Diesen Tag gibt es nicht. Prüfen Sie das Datum.")) from error
        if not self.is_possible(self.data):
            raise ValidationError(self.impossible)

    def is_possible(self, day: date) -> bool:
        return day.year >= EARLIEST_YEAR and day <= clock.today()


class AnyDatePartsField(DatePartsField):
    """Also a day to come."""

    impossible = lazy_gettext("Prüfen Sie das Jahr.")

    def is_possible(self, day: date) -> bool:
        return ANY_YEAR[0] <= day.year <= ANY_YEAR[1]
