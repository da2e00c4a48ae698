"""Which facts about a person go out under which name. To add a claim: one row, and another ``VERSION``.

A claim leaves at the lower of the level at which the fact was verified and the level of this sign-in
(TR-03160-1 § 6). Where that can be more than *low*, ``claim_levels`` says it of each fact; and a website that
demands a minimum gets no fact below it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.accounts import queries
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import retention
from servicekonto.oidc import assurance
from servicekonto.web.i18n import show_date

Values = Mapping[str, Any]

OFFLINE_ACCESS = "offline_access"
VERSION = 2
"""Of what scopes mean. Another one asks everybody again who has agreed to what they meant before."""
LEVELS = "claim_levels"


@dataclass(frozen=True)
class Claim:
    """``value`` from the attributes of the account; None leaves the claim out.

    ``facts``: the attributes it is made of; it is as sure as the least sure of them. Ways to reach somebody
    have none: no document says them, and another claim tells whether they are confirmed (OpenID Connect
    Core § 5.1).
    """

    name: str
    scope: str
    label: LazyString
    value: Callable[[Values], object]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """Of a person: the ``values`` of the attributes, and ``email``; and the ``levels`` of the attributes."""

    values: Values
    levels: Mapping[str, AssuranceLevel]

    def level_of(self, claim: Claim) -> AssuranceLevel | None:
        """None of what has no level, and of what nobody has entered."""
        found = [self.levels[name] for name in claim.facts if name in self.levels]
        return min(found, key=assurance.rank, default=None)

    def keeps(self, claim: Claim, minimum: AssuranceLevel) -> bool:
        """Below the ``minimum`` of a website a fact stays here; nothing is below *low*."""
        if minimum is AssuranceLevel.LOW:
            return False
        level = self.level_of(claim)
        return level is not None and not assurance.published(level).reaches(minimum)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """``sign_in``: the level that is published; nothing is surer. ``minimum``: of the website."""

    sign_in: AssuranceLevel
    minimum: AssuranceLevel


@dataclass(frozen=True)
class Shown:
    """A value as a person reads it. ``remark``: whether it is checked, or stays here."""

    text: str
    remark: LazyString | None


def _attribute(name: str) -> Callable[[Values], object]:
    return lambda values: values.get(name)


def _never_confirmed(values: Values) -> bool | None:
    return False if values.get("phone") else None


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
    Claim("name", "profile", _("Name"), _full_name, ("given_names", "family_name")),
    Claim("given_name", "profile", _("Vornamen"), _attribute("given_names"), ("given_names",)),
    Claim("family_name", "profile", _("Familienname"), _attribute("family_name"), ("family_name",)),
    Claim("birthdate", "profile", _("Geburtsdatum"), _attribute("birth_date"), ("birth_date",)),
    Claim("email", "email", _("E-Mail-Adresse"), _attribute("email")),
    Claim("email_verified", "email", _("E-Mail-Adresse bestätigt"), lambda values: bool(values.get("email"))),
    Claim("address", "address", _("Anschrift"), _address, ("address",)),
    Claim("phone_number", "phone", _("Telefon"), _attribute("phone")),
    Claim("phone_number_verified", "phone", _("Telefonnummer bestätigt"), _never_confirmed),
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


def known_of(account: Account) -> Known:
    return Known(
        {**queries.attribute_values(account), "email": account.email},
        {attribute.name: attribute.level for attribute in account.attributes},
    )


def released(known: Known, names: Collection[str], terms: Terms) -> dict[str, object]:
    """Name to value, of what is known and may leave; above *low* with ``claim_levels``."""
    leaving = [claim for claim in CLAIMS if claim.name in names and not known.keeps(claim, terms.minimum)]
    values = {claim.name: claim.value(known.values) for claim in leaving}
    found = {name: value for name, value in values.items() if value is not None}
    if terms.sign_in is AssuranceLevel.LOW:
        return found
    levels = {name: level for name in found if (level := _told(known, BY_NAME[name], terms)) is not None}
    return {**found, LEVELS: levels} if levels else found


def _told(known: Known, claim: Claim, terms: Terms) -> str | None:
    level = known.level_of(claim)
    return assurance.URIS[assurance.lower(level, terms.sign_in)] if level is not None else None


def shown_of_scope(known: Known, scope: str, *, minimum: AssuranceLevel) -> list[Shown]:
    """The values that would go out, and those that would if they were checked."""
    names = names_of({scope}) - {"email_verified", "phone_number_verified"} - _said_twice(known)
    return [shown for claim in CLAIMS if claim.name in names for shown in _shown(known, claim, minimum)]


def shown_of_claim(known: Known, name: str, *, minimum: AssuranceLevel) -> list[Shown]:
    return _shown(known, BY_NAME[name], minimum)


def _said_twice(known: Known) -> set[str]:
    """The parts of the name, or the whole when the one is surer than the other."""
    parts = {"given_name", "family_name"}
    return {"name"} if len({known.level_of(BY_NAME[name]) for name in parts} - {None}) > 1 else parts


def _shown(known: Known, claim: Claim, minimum: AssuranceLevel) -> list[Shown]:
    value = claim.value(known.values)
    if value is None:
        return []
    return [Shown(_text(claim.name, value), _remark(known, claim, minimum))]


def _remark(known: Known, claim: Claim, minimum: AssuranceLevel) -> LazyString | None:
    if known.keeps(claim, minimum):
        return _("noch nicht geprüft, wird nicht übermittelt")
    if claim.name in _OF_CONTACTS:
        return _OF_CONTACTS[claim.name]
    level = known.level_of(claim) or AssuranceLevel.BASIC
    return _("geprüft") if level.reaches(AssuranceLevel.SUBSTANTIAL) else _OWN


_OWN = _("Ihre eigene Angabe")
_OF_CONTACTS: dict[str, LazyString | None] = {
    "email": _("bestätigt"),
    "email_verified": None,
    "phone_number": _OWN,
    "phone_number_verified": None,
}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(gettext("ja") if value else gettext("nein"))
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    return show_date(date.fromisoformat(str(value))) if name == "birthdate" else str(value)
