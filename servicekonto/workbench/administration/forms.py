"""What an administrator of an authority types. Syntax only; the rules are in the commands."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from urllib.parse import urlsplit

import phonenumbers
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
    ValidationError,
)
from wtforms.validators import DataRequired, Optional

from servicekonto.accounts import addresses
from servicekonto.accounts.date_field import AnyDatePartsField
from servicekonto.accounts.forms import HOME_REGION, Text
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import Unit

ROLE_NAMES: dict[Role, LazyString] = {
    Role.CLERK: _("Sachbearbeitung"),
    Role.APPROVER: _("Freigabe von Entscheidungen"),
    Role.AUTHORITY_ADMINISTRATOR: _("Verwaltung der Behörde"),
    Role.IDENTITY_OFFICER: _("Ausweisprüfung"),
}
ROLE_HINTS: dict[Role, LazyString] = {
    Role.CLERK: _("Bearbeitet Anträge der eigenen Stellen."),
    Role.APPROVER: _("Bearbeitet Anträge und gibt frei, was andere vorschlagen."),
    Role.AUTHORITY_ADMINISTRATOR: _("Lädt Personen ein, vergibt Rollen, schaltet Leistungen frei."),
    Role.IDENTITY_OFFICER: _("Sieht am Schalter Ausweise und bestätigt Angaben in Konten."),
}

LONGEST_OPENING_HOURS = 500
MOST_PLACES = 100_000
INVISIBLE = frozenset({"Cc", "Cs", "Co"})


def _stripped(text: str | None) -> str:
    return unicodedata.normalize("NFC", (text or "").strip())


# Fields stand in the order they are made in, here and in the summary of errors: the address comes first.
_FIRST_FIELD = EmailField(
    _("Dienstliche E-Mail-Adresse"),
    [DataRequired(_("Geben Sie die E-Mail-Adresse ein."))],
    filters=[_stripped],
)


class StaffForm(FlaskForm):  # type: ignore[misc]
    display_name = StringField(
        _("Name, wie Kolleginnen und Kollegen ihn sehen"),
        [DataRequired(_("Geben Sie den Namen ein.")), Text(120)],
        filters=[_stripped],
    )
    roles = SelectMultipleField(_("Rollen"))
    units = SelectMultipleField(_("Stellen"))

    def __init__(self, of_authority: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self.roles.choices = [(role.value, ROLE_NAMES[role], ROLE_HINTS[role]) for role in Role]
        self.units.choices = [(str(unit.id), unit.name) for unit in of_authority]
        self._units = {str(unit.id): unit for unit in of_authority}

    @property
    def name(self) -> str:
        return self.display_name.data or ""

    @property
    def chosen_roles(self) -> list[Role]:
        return [Role(role) for role in self.roles.data or ()]

    @property
    def chosen_units(self) -> list[Unit]:
        return [self._units[unit_id] for unit_id in self.units.data or ()]

    def validate_roles(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(gettext("Bitte wählen Sie mindestens eine Rolle."))

    def validate_units(self, field: SelectMultipleField) -> None:
        if not field.data and {Role.CLERK.value, Role.APPROVER.value} & set(self.roles.data or ()):
            raise ValidationError(gettext("Bitte wählen Sie mindestens eine Stelle für die Bearbeitung."))


class InvitationForm(StaffForm):
    email = _FIRST_FIELD

    def validate_email(self, field: EmailField) -> None:
        self.address = _address(field)


class OfferForm(FlaskForm):  # type: ignore[misc]
    unit = SelectField(_("Diese Stelle bearbeitet die Anträge"))
    online_from = AnyDatePartsField(_("Online ab"))
    online_until = AnyDatePartsField(_("Letzter Tag"))

    def __init__(self, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self.unit.choices = [(str(unit.id), unit.name) for unit in units]
        self._units = {str(unit.id): unit for unit in units}

    @property
    def chosen_unit(self) -> Unit:
        return self._units[self.unit.data]

    @property
    def first_day(self) -> date:
        """Only of a valid form."""
        return cast(date, self.online_from.data)

    def validate_online_from(self, field: AnyDatePartsField) -> None:
        if field.data is None:
            raise ValidationError(gettext("Geben Sie den ersten Tag ein."))


class PlacesForm(FlaskForm):  # type: ignore[misc]
    capacity = StringField(_("Zahl der Plätze"), filters=[_stripped])

    @property
    def number(self) -> int:
        """Only of a valid form."""
        return int(self.capacity.data or "")

    def validate_capacity(self, field: StringField) -> None:
        text = field.data or ""
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MOST_PLACES):
            raise ValidationError(
                gettext("Geben Sie eine ganze Zahl von 0 bis %(most)s ein.", most=MOST_PLACES)
            )


class ContactForm(FlaskForm):  # type: ignore[misc]
    street = StringField(
        _("Straße und Hausnummer oder Postfach"), [Optional(), Text(120)], filters=[_stripped]
    )
    postcode = StringField(
        _("Postleitzahl"), [DataRequired(_("Geben Sie die Postleitzahl ein."))], filters=[_stripped]
    )
    city = StringField(_("Ort"), [DataRequired(_("Geben Sie den Ort ein.")), Text(120)], filters=[_stripped])
    telephone = TelField(_("Telefon"), [Optional(), Text(60)], filters=[_stripped])
    email = EmailField(_("E-Mail-Adresse"), [Optional()], filters=[_stripped])
    website = URLField(_("Internetseite"), [Optional(), Text(200)], filters=[_stripped])
    opening_hours = TextAreaField(_("Öffnungszeiten"), [Optional()], filters=[_stripped])

    def validate_postcode(self, field: StringField) -> None:
        text = field.data or ""
        if not (len(text) == 5 and text.isascii() and text.isdigit()):
            raise ValidationError(gettext("Eine deutsche Postleitzahl hat fünf Ziffern."))

    def validate_telephone(self, field: TelField) -> None:
        try:
            number = phonenumbers.parse(field.data or "", HOME_REGION)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(
                gettext("Prüfen Sie die Telefonnummer. Sie sieht zum Beispiel so aus: 06181 123456")
            )

    def validate_email(self, field: EmailField) -> None:
        field.data = _address(field)

    def validate_website(self, field: URLField) -> None:
        if not _is_website(field.data or ""):
            raise ValidationError(
                gettext(
                    "Prüfen Sie die Internetseite. Sie sieht zum Beispiel so aus: https://www.example.org"
                )
            )

    def validate_opening_hours(self, field: TextAreaField) -> None:
        """Lines of plain text."""
        field.data = "\n".join(line.strip() for line in (field.data or "").splitlines())
        if len(field.data) > LONGEST_OPENING_HOURS:
            raise ValidationError(
                gettext("Das ist zu lang. Möglich sind %(longest)s Zeichen.", longest=LONGEST_OPENING_HOURS)
            )
        if any(unicodedata.category(sign) in INVISIBLE for sign in field.data if sign != "\n"):
            raise ValidationError(gettext("Hier steht ein Zeichen, das man nicht sehen kann."))

    @property
    def contact(self) -> Mapping[str, str | None]:
        return {field.name: field.data or None for field in self if field.name != "csrf_token"}


def refuse(form: FlaskForm, errors: Mapping[str, str]) -> None:
    """What a command found, beside its field, or above the form."""
    for name, sentence in errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)


def _address(field: Field) -> str:
    address = addresses.normalised(field.data or "")
    if address is None:
        raise ValidationError(
            gettext("Prüfen Sie die E-Mail-Adresse. Sie sieht zum Beispiel so aus: name@example.org")
        )
    return address


def _is_website(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and parts.username is None
    except ValueError:
        return False
