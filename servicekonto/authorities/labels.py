"""Attributes, levels and identity documents in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts.models import AssuranceLevel, PersonalAttribute
from servicekonto.accounts.queries import ATTRIBUTES
from servicekonto.authorities.identity_models import DocumentKind
from servicekonto.web.i18n import show_date

NAMES: dict[str, LazyString] = {
    "salutation": lazy_gettext("Anrede"),
    "given_names": lazy_gettext("Vornamen"),
    "family_name": lazy_gettext("Familienname"),
    "birth_name": lazy_gettext("Geburtsname"),
    "birth_date": lazy_gettext("Geburtsdatum"),
    "birth_place": lazy_gettext("Geburtsort"),
    "address": lazy_gettext("Anschrift"),
    "phone": lazy_gettext("Telefon"),
}
LEVELS: dict[AssuranceLevel, LazyString] = {
    AssuranceLevel.BASIC: lazy_gettext("selbst eingetragen"),
    AssuranceLevel.LOW: lazy_gettext("geprüft, niedrig"),
    AssuranceLevel.SUBSTANTIAL: lazy_gettext("geprüft, substanziell"),
    AssuranceLevel.HIGH: lazy_gettext("geprüft, hoch"),
}
DOCUMENTS: dict[DocumentKind, LazyString] = {
    DocumentKind.IDENTITY_CARD: lazy_gettext("Personalausweis"),
    DocumentKind.PASSPORT: lazy_gettext("Reisepass"),
    DocumentKind.RESIDENCE_PERMIT: lazy_gettext("Aufenthaltstitel"),
}
SALUTATIONS = {"ms": lazy_gettext("Frau"), "mr": lazy_gettext("Herr")}


@dataclass(frozen=True)
class ShownAttribute:
    name: str
    label: LazyString
    value: str
    level: AssuranceLevel


def shown_attributes(attributes: Iterable[PersonalAttribute]) -> list[ShownAttribute]:
    """In the order of the form."""
    found = {attribute.name: attribute for attribute in attributes}
    return [
        ShownAttribute(name, NAMES[name], _shown(name, found[name].value), found[name].level)
        for name in ATTRIBUTES
        if name in found
    ]


def _shown(name: str, value: Any) -> str:
    if name == "birth_date":
        return show_date(date.fromisoformat(value))
    if name == "address":
        street = f"{value.get('street', '')} {value.get('house_number', '')}".strip()
        place = f"{value.get('postcode', '')} {value.get('place', '')}".strip()
        return ", ".join(part for part in (street, place) if part)
    return str(SALUTATIONS.get(value, value)) if name == "salutation" else str(value)
