"""Named blocks that many services share: a person, an address, postcode and place."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from servicekonto.catalogue.definition.fields.base import InvalidAnswer
from servicekonto.catalogue.definition.fields.choices import (
    ChoiceField,
    CountryField,
    CountryOfAddressField,
    Option,
)
from servicekonto.catalogue.definition.fields.composite import CompositeField
from servicekonto.catalogue.definition.fields.dates import DateField
from servicekonto.catalogue.definition.fields.plain import EmailField, PhoneField, TaxIdField, TextField
from servicekonto.catalogue.definition.texts import Slug, Text
from servicekonto.catalogue.definition.texts import gettext as _


def _text(part: str, de: str, en: str, **more: Any) -> TextField:
    return TextField(type="text", id=part, label=Text.of(de, en), **more)


class PostcodePlaceField(CompositeField):
    type: Literal["postcode_place"]

    @cached_property
    def parts(self) -> tuple[Any, ...]:
        return (_postcode(), _place())


def _postcode(*, abroad: bool = False) -> TextField:
    if abroad:
        return _text(
            "postcode", "Postleitzahl", "Postcode", max_length=12, autocomplete="postal-code", width=12
        )
    message = Text.of(
        "Bitte geben Sie eine Postleitzahl mit fünf Ziffern an.", "Please enter a postcode with five digits."
    )
    return _text(
        "postcode",
        "Postleitzahl",
        "Postcode",
        pattern="[0-9]{5}",
        pattern_message=message,
        inputmode="numeric",
        autocomplete="postal-code",
        width=5,
    )


def _place() -> TextField:
    return _text("place", "Ort", "Town", max_length=100, autocomplete="address-level2")


class AddressField(CompositeField):
    """A postal address; ``abroad`` lets people choose a country."""

    type: Literal["address"]
    abroad: bool = False

    @cached_property
    def parts(self) -> tuple[Any, ...]:
        country = CountryOfAddressField(
            type="country", id="country", label=Text.of("Land", "Country"), autocomplete="country"
        )
        addition = _text("addition", "Adresszusatz", "Address supplement", max_length=100, required=False)
        parts = (
            _text("street", "Straße", "Street", max_length=100),
            _text("house_number", "Hausnummer", "House number", max_length=20, width=6),
            addition,
            _postcode(abroad=self.abroad),
            _place(),
        )
        return (*parts, country) if self.abroad else parts

    def check(self, value: Mapping[str, Any]) -> None:
        if value.get("country") != "DE":
            return
        postcode = str(value.get("postcode", "00000"))
        if not (len(postcode) == 5 and postcode.isascii() and postcode.isdigit()):
            message = _("Bitte geben Sie für Deutschland eine Postleitzahl mit fünf Ziffern an.")
            raise InvalidAnswer("postcode", message, part="postcode")


def _sexes() -> tuple[Option, ...]:
    words = (("female", "weiblich", "female"), ("male", "männlich", "male"), ("diverse", "divers", "diverse"))
    options = [Option(value=value, label=Text.of(de, en)) for value, de, en in words]
    none = Option(value="none", label=Text.of("keine Angabe im Register", "no entry in the register"))
    return (*options, none)


def _person_part(part: str, **more: Any) -> Any:
    """The piece of a person block called ``part``."""
    match part:
        case "birth_date":
            words = Text.of("Geburtsdatum", "Date of birth")
            return DateField(type="date", id=part, label=words, max="today", autocomplete="bday", **more)
        case "sex":
            words = Text.of("Geschlecht", "Sex")
            return ChoiceField(type="choice", id=part, label=words, options=_sexes(), **more)
        case "nationality":
            words = Text.of("Staatsangehörigkeit", "Nationality")
            return CountryField(type="country", id=part, label=words, **more)
        case "address":
            return AddressField(type="address", id=part, label=Text.of("Anschrift", "Address"), **more)
        case "email":
            words = Text.of("E-Mail-Adresse", "Email address")
            return EmailField(type="email", id=part, label=words, autocomplete="email", **more)
        case "phone":
            words = Text.of("Telefonnummer", "Telephone number")
            return PhoneField(type="phone", id=part, label=words, autocomplete="tel", **more)
        case "tax_id":
            words = Text.of("Steuer-Identifikationsnummer", "Tax identification number")
            return TaxIdField(type="tax_id", id=part, label=words, sensitive=True, **more)
    de, en, autocomplete = _PERSON_LINES[part]
    return _text(part, de, en, max_length=100, autocomplete=autocomplete, **more)


_PERSON_LINES = {
    "given_names": ("Vornamen", "Given names", "given-name"),
    "family_name": ("Familienname", "Family name", "family-name"),
    "birth_name": ("Geburtsname", "Name at birth", None),
    "doctoral_degree": ("Doktorgrad", "Doctoral degree", None),
    "birth_place": ("Geburtsort", "Place of birth", None),
}
PERSON_PARTS = frozenset(_PERSON_LINES) | {
    "birth_date",
    "sex",
    "nationality",
    "address",
    "email",
    "phone",
    "tax_id",
}


class PersonField(CompositeField):
    """A person, as much of it as the service needs; what is ``optional`` may be left empty."""

    type: Literal["person"]
    include: tuple[Slug, ...] = Field(min_length=1)
    optional: tuple[Slug, ...] = ()
    labels: dict[Slug, Text] = Field(default_factory=dict)
    hints: dict[Slug, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_parts(self) -> Self:
        for name in self.include:
            if name not in PERSON_PARTS:
                raise ValueError(f"a person has no '{name}'; choose from {', '.join(sorted(PERSON_PARTS))}")
        for name in (*self.optional, *self.labels, *self.hints):
            if name not in self.include:
                raise ValueError(f"'{name}' is not in 'include'; add it there or remove it here")
        if len(set(self.include)) != len(self.include):
            raise ValueError("'include' names a part twice")
        return self

    @cached_property
    def parts(self) -> tuple[Any, ...]:
        return tuple(self._part(name) for name in self.include)

    def _part(self, name: str) -> Any:
        part = _person_part(name, required=name not in self.optional)
        label = self.labels.get(part.id, part.label)
        hint = self.hints.get(part.id)
        prefill = f"account.{part.id}" if self.prefill else None
        own_words = self.prefill is not None  # somebody else's name must not be completed by the browser
        autocomplete = part.autocomplete if own_words else None
        return part.model_copy(
            update={"label": label, "hint": hint, "prefill": prefill, "autocomplete": autocomplete}
        )
