"""Amounts of money (whole cents) and other numbers, written the German way."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from servicekonto.catalogue.definition.fields.base import InvalidAnswer, LineField, Schema
from servicekonto.catalogue.definition.texts import Text, Whole
from servicekonto.catalogue.definition.texts import gettext as _

AMOUNT_OPERATORS = frozenset({"equals", "in", "at_least", "at_most", "empty", "not_empty"})
_GREATEST = 10**12


def _decimal(text: str, places: int) -> Decimal | None:
    """``1.234,56``, ``1234,56``, ``1234.5`` or ``1 234``; None when it is no number with so many places."""
    compact = re.sub(r"[ \u00a0\u202f]", "", text).replace("−", "-")
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", compact):
        compact = compact.replace(".", "")
    compact = compact.replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", compact):
        return None
    number = Decimal(compact)
    return number if number == round(number, places) and abs(number) <= _GREATEST else None


def _german(number: Decimal, places: int, *, fixed: bool) -> str:
    text = f"{number:,.{places}f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    if not fixed and "," in text:
        text = text.rstrip("0").rstrip(",")
    return text


class _Bounded(LineField):
    operators: ClassVar[frozenset[str]] = AMOUNT_OPERATORS
    # Two messages for the two mistakes people make; the standard ones name the limit.
    min_message: Text | None = None
    max_message: Text | None = None

    def _check(self, value: float, lowest: float, greatest: float) -> None:
        label = str(self.label)
        if value < lowest:
            limit = self.written(lowest)
            standard = _("„%(label)s“ muss mindestens %(limit)s sein.", label=label, limit=limit)
            raise InvalidAnswer("too_small", str(self.min_message or standard))
        if value > greatest:
            limit = self.written(greatest)
            standard = _("„%(label)s“ darf höchstens %(limit)s sein.", label=label, limit=limit)
            raise InvalidAnswer("too_great", str(self.max_message or standard))

    def written(self, value: float) -> str:
        raise NotImplementedError


class MoneyField(_Bounded):
    """Euros on the page, whole cents in the value."""

    type: Literal["money"]
    min_cents: Whole = Field(default=0, ge=-(_GREATEST * 100), le=_GREATEST * 100)
    max_cents: Whole = Field(default=_GREATEST, ge=-(_GREATEST * 100), le=_GREATEST * 100)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_cents > self.max_cents:
            raise ValueError("min_cents is greater than max_cents")
        return self

    def value_of(self, text: str, today: date) -> int:
        number = _decimal(re.sub(r"(?i)(€|eur|euro)$", "", text).strip(), 2)
        if number is None:
            message = _("Bitte geben Sie einen Betrag in Euro an, zum Beispiel 450 oder 450,50.")
            raise InvalidAnswer("money", message)
        cents = int(number * 100)
        self._check(cents, self.min_cents, self.max_cents)
        return cents

    def written(self, value: float) -> str:
        return _german(Decimal(int(value)) / 100, 2, fixed=True) + " €"

    def to_raw(self, value: Any) -> str:
        return _german(Decimal(int(value)) / 100, 2, fixed=True)

    def show(self, value: Any) -> list[str]:
        return [self.written(value)]

    def value_schema(self) -> Schema:
        return {"type": "integer", "minimum": self.min_cents, "maximum": self.max_cents}


class NumberField(_Bounded):
    type: Literal["number"]
    min: Decimal = Field(default=Decimal(0), ge=-_GREATEST, le=_GREATEST)
    max: Decimal = Field(default=Decimal(1_000_000), ge=-_GREATEST, le=_GREATEST)
    decimals: Whole = Field(default=0, ge=0, le=3)
    unit: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is greater than max")
        return self

    def value_of(self, text: str, today: date) -> int | float:
        number = _decimal(text, self.decimals)
        if number is None:
            raise InvalidAnswer("number", self._example())
        value = float(number) if self.decimals else int(number)
        self._check(value, float(self.min), float(self.max))
        return value

    def _example(self) -> str:
        if self.decimals:
            return _("Bitte geben Sie eine Zahl an, zum Beispiel 12 oder 12,5.")
        return _("Bitte geben Sie eine ganze Zahl in Ziffern an, zum Beispiel 2.")

    def written(self, value: float) -> str:
        return _german(Decimal(str(value)), self.decimals, fixed=False)

    def to_raw(self, value: Any) -> str:
        return self.written(value).replace(".", "")

    def show(self, value: Any) -> list[str]:
        return [self.written(value) + (f" {self.unit}" if self.unit else "")]

    def value_schema(self) -> Schema:
        kind = "number" if self.decimals else "integer"
        return {"type": kind, "minimum": _number(self.min), "maximum": _number(self.max)}


def _number(bound: Decimal) -> int | float:
    return int(bound) if bound == int(bound) else float(bound)
