"""Fields answered by choosing: one option, several, yes or no, a country, a declaration."""

from datetime import date
from functools import cache
from typing import Any, ClassVar, Literal, Self

from babel import Locale
from flask_babel import get_locale
from pydantic import Field, model_validator

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, InvalidAnswer, Schema
from servicekonto.catalogue.definition.fields.plain import PRESENCE, TEXT_OPERATORS
from servicekonto.catalogue.definition.texts import Model, Slug, Text, Whole
from servicekonto.catalogue.definition.texts import gettext as _


class Option(Model):
    value: Slug
    label: Text
    hint: Text | None = None


def _distinct(options: tuple[Option, ...]) -> None:
    values = [option.value for option in options]
    repeated = next((value for value in values if values.count(value) > 1), None)
    if repeated:
        raise ValueError(f"option '{repeated}' occurs twice; give each option its own value")


def unknown_option(label: Text) -> InvalidAnswer:
    message = _("Bitte wählen Sie bei „%(label)s“ eine der angebotenen Antworten.", label=str(label))
    return InvalidAnswer("unknown_option", message)


class ChoiceField(BaseField):
    type: Literal["choice"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS
    options: tuple[Option, ...] = Field(min_length=2, max_length=200)
    display: Literal["radio", "select"] = "radio"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _distinct(self.options)
        return self

    @property
    def choices(self) -> list[tuple[str, Text, Text | None]]:
        return [(option.value, option.label, option.hint) for option in self.options]

    def parse(self, raw: object, today: date) -> str | None:
        text = clean_line(raw, 100)
        if not text:
            return None
        if text not in {option.value for option in self.options}:
            raise unknown_option(self.label)
        return text

    def show(self, value: Any) -> list[str]:
        return [str(option.label) for option in self.options if option.value == value]

    def value_schema(self) -> Schema:
        return {"enum": [option.value for option in self.options]}

    def missing_message(self) -> str:
        return _("Bitte wählen Sie eine Antwort: „%(label)s“.", label=str(self.label))


class MultipleChoiceField(BaseField):
    type: Literal["multiple_choice"]
    operators: ClassVar[frozenset[str]] = PRESENCE | {"contains", "at_least", "at_most"}
    options: tuple[Option, ...] = Field(min_length=1, max_length=200)
    min_chosen: Whole = Field(default=1, ge=1)
    max_chosen: Whole | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _distinct(self.options)
        if self.min_chosen > len(self.options) or self.min_chosen > (self.max_chosen or len(self.options)):
            raise ValueError("min_chosen is greater than max_chosen or than the number of options")
        return self

    @property
    def choices(self) -> list[tuple[str, Text, Text | None]]:
        return [(option.value, option.label, option.hint) for option in self.options]

    def read(self, form: FormReader, name: str) -> Any:
        if not form.showed_boxes(name):
            return None
        return [clean_line(text, 100) for text in form.all(name)[: len(self.options) + 1] if text]

    def parse(self, raw: object, today: date) -> list[str] | None:
        given = {clean_line(text, 100) for text in raw} - {""} if isinstance(raw, list) else set()
        if not given:
            return None
        chosen = [option.value for option in self.options if option.value in given]
        if len(chosen) != len(given):
            raise unknown_option(self.label)
        if len(chosen) < self.min_chosen:
            message = _(
                "Bitte wählen Sie bei „%(label)s“ mindestens %(count)s Antworten.",
                label=str(self.label),
                count=self.min_chosen,
            )
            raise InvalidAnswer("too_few", message)
        if self.max_chosen and len(chosen) > self.max_chosen:
            message = _(
                "Bitte wählen Sie bei „%(label)s“ höchstens %(count)s Antworten.",
                label=str(self.label),
                count=self.max_chosen,
            )
            raise InvalidAnswer("too_many", message)
        return chosen

    def to_raw(self, value: Any) -> list[str]:
        return [str(chosen) for chosen in value]

    def show(self, value: Any) -> list[str]:
        return [str(option.label) for option in self.options if option.value in value]

    def value_schema(self) -> Schema:
        items = {"enum": [option.value for option in self.options]}
        most = min(self.max_chosen or len(self.options), len(self.options))
        return {
            "type": "array",
            "items": items,
            "uniqueItems": True,
            "minItems": self.min_chosen,
            "maxItems": most,
        }

    def missing_message(self) -> str:
        return _("Bitte wählen Sie mindestens eine Antwort: „%(label)s“.", label=str(self.label))


YES, NO = Text.of("Ja", "Yes"), Text.of("Nein", "No")


class YesNoField(BaseField):
    type: Literal["yes_no"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS
    yes_label: Text = YES
    no_label: Text = NO

    @property
    def choices(self) -> list[tuple[str, Text, Text | None]]:
        return [("yes", self.yes_label, None), ("no", self.no_label, None)]

    def parse(self, raw: object, today: date) -> bool | None:
        text = clean_line(raw, 100)
        if text not in ("", "yes", "no"):
            raise unknown_option(self.label)
        return text == "yes" if text else None

    def to_raw(self, value: Any) -> str:
        return "yes" if value else "no"

    def show(self, value: Any) -> list[str]:
        return [str(self.yes_label if value else self.no_label)]

    def value_schema(self) -> Schema:
        return {"type": "boolean"}

    def missing_message(self) -> str:
        return _("Bitte wählen Sie Ja oder Nein: „%(label)s“.", label=str(self.label))


class DeclarationField(BaseField):
    """A sentence to confirm with a tick. The label is the sentence."""

    type: Literal["declaration"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS

    def read(self, form: FormReader, name: str) -> Any:
        return form.line(name, 10) if form.showed_boxes(name) else None

    def parse(self, raw: object, today: date) -> bool | None:
        return True if clean_line(raw, 10) == "yes" else None

    def to_raw(self, value: Any) -> str:
        return "yes" if value else ""

    def show(self, value: Any) -> list[str]:
        return [_("Ja, bestätigt")]

    def value_schema(self) -> Schema:
        return {"const": True}

    def missing_message(self) -> str:
        return _(
            "Bitte bestätigen Sie: „%(label)s“", label=str(self.label)
        )  # the label ends with its own stop


# Territories in the CLDR list that are no countries people are citizens of or live in.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@cache
def countries(language: str) -> dict[str, str]:
    """ISO 3166 code → name, Germany first, the others by name."""
    names = {
        code: name
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }
    first = {"DE": names.pop("DE")}
    return first | dict(sorted(names.items(), key=lambda item: _sort_key(item[1])))


def _sort_key(name: str) -> str:
    return name.lower().translate(str.maketrans("äöüåéç", "aouaec")).replace("ß", "ss")


def _country_names() -> dict[str, str]:
    locale = get_locale()
    return countries(locale.language if locale and locale.language in ("de", "en") else "de")


class CountryField(BaseField):
    """A country of the world; ISO 3166 alpha-2 in the value."""

    type: Literal["country"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS
    shown_first: ClassVar[str] = ""

    @property
    def choices(self) -> list[tuple[str, str, None]]:
        return [(code, name, None) for code, name in _country_names().items()]

    @property
    def display(self) -> str:
        return "select"

    def parse(self, raw: object, today: date) -> str | None:
        text = clean_line(raw, 100).upper()
        if not text:
            return None
        if text not in countries("de"):
            raise unknown_option(self.label)
        return text

    def show(self, value: Any) -> list[str]:
        return [_country_names()[str(value)]]

    def value_schema(self) -> Schema:
        return {"enum": sorted(countries("de"))}

    def missing_message(self) -> str:
        return _("Bitte wählen Sie ein Land: „%(label)s“.", label=str(self.label))


class CountryOfAddressField(CountryField):
    """Most letters stay in the country: it is chosen already when the page is first shown."""

    shown_first: ClassVar[str] = "DE"
