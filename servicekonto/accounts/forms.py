"""The forms of the account pages: syntax only. What makes a good password says ``password_policy``."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import phonenumbers
from babel import Locale
from flask_babel import get_locale, lazy_gettext
from flask_babel.speaklater import LazyString
from wtforms import (
    EmailField,
    Field,
    Form,
    PasswordField,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional

from servicekonto.accounts import addresses
from servicekonto.accounts.date_field import DatePartsField

HOME_REGION = "DE"
# Two-letter codes of the language data that are unions, parts of countries or test values.
NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


class Text:
    """Printable, and not longer than ``longest``."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, _form: Form, field: Field) -> None:
        text = field.data or ""
        if len(text) > self.longest:
            raise ValidationError(
                lazy_gettext("Das ist zu lang. Möglich sind %(longest)s Zeichen.", longest=self.longest)
            )
        if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in text):
            raise ValidationError(
                lazy_gettext("Hier steht ein Zeichen, das man nicht sehen kann. Geben Sie den Text neu ein.")
            )


def _stripped(text: str | None) -> str:
    return unicodedata.normalize("NFC", (text or "").strip())


class AccountForm(Form):
    class Meta:
        locales = ("de",)


def _email_field() -> EmailField:
    missing = lazy_gettext("Geben Sie Ihre E-Mail-Adresse ein.")
    return EmailField(lazy_gettext("E-Mail-Adresse"), [InputRequired(missing)], filters=[_stripped])


def _password_field(label: LazyString, missing: LazyString) -> PasswordField:
    return PasswordField(label, [InputRequired(missing)])


class EmailForm(AccountForm):
    """Asks for an address: forgotten password, confirmation link once more."""

    email = _email_field()

    def validate_email(self, field: EmailField) -> None:
        address = addresses.normalised(field.data or "")
        if address is None:
            raise ValidationError(
                lazy_gettext("Prüfen Sie die E-Mail-Adresse. Sie sieht zum Beispiel so aus: name@example.org")
            )
        self.address = address


class RegistrationForm(EmailForm):
    password = _password_field(lazy_gettext("Passwort"), lazy_gettext("Geben Sie ein Passwort ein."))


class SignInForm(EmailForm):
    """``code``: of an app or from paper, for whoever has set that up."""

    password = _password_field(lazy_gettext("Passwort"), lazy_gettext("Geben Sie Ihr Passwort ein."))
    code = StringField(lazy_gettext("Einmalcode"), [Optional(), Text(60)], filters=[_stripped])


class ConfirmForm(AccountForm):
    """Who is signed in proves it again. ``assertion``: a passkey's answer, which needs no password."""

    password = PasswordField(lazy_gettext("Passwort"))
    code = StringField(lazy_gettext("Einmalcode"), [Optional(), Text(60)], filters=[_stripped])
    assertion = StringField(default="")

    def validate_password(self, field: PasswordField) -> None:
        if not field.data and not self.assertion.data:
            raise ValidationError(lazy_gettext("Geben Sie Ihr Passwort ein."))


class FactorNameForm(AccountForm):
    name = StringField(
        lazy_gettext("Name"),
        [InputRequired(lazy_gettext("Geben Sie einen Namen ein.")), Text(60)],
        filters=[_stripped],
    )


class CodeForm(AccountForm):
    code = StringField(
        lazy_gettext("Code"),
        [InputRequired(lazy_gettext("Geben Sie den Code ein.")), Text(60)],
        filters=[_stripped],
    )


class PasskeyForm(FactorNameForm):
    """``answer``: of ``navigator.credentials.create``, as JSON."""

    answer = StringField(default="")


def _new_password_field() -> PasswordField:
    return _password_field(lazy_gettext("Neues Passwort"), lazy_gettext("Geben Sie ein neues Passwort ein."))


class NewPasswordForm(AccountForm):
    new_password = _new_password_field()


