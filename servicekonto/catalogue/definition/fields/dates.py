"""A date in three parts: people know their birthday, not a calendar widget."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.dates import DateBound, resolve
from servicekonto.catalogue.definition.fields.base import (
    BaseField,
    FormReader,
    InvalidAnswer,
    Schema,
    date_of,
)
from servicekonto.catalogue.definition.texts import Text
from servicekonto.catalogue.definition.texts import gettext as _
from servicekonto.web.i18n import show_date

PARTS = ("day", "month", "year")
_EARLIEST, _LATEST = date(1800, 1, 1), date(2200, 12, 31)


class DateField(BaseField):
    type: Literal["date"]
    operators: ClassVar[frozenset[str]] = frozenset(
        {"before", "after", "before_field", "after_field", "equals_field"}
        | {"older_than_years", "younger_than_years", "empty", "not_empty"}
    )
    min: DateBound | None = None
    max: DateBound | None = None
    min_message: Text | None = None
    max_message: Text | None = None

    def read(self, form: FormReader, name: str) -> Any:
        names = {part: f"{name}.{part}" for part in PARTS}
        if not any(form.has(part_name) for part_name in names.values()):
            return None
        return {part: form.line(part_name, 10) for part, part_name in names.items()}

    def parse(self, raw: object, today: date) -> str | None:
        parts = _parts(raw)
        if not any(parts.values()):
            return None
        day = self._day(parts)
        self._check(day, today)
        return day.isoformat()

    def _day(self, parts: dict[str, str]) -> date:
        names = {"day": _("den Tag"), "month": _("den Monat"), "year": _("das Jahr")}
        for part, text in parts.items():
            if not text:
                message = _(
                    "„%(label)s“ ist nicht vollständig. Bitte geben Sie auch %(part)s an.",
                    label=str(self.label),
                    part=names[part],
                )
                raise InvalidAnswer("incomplete_date", message)
        if len(parts["year"]) != 4:
            raise InvalidAnswer("year", _("Bitte geben Sie das Jahr mit vier Ziffern an, zum Beispiel 1985."))
        try:
            if not all(text.isascii() and text.isdigit() for text in parts.values()):
                raise ValueError
            return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        except ValueError:
            message = _(
                "Dieses Datum gibt es nicht. Bitte geben Sie Tag, Monat und Jahr in Ziffern an, "
                "zum Beispiel 24 12 1985."
            )
            raise InvalidAnswer("date", message) from None

    def _check(self, day: date, today: date) -> None:
        earliest = max(resolve(self.min, today), _EARLIEST) if self.min else _EARLIEST
        latest = min(resolve(self.max, today), _LATEST) if self.max else _LATEST
        if day < earliest:
            standard = _(
                "„%(label)s“ darf nicht vor dem %(limit)s liegen.",
                label=str(self.label),
                limit=show_date(earliest),
            )
            raise InvalidAnswer("too_early", str(self.min_message or standard))
        if day > latest:
            standard = self._too_late(latest, today)
            raise InvalidAnswer("too_late", str(self.max_message or standard))

    def _too_late(self, latest: date, today: date) -> str:
        if latest == today:
            return _("„%(label)s“ darf nicht in der Zukunft liegen.", label=str(self.label))
        return _(
            "„%(label)s“ darf nicht nach dem %(limit)s liegen.",
            label=str(self.label),
            limit=show_date(latest),
        )

    def to_raw(self, value: Any) -> dict[str, str]:
        day = value if isinstance(value, date) else date_of(value)
        return {"day": str(day.day), "month": str(day.month), "year": f"{day.year:04}"}

    def show(self, value: Any) -> list[str]:
        return [show_date(date_of(value))]

    def value_schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _parts(raw: object) -> dict[str, str]:
    given = raw if isinstance(raw, Mapping) else {}
    return {part: clean_line(given.get(part), 10) for part in PARTS}
