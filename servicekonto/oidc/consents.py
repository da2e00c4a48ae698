"""What a person lets a website have: what is asked, what was allowed before, what goes out this time."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.accounts import levels
from servicekonto.accounts.models import Account, AssuranceLevel, PersonalAttribute
from servicekonto.core.db import db
from servicekonto.oidc import claims
from servicekonto.oidc.authorization import AuthorizationRequest
from servicekonto.oidc.client_models import Client, SubjectType
from servicekonto.oidc.models import WebsiteConsent


@dataclass(frozen=True)
class Standing:
    """What is known about a person with regard to a website."""

    identity_level: AssuranceLevel
    consent: WebsiteConsent | None


@dataclass(frozen=True)
class Offer:
    """A line of the consent page. ``kind`` is the name of the form's field. ``values``: none, when the
    account knows nothing about it. ``is_needed``: it cannot be left out.
    """

    kind: str
    name: str
    label: LazyString
    values: list[claims.Shown]
    is_chosen: bool
    is_needed: bool = False

    @property
    def has_values(self) -> bool:
        """Some scopes allow something and tell nothing."""
        return self.kind == "claims" or bool(claims.BY_SCOPE[self.name])


def standing(account: Account, client: Client) -> Standing:
    """In one statement."""
    values = {"account_id": account.id, "client_row_id": client.id}
    level, found = db.session.execute(_standing(), values).one()
    return Standing(level or AssuranceLevel.BASIC, found)


@functools.cache
def _standing() -> sa.Select[AssuranceLevel | None, WebsiteConsent | None]:
    identity = sa.and_(
        PersonalAttribute.account_id == Account.id, PersonalAttribute.name == levels.IDENTIFYING
    )
    consent = sa.and_(
        WebsiteConsent.account_id == Account.id,
        WebsiteConsent.client_id == sa.bindparam("client_row_id"),
        WebsiteConsent.withdrawn_at.is_(None),
    )
    return (
        sa.select(PersonalAttribute.level, WebsiteConsent)
        .select_from(Account)
        .outerjoin(PersonalAttribute, identity)
        .outerjoin(WebsiteConsent, consent)
        .where(Account.id == sa.bindparam("account_id"))
        .order_by(WebsiteConsent.given_at.desc())
        .limit(1)
    )


def covers(consent: WebsiteConsent | None, asked: AuthorizationRequest) -> bool:
    """Nothing that was not asked before, and nothing left out that the website now cannot do without."""
    if consent is None or consent.version != claims.VERSION:
        return False
    known = claims.names_of(consent.asked) | set(consent.asked_claims)
    return (
        set(asked.scopes) <= set(consent.asked)
        and set(asked.claims.names) <= known
        and asked.claims.essential <= _allowed(consent)
    )


def granted_scopes(consent: WebsiteConsent, asked: AuthorizationRequest) -> set[str]:
    return set(consent.scopes) & set(asked.scopes)


def granted_claims(consent: WebsiteConsent, asked: AuthorizationRequest) -> dict[str, list[str]] | None:
    return asked.claims.allowed(_allowed(consent))


def _allowed(consent: WebsiteConsent) -> frozenset[str]:
    return claims.names_of(consent.scopes) | set(consent.claims)


def offers(
    account: Account, asked: AuthorizationRequest, consent: WebsiteConsent | None
) -> tuple[list[Offer], list[Offer]]:
    """What the website cannot do without, and what may be left out. Nothing is chosen that this person has
    not allowed this website before.
    """
    known, minimum = claims.known_of(account), asked.client.min_level
    before = set(consent.scopes) if consent else set()
    scopes = [
        Offer(
            "scopes",
            name,
            label,
            claims.shown_of_scope(known, name, minimum=minimum),
            is_chosen=name in before,
        )
        for name, label in claims.SCOPES.items()
        if name in asked.scopes and name != "openid"
    ]
    allowed = _allowed(consent) if consent else frozenset()
    singles = [
        Offer(
            "claims",
            name,
            claims.BY_NAME[name].label,
            claims.shown_of_claim(known, name, minimum=minimum),
            is_chosen=name in allowed,
            is_needed=name in asked.claims.essential,
        )
        for name in singles_of(asked)
    ]
    return [one for one in singles if one.is_needed], scopes + [one for one in singles if not one.is_needed]


def singles_of(asked: AuthorizationRequest) -> list[str]:
    """Claims that are asked about one by one: those no scope asks for, and those that must be."""
    by_scope = claims.names_of(asked.scopes)
    return [name for name in asked.claims.names if name not in by_scope or name in asked.claims.essential]


def question(asked: AuthorizationRequest) -> str:
    """What the page asks for, as its form brings it back: scopes, and single claims, with a mark at those
    that cannot be left out. Another text means that the person has agreed to something else.
    """
    essential = asked.claims.essential
    singles = (f"{name}!" if name in essential else name for name in singles_of(asked))
    return ",".join((*sorted(asked.scopes), "", *sorted(singles)))


def chosen(
    asked: AuthorizationRequest, form: Mapping[str, Collection[str]], *, everything: bool
) -> tuple[set[str], set[str]]:
    """Scopes and single claims that the person lets the website have."""
    singles = singles_of(asked)
    if everything:
        return set(asked.scopes), set(singles)
    picked = set(form.get("claims", ())) | asked.claims.essential
    return {"openid", *form.get("scopes", ())} & set(asked.scopes), picked & set(singles)


def identifier_label(client: Client) -> str:
    """What ``sub`` means for the person. Several websites may have the same sector."""
    if client.subject_type is SubjectType.PUBLIC:
        return str(gettext("Eine Kennung, an der auch andere Websites Sie wiedererkennen"))
    sector = client.sector_identifier
    return str(gettext("Eine Kennung, an der nur Websites von %(sector)s Sie wiedererkennen", sector=sector))


_MEANINGS = {
    AssuranceLevel.LOW: _(
        "Vertrauensniveau niedrig: Die Website kann sich nicht darauf verlassen, dass jemand Ihre Angaben "
        "geprüft hat. Sie erfährt es auch dann nicht, wenn es so ist."
    ),
    AssuranceLevel.SUBSTANTIAL: _(
        "Vertrauensniveau substanziell: Eine Behörde hat Ihren Namen in Ihrem Ausweis gesehen, und Sie haben "
        "sich mit zwei Faktoren angemeldet. Die Website erfährt, welche Ihrer Angaben geprüft sind."
    ),
}


def meaning_of(level: AssuranceLevel) -> LazyString:
    """One sentence about what the website learns of how sure this is."""
    return _MEANINGS[level]


def labels(consent: WebsiteConsent) -> list[Any]:
    """What a website may have, for the list of connected websites."""
    scopes = [claims.SCOPES[name] for name in consent.scopes if name != "openid" and name in claims.SCOPES]
    singles = [claims.BY_NAME[name].label for name in consent.claims if name in claims.BY_NAME]
    return scopes + singles or [identifier_label(consent.client)]
