"""Audit entries in plain German: who did what to whom, with the names as they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from servicekonto.audit import Action, ObjectKind
from servicekonto.audit.actions import ABOUT_ACCOUNTS, DECLARED, OF_THE_PLATFORM
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities import invitations, queries
from servicekonto.authorities.kinds import Role
from servicekonto.catalogue.queries import names_of_services
from servicekonto.core import clock
from servicekonto.web.i18n import show_date
from servicekonto.workbench.administration.forms import ROLE_NAMES
from servicekonto.workbench.export import COLUMNS

ACTION_NAMES: dict[Action, LazyString] = {
    Action.STAFF_ADDED: lazy_gettext("Person aufgenommen"),
    Action.STAFF_INVITED: lazy_gettext("Person eingeladen"),
    Action.INVITATION_SENT_AGAIN: lazy_gettext("Einladung noch einmal gesendet"),
    Action.INVITATION_WITHDRAWN: lazy_gettext("Einladung zurückgenommen"),
    Action.INVITATION_ACCEPTED: lazy_gettext("Einladung angenommen"),
    Action.STAFF_CHANGED: lazy_gettext("Angaben zu einer Person geändert"),
    Action.STAFF_DEACTIVATED: lazy_gettext("Zugang gesperrt"),
    Action.STAFF_FACTORS_RESET: lazy_gettext("Zweiten Faktor zurückgesetzt"),
    Action.STAFF_REACTIVATED: lazy_gettext("Zugang wieder geöffnet"),
    Action.OFFER_CREATED: lazy_gettext("Leistung online gestellt"),
    Action.OFFER_CHANGED: lazy_gettext("Online-Angebot geändert"),
    Action.PLACES_CHANGED: lazy_gettext("Zahl der Plätze geändert"),
    Action.CONTACT_CHANGED: lazy_gettext("Kontakt geändert"),
    Action.REQUESTS_EXPORTED: lazy_gettext("Liste als Datei geholt"),
    Action.FACTOR_ADDED: lazy_gettext("Anmeldeverfahren hinzugefügt"),
    Action.FACTOR_CONFIRMED: lazy_gettext("Anmeldeverfahren bestätigt"),
    Action.FACTOR_REMOVED: lazy_gettext("Anmeldeverfahren entfernt"),
    Action.FACTOR_LOCKED: lazy_gettext("Anmeldeverfahren gesperrt"),
    Action.FACTOR_UNLOCKED: lazy_gettext("Anmeldeverfahren entsperrt"),
    Action.RECOVERY_CODES_MADE: lazy_gettext("Notfallcodes erzeugt"),
    Action.RECOVERY_CODE_USED: lazy_gettext("Notfallcode benutzt"),
    Action.PASSWORD_CHANGED: lazy_gettext("Passwort geändert"),
    Action.PASSWORD_DISABLED: lazy_gettext("Passwort abgeschaltet"),
    Action.EMAIL_CHANGED: lazy_gettext("E-Mail-Adresse geändert"),
    Action.FACTORS_RESET: lazy_gettext("Zweite Faktoren zurückgesetzt"),
    Action.ACCOUNT_LOCKED: lazy_gettext("Konto gesperrt"),
    Action.ACCOUNT_UNLOCKED: lazy_gettext("Konto entsperrt"),
    Action.RESET_REQUESTED: lazy_gettext("Zurücksetzen des Kontos beantragt"),
    Action.RESET_DONE: lazy_gettext("Konto zurückgesetzt"),
    Action.RESET_STOPPED: lazy_gettext("Zurücksetzen des Kontos abgebrochen"),
    Action.ATTRIBUTE_VERIFIED: lazy_gettext("Persönliche Daten geprüft"),
    Action.ATTRIBUTE_CONFIRMED: lazy_gettext("Persönliche Daten bestätigt"),
    Action.PERSONAL_DATA_CHANGED: lazy_gettext("Persönliche Daten geändert"),
    Action.PERSONAL_DATA_OPENED: lazy_gettext("Persönliche Daten am Schalter geöffnet"),
    Action.CONSENT_GIVEN: lazy_gettext("Einwilligung gegeben"),
    Action.CONSENT_WITHDRAWN: lazy_gettext("Einwilligung widerrufen"),
    Action.WEBSITE_CONNECTED: lazy_gettext("Einwilligung für eine Website gegeben"),
    Action.WEBSITE_CHANGED: lazy_gettext("Einwilligung für eine Website geändert"),
    Action.WEBSITE_DISCONNECTED: lazy_gettext("Einwilligung für eine Website widerrufen"),
    Action.DATA_EXPORTED: lazy_gettext("Daten des Kontos geholt"),
    Action.DELETION_REQUESTED: lazy_gettext("Löschung des Kontos beantragt"),
    Action.DELETION_STOPPED: lazy_gettext("Löschung des Kontos abgebrochen"),
    Action.ACCOUNT_DELETED: lazy_gettext("Konto gelöscht"),
    Action.REQUEST_OPENED: lazy_gettext("Antrag geöffnet"),
    Action.SESSIONS_ENDED: lazy_gettext("Sitzungen beendet"),
    Action.SIGNING_KEY_ACTIVATED: lazy_gettext("Signaturschlüssel gewechselt"),
    Action.SIGNING_KEY_REVOKED: lazy_gettext("Signaturschlüssel widerrufen"),
    Action.CLIENT_REGISTERED: lazy_gettext("Website eingetragen"),
    Action.CLIENT_CHANGED: lazy_gettext("Angaben zu einer Website geändert"),
    Action.CLIENT_SECRET_MADE: lazy_gettext("Geheimnis einer Website angelegt"),
    Action.CLIENT_SECRET_ENDED: lazy_gettext("Geheimnis einer Website beendet"),
    Action.CLIENT_DISABLED: lazy_gettext("Website gesperrt"),
    Action.CLIENT_ENABLED: lazy_gettext("Website wieder freigegeben"),
}

_ABOUT_ACCOUNTS_BY_STAFF = {Action.ATTRIBUTE_VERIFIED, Action.PERSONAL_DATA_OPENED, Action.REQUEST_OPENED}

AT_AUTHORITIES = frozenset(
    action
    for action, declared in DECLARED.items()
    if action not in OF_THE_PLATFORM
    and declared.object_kind is not ObjectKind.CLIENT
    and (action not in ABOUT_ACCOUNTS or action in _ABOUT_ACCOUNTS_BY_STAFF)
)
"""What members of an authority do."""

FIELD_NAMES: dict[str, LazyString] = {
    "street": lazy_gettext("Straße"),
    "postcode": lazy_gettext("Postleitzahl"),
    "city": lazy_gettext("Ort"),
    "telephone": lazy_gettext("Telefon"),
    "email": lazy_gettext("E-Mail"),
    "website": lazy_gettext("Internetseite"),
    "opening_hours": lazy_gettext("Öffnungszeiten"),
}

GONE = lazy_gettext("Person, die nicht mehr eingeladen ist")


@dataclass(frozen=True)
class Names:
    """Ids, as payloads hold them, to names. ``accounts``: who may have acted."""

    people: Mapping[str, str]
    accounts: Mapping[UUID, str]
    units: Mapping[str, str]
    services: Mapping[str, str]

    @classmethod
    def of(cls, authority_id: UUID) -> "Names":
        members = queries.staff_of(authority_id)
        invited = invitations.open_invitations(authority_id)
        return cls(
            people={str(person.id): person.display_name or "" for person in members}
            | {str(person.id): person.display_name or "" for person in invited},
            accounts={member.account_id: member.display_name or "" for member in members},
            units={str(unit.id): unit.name for unit in queries.units_of(authority_id)},
            services=names_of_services(clock.today()),
        )


@dataclass(frozen=True)
class ShownEntry:
    """``details``: one sentence each."""

    at: datetime
    who: str
    title: str
    details: list[str]


def shown(entry: AuditEntry, names: Names) -> ShownEntry:
    return ShownEntry(entry.at, _who(entry, names), str(ACTION_NAMES[entry.action]), _details(entry, names))


def _who(entry: AuditEntry, names: Names) -> str:
    if entry.actor_id is None:
        return str(_("Servicekonto"))
    return names.accounts.get(entry.actor_id) or str(_("Betrieb der Plattform"))


def _details(entry: AuditEntry, names: Names) -> list[str]:
    """A payload that retention has emptied says nothing any more."""
    about = [names.people.get(str(entry.object_id), str(GONE))] if entry.object_kind == "staff_member" else []
    more = _MORE.get(entry.action)
    return about + (more(entry.payload, names) if more and entry.payload else [])


def _roles_and_units(payload: Mapping[str, Any], names: Names) -> list[str]:
    return [
        _("Rollen: %(roles)s", roles=_roles(payload["roles"])),
        _("Stellen: %(units)s", units=_units(payload["unit_ids"], names)),
    ]


def _changes(payload: Mapping[str, Any], names: Names) -> list[str]:
    found = [_("Name geändert")] if payload["is_renamed"] else []
    if payload["roles_before"] != payload["roles_after"]:
        before, after = (_roles(payload[f"roles_{when}"]) for when in ("before", "after"))
        found.append(_("Rollen: %(after)s (vorher: %(before)s)", after=after, before=before))
    if payload["unit_ids_before"] != payload["unit_ids_after"]:
        before, after = (_units(payload[f"unit_ids_{when}"], names) for when in ("before", "after"))
        found.append(_("Stellen: %(after)s (vorher: %(before)s)", after=after, before=before))
    return found


def _offer(payload: Mapping[str, Any], names: Names) -> list[str]:
    first = show_date(date.fromisoformat(payload["online_from"]))
    until = payload["online_until"]
    last = show_date(date.fromisoformat(until)) if until else None
    return [
        names.services.get(payload["service_key"], payload["service_key"]),
        _("Stelle: %(unit)s", unit=_units([payload["unit_id"]], names)),
        _("Online vom %(first)s bis %(last)s", first=first, last=last)
        if last
        else _("Online ab %(first)s", first=first),
    ]


def _places(payload: Mapping[str, Any], names: Names) -> list[str]:
    return [
        names.services.get(payload["service_key"], payload["service_key"]),
        _(
            "Plätze: %(after)s (vorher: %(before)s)",
            after=payload["capacity_after"],
            before=payload["capacity_before"],
        ),
    ]


def _fields(payload: Mapping[str, Any], _names: Names) -> list[str]:
    return [", ".join(str(FIELD_NAMES[name]) for name in payload["fields"])]


def _export(payload: Mapping[str, Any], _names: Names) -> list[str]:
    columns = ", ".join(str(COLUMNS[key].label) for key in COLUMNS if key in payload["columns"])
    number = payload["rows"]
    return [
        ngettext("%(num)s Antrag", "%(num)s Anträge", number),
        _("Spalten: %(columns)s", columns=columns),
    ]


def _reference(payload: Mapping[str, Any], _names: Names) -> list[str]:
    reference = payload["reference"]
    return [_("Vorgang beim Betrieb: %(reference)s", reference=reference)] if reference else []


_MORE: dict[Action, Callable[[Mapping[str, Any], Names], list[str]]] = {
    Action.STAFF_ADDED: _roles_and_units,
    Action.STAFF_INVITED: _roles_and_units,
    Action.STAFF_CHANGED: _changes,
    Action.STAFF_FACTORS_RESET: _reference,
    Action.OFFER_CREATED: _offer,
    Action.OFFER_CHANGED: _offer,
    Action.PLACES_CHANGED: _places,
    Action.CONTACT_CHANGED: _fields,
    Action.REQUESTS_EXPORTED: _export,
}


def _roles(roles: list[str]) -> str:
    return ", ".join(str(ROLE_NAMES[Role(role)]) for role in roles) or _("keine")


def _units(unit_ids: list[str], names: Names) -> str:
    return ", ".join(names.units.get(unit_id, unit_id) for unit_id in unit_ids) or _("keine")
