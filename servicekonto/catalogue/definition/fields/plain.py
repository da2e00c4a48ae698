"""Fields of text: lines, long texts, e-mail, phone, IBAN and tax number."""

import re
from datetime import date
from typing import Any, ClassVar, Literal, Self

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import Field, field_validator, model_validator
from stdnum import iban
from stdnum.de import idnr
from stdnum.exceptions import ValidationError as NumberError

from servicekonto.catalogue.definition.cleaning import clean_text
from servicekonto.catalogue.definition.fields.base import (
    BaseField,
    FormReader,
    InvalidAnswer,
    LineField,
    Schema,
)
from servicekonto.catalogue.definition.texts import Text, Whole
from servicekonto.catalogue.definition.texts import gettext as _

TEXT_OPERATORS = frozenset({"equals", "in", "equals_field", "empty", "not_empty"})
PRESENCE = frozenset({"empty", "not_empty"})

# A repeated group or a look-around can take exponential time or differs between regex engines.
_RISKY_PATTERN = re.compile(r"\(\?|\)[*+{]|\\[1-9]|\\[AZzbBpPG]")


def too_long(label: Text, length: int, limit: int) -> InvalidAnswer:
    message = _(
        "„%(label)s“ darf höchstens %(limit)s Zeichen lang sein. Ihre Angabe hat %(length)s Zeichen. "
        "Bitte kürzen Sie sie.",
        label=str(label),
        limit=limit,
        length=length,
    )
    return InvalidAnswer("too_long", message)


def too_short(label: Text, limit: int) -> InvalidAnswer:
    message = _("„%(label)s“ muss mindestens %(limit)s Zeichen lang sein.", label=str(label), limit=limit)
    return InvalidAnswer("too_short", message)


class TextField(LineField):
    type: Literal["text"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS
    min_length: Whole = Field(default=1, ge=1, le=1000)
    max_length: Whole = Field(default=200, ge=1, le=1000)
    pattern: str | None = Field(default=None, min_length=1, max_length=200)
    pattern_message: Text | None = None
    inputmode: Literal["text", "numeric"] = "text"

    @field_validator("pattern")
    @classmethod
    def _safe_pattern(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        if _RISKY_PATTERN.search(pattern) or pattern[0] == "^" or pattern[-1] == "$":
            raise ValueError("write the pattern without ^ and $, (?…), back references and repeated groups")
        try:
            re.compile(pattern, re.ASCII)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError("min_length is greater than max_length")
        if (self.pattern is None) != (self.pattern_message is None):
            raise ValueError("pattern and pattern_message come together: the message says what is expected")
        return self

    @property
    def input_limit(self) -> int:
        return self.max_length + 500

    def value_of(self, text: str, today: date) -> str:
        if len(text) > self.max_length:
            raise too_long(self.label, len(text), self.max_length)
        if len(text) < self.min_length:
            raise too_short(self.label, self.min_length)
        if self.pattern and not re.fullmatch(self.pattern, text, re.ASCII):
            raise InvalidAnswer("pattern", str(self.pattern_message))
        return text

    def value_schema(self) -> Schema:
        schema: Schema = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}
        return schema | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


class LongTextField(BaseField):
    type: Literal["long_text"]
    operators: ClassVar[frozenset[str]] = PRESENCE
    min_length: Whole = Field(default=1, ge=1, le=10_000)
    max_length: Whole = Field(default=2000, ge=1, le=10_000)
    rows: Whole = Field(default=5, ge=2, le=30)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError("min_length is greater than max_length")
        return self

    @property
    def input_limit(self) -> int:
        return self.max_length + 2000

    def read(self, form: FormReader, name: str) -> Any:
        return clean_text(form.last(name), self.input_limit) if form.has(name) else None

    def parse(self, raw: object, today: date) -> str | None:
        text = clean_text(raw, self.input_limit)
        if not text:
            return None
        if len(text) > self.max_length:
            raise too_long(self.label, len(text), self.max_length)
        if len(text) < self.min_length:
            raise too_short(self.label, self.min_length)
        return text

    def show(self, value: Any) -> list[str]:
        return str(value).split("\n")

    def value_schema(self) -> Schema:
        return {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}


class EmailField(LineField):
    type: Literal["email"]
    operators: ClassVar[frozenset[str]] = PRESENCE

    def value_of(self, text: str, today: date) -> str:
        try:
            return validate_email(text, check_deliverability=False).normalized
        except (EmailNotValidError, ValueError):
            message = _("Bitte geben Sie eine E-Mail-Adresse wie name@example.org an.")
            raise InvalidAnswer("email", message) from None

    def value_schema(self) -> Schema:
        return {"type": "string", "maxLength": 320, "pattern": "^[^@ ]+@[^@ ]+$"}


class PhoneField(LineField):
    """Stored in international form (E.164). Without a country code a German number is meant."""

    type: Literal["phone"]
    operators: ClassVar[frozenset[str]] = PRESENCE

    def value_of(self, text: str, today: date) -> str:
        try:
            number = phonenumbers.parse(text, "DE")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not _can_be_called(number):
            message = _(
                "Bitte geben Sie eine Telefonnummer mit Vorwahl an, zum Beispiel 06181 123456 "
                "oder +33 1 23456789."
            )
            raise InvalidAnswer("phone", message)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def show(self, value: Any) -> list[str]:
        number = phonenumbers.parse(str(value))
        return [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)]

    def value_schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\+[0-9]{3,20}$"}


def _can_be_called(number: phonenumbers.PhoneNumber) -> bool:
    """Area code and number: the numbering plan would also let a number of two digits pass."""
    return phonenumbers.is_possible_number(number) and len(str(number.national_number)) > 4


class IbanField(LineField):
    type: Literal["iban"]
    operators: ClassVar[frozenset[str]] = PRESENCE

    def value_of(self, text: str, today: date) -> str:
        compact = re.sub(r"[ .\-]", "", text).upper()
        try:
            if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", compact):
                return str(iban.validate(compact))
        except NumberError:
            pass
        message = _(
            "Diese IBAN stimmt nicht. Bitte vergleichen Sie sie mit Ihrer Bankkarte. "
            "Eine deutsche IBAN beginnt mit DE und hat 22 Stellen."
        )
        raise InvalidAnswer("iban", message)

    def show(self, value: Any) -> list[str]:
        return [" ".join(str(value)[start : start + 4] for start in range(0, len(str(value)), 4))]

    def value_schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$"}


class TaxIdField(LineField):
    """Steuerliche Identifikationsnummer (§ 139b AO), checked by its last digit."""

    type: Literal["tax_id"]
    operators: ClassVar[frozenset[str]] = PRESENCE

    def value_of(self, text: str, today: date) -> str:
        compact = re.sub(r"[ ./\-]", "", text)
        try:
            if re.fullmatch(r"[0-9]{11}", compact):
                return str(idnr.validate(compact))
        except NumberError:
            pass
        message = _(
            "Diese Steuer-Identifikationsnummer stimmt nicht. Sie hat 11 Ziffern und steht zum Beispiel "
            "auf Ihrem Steuerbescheid oder Ihrer Lohnsteuerbescheinigung."
        )
        raise InvalidAnswer("tax_id", message)

    def show(self, value: Any) -> list[str]:
        digits = str(value)
        return [" ".join((digits[:2], digits[2:5], digits[5:8], digits[8:]))]

    def value_schema(self) -> Schema:
        return {"type": "string", "pattern": "^[0-9]{11}$"}