class ChangePasswordForm(AccountForm):
    current_password = _password_field(
        lazy_gettext("Jetziges Passwort"), lazy_gettext("Geben Sie Ihr jetziges Passwort ein.")
    )
    new_password = _new_password_field()


class PersonalDataForm(AccountForm):
    """Everything is optional: it is kept to be filled into forms later."""

    salutation = SelectField(lazy_gettext("Anrede"), validate_choice=True)
    given_names = StringField(lazy_gettext("Vornamen"), [Optional(), Text(120)], filters=[_stripped])
    family_name = StringField(lazy_gettext("Familienname"), [Optional(), Text(120)], filters=[_stripped])
    birth_name = StringField(lazy_gettext("Geburtsname"), [Optional(), Text(120)], filters=[_stripped])
    birth_date = DatePartsField(lazy_gettext("Geburtsdatum"))
    birth_place = StringField(lazy_gettext("Geburtsort"), [Optional(), Text(120)], filters=[_stripped])
    street = StringField(lazy_gettext("Straße"), [Optional(), Text(120)], filters=[_stripped])
    house_number = StringField(lazy_gettext("Hausnummer"), [Optional(), Text(20)], filters=[_stripped])
    postcode = StringField(lazy_gettext("Postleitzahl"), [Optional(), Text(12)], filters=[_stripped])
    place = StringField(lazy_gettext("Ort"), [Optional(), Text(120)], filters=[_stripped])
    country = SelectField(lazy_gettext("Staat"), default=HOME_REGION)
    phone = TelField(lazy_gettext("Telefon"), [Optional(), Text(40)], filters=[_stripped])

    def __init__(self, formdata: Any = None, **values: Any) -> None:
        super().__init__(formdata, **values)
        self.salutation.choices = SALUTATIONS
        self.country.choices = countries()

    def validate_postcode(self, field: StringField) -> None:
        text = field.data or ""
        if self.country.data == HOME_REGION and not (len(text) == 5 and text.isascii() and text.isdigit()):
            raise ValidationError(lazy_gettext("Eine deutsche Postleitzahl hat fünf Ziffern."))

    def validate_phone(self, field: TelField) -> None:
        if _phone(field.data or "") is None:
            raise ValidationError(
                lazy_gettext("Prüfen Sie die Telefonnummer. Sie sieht zum Beispiel so aus: 06181 123456")
            )

    def attributes(self) -> dict[str, object]:
        """As ``commands.save_personal_data`` takes them."""
        born = self.birth_date.data
        address = {
            name: self[name].data or "" for name in ("street", "house_number", "postcode", "place", "country")
        }
        has_address = any(value for name, value in address.items() if name != "country")
        return {
            **{name: self[name].data or None for name in _PLAIN},
            "birth_date": born.isoformat() if born else None,
            "address": address if has_address else None,
            "phone": _phone(self.phone.data or ""),
        }

    def field_of(self, attribute: str) -> Field:
        return self["street" if attribute == "address" else attribute]


_PLAIN = ("salutation", "given_names", "family_name", "birth_name", "birth_place")

SALUTATIONS: Sequence[tuple[str, LazyString]] = (
    ("", lazy_gettext("Keine Angabe")),
    ("ms", lazy_gettext("Frau")),
    ("mr", lazy_gettext("Herr")),
)


def form_values(attributes: dict[str, Any]) -> dict[str, Any]:
    """From stored attributes to the fields of ``PersonalDataForm``."""
    return attributes | (attributes.get("address") or {})


def countries() -> list[tuple[str, str]]:
    """ISO 3166-1 codes and names, the home country first."""
    locale = get_locale() or Locale("de")
    names = [(code, name) for code, name in locale.territories.items() if _is_country(code)]
    return sorted(names, key=lambda entry: (entry[0] != HOME_REGION, _sort_key(entry[1])))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code not in NO_COUNTRIES


def _sort_key(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()


def _phone(text: str) -> str | None:
    """E.164, such as +496181123456."""
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
