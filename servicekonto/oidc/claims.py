"""Which facts about a person go out under which name. To add a claim: one row, and another ``VERSION``.

A claim leaves at the lower of the level at which the fact was verified and the level of this sign-in
(TR-03160-1 § 6). ``verified_claims`` come later; until then a claim is a claim, and its level is not told.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.accounts import queries
from servicekonto.accounts.models import Account
from servicekonto.core import retention
from servicekonto.web.i18n import show_date

Values = Mapping[str, Any]

OFFLINE_ACCESS = "offline_access"
VERSION = 1
"""Of what scopes mean. Another one asks everybody again who has agreed to what they meant before."""


@dataclass(frozen=True)
class Claim:
    """``value`` from the attributes of the account; None leaves the claim out."""

    name: str
    scope: str
    label: LazyString
    value: Callable[[Values], object]


def _attribute(name: str) -> Callable[[Values], object]:
    return lambda values: values.get(name)


def _full_name(values: Values) -> str | None:
    parts = (values.get("given_names"), values.get("family_name"))
    return " ".join(str(part) for part in parts if part) or None


def _address(values: Values) -> object:
    """OpenID Connect Core § 5.1.1."""
    address = values.get("address")
    if not address:
        return None
    street = f"{address.get('street', '')} {address.get('house_number', '')}".strip()
    found = {
        "street_address": street,
        "postal_code": address.get("postcode"),
        "locality": address.get("place"),
        "country": address.get("country"),
    }
    return {name: value for name, value in found.items() if value}


CLAIMS: tuple[Claim, ...] = (
    Claim("name", "profile", _("Name"), _full_name),
    Claim("given_name", "profile", _("Vornamen"), _attribute("given_names")),
    Claim("family_name", "profile", _("Familienname"), _attribute("family_name")),
    Claim("birthdate", "profile", _("Geburtsdatum"), _attribute("birth_date")),
    Claim("email", "email", _("E-Mail-Adresse"), _attribute("email")),
    Claim("email_verified", "email", _("E-Mail-Adresse bestätigt"), lambda values: bool(values.get("email"))),
    Claim("address", "address", _("Anschrift"), _address),
    Claim("phone_number", "phone", _("Telefon"), _attribute("phone")),
)
SCOPES: dict[str, LazyString] = {
    "openid": _("Kennung"),
    "profile": _("Name und Geburtsdatum"),
    "email": _("E-Mail-Adresse"),
    "address": _("Anschrift"),
    "phone": _("Telefonnummer"),
    OFFLINE_ACCESS: _(
        "Diese Angaben auch abrufen, wenn Sie nicht angemeldet sind, bis zu %(days)s Tage lang",
        days=retention.OFFLINE_ACCESS.kept.days,
    ),
}
BY_NAME = {claim.name: claim for claim in CLAIMS}
BY_SCOPE: dict[str, tuple[str, ...]] = {
    scope: tuple(claim.name for claim in CLAIMS if claim.scope == scope) for scope in SCOPES
} | {"openid": ("sub",)}
"""The claims about a person that each scope asks for (OpenID Connect Core § 5.4)."""


def names_of(scopes: Collection[str]) -> frozenset[str]:
    return frozenset(claim.name for claim in CLAIMS if claim.scope in scopes)


def values_of(account: Account, names: Collection[str]) -> dict[str, object]:
    """Name to value, of what is known."""
    return claims_from({**queries.attribute_values(account), "email": account.email}, names) if names else {}


def claims_from(values: Values, names: Collection[str]) -> dict[str, object]:
    """``values``: of the attributes, and ``email``."""
    found = ((claim.name, claim.value(values)) for claim in CLAIMS if claim.name in names)
    return {name: value for name, value in found if value is not None}


def texts_of_scope(account: Account, scope: str) -> list[str]:
    """The values that would go out, as a person reads them."""
    found = values_of(account, names_of({scope}))
    found.pop("email_verified", None)
    if "name" in found:
        found = {name: value for name, value in found.items() if name in {"name", "birthdate"}}
    return [_text(name, value) for name, value in found.items()]


def texts_of_claim(account: Account, name: str) -> list[str]:
    return [_text(name, value) for value in values_of(account, {name}).values()]


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(gettext("ja") if value else gettext("nein"))
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    return show_date(date.fromisoformat(str(value))) if name == "birthdate" else str(value)
