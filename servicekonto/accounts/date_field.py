"""A date typed in three boxes, as ``date_input`` of the form components draws them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from wtforms import Field, ValidationError

from servicekonto.core import clock

PARTS = ("tag", "monat", "jahr")
EARLIEST_YEAR = 1880


class DatePartsField(Field):
    """``data`` is a past date or None; ``parts`` is what was typed: day, month, year."""

    data: date | None
    parts: Sequence[str] = ("", "", "")

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
        if year < EARLIEST_YEAR or self.data > clock.today():
            raise ValidationError(gettext("Prüfen Sie das Jahr. Das Datum muss in der Vergangenheit liegen."))
