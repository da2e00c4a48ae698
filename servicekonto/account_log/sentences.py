"""Entries about an account as its owner reads them: a sentence each, and by whom, but never which clerk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.audit import Action, ObjectKind
from servicekonto.audit.models import AuditEntry

Words = Mapping[str | int, LazyString]

SENTENCES: dict[Action, LazyString] = {
    Action.FACTOR_ADDED: lazy_gettext("Ein Anmeldeverfahren wurde hinzugefügt."),
    Action.FACTOR_CONFIRMED: lazy_gettext("Ein Anmeldeverfahren wurde bestätigt und gilt."),
    Action.FACTOR_REMOVED: lazy_gettext("Ein Anmeldeverfahren wurde entfernt."),
    Action.FACTOR_LOCKED: lazy_gettext("Ein Anmeldeverfahren wurde gesperrt."),
    Action.FACTOR_UNLOCKED: lazy_gettext("Ein Anmeldeverfahren wurde entsperrt."),
    Action.RECOVERY_CODES_MADE: lazy_gettext("Neue Notfallcodes wurden erzeugt."),
    Action.RECOVERY_CODE_USED: lazy_gettext("Ein Notfallcode wurde benutzt."),
    Action.PASSWORD_CHANGED: lazy_gettext("Ihr Passwort wurde geändert."),
    Action.PASSWORD_DISABLED: lazy_gettext("Die Anmeldung mit dem Passwort wurde abgeschaltet."),
    Action.EMAIL_CHANGED: lazy_gettext("Die E-Mail-Adresse Ihres Kontos wurde geändert."),
    Action.FACTORS_RESET: lazy_gettext("Ihre zweiten Faktoren wurden zurückgesetzt."),
    Action.ACCOUNT_LOCKED: lazy_gettext("Ihr Konto wurde gesperrt."),
    Action.ACCOUNT_UNLOCKED: lazy_gettext("Ihr Konto wurde entsperrt."),
    Action.RESET_REQUESTED: lazy_gettext("Es wurde beantragt, den Zugang zu Ihrem Konto zurückzusetzen."),
    Action.RESET_DONE: lazy_gettext("Der Zugang zu Ihrem Konto wurde zurückgesetzt."),
    Action.RESET_STOPPED: lazy_gettext("Das Zurücksetzen des Zugangs wurde abgebrochen."),
    Action.ATTRIBUTE_VERIFIED: lazy_gettext(
        "Ihre persönlichen Daten wurden anhand eines Nachweises geprüft."
    ),
    Action.ATTRIBUTE_CONFIRMED: lazy_gettext("Ihre persönlichen Daten wurden bestätigt."),
    Action.PERSONAL_DATA_CHANGED: lazy_gettext("Ihre persönlichen Daten wurden geändert."),
    Action.PERSONAL_DATA_OPENED: lazy_gettext("Ihre persönlichen Daten wurden am Schalter geöffnet."),
    Action.CONSENT_GIVEN: lazy_gettext("Eine Einwilligung wurde gegeben."),
    Action.CONSENT_WITHDRAWN: lazy_gettext("Eine Einwilligung wurde widerrufen."),
    Action.WEBSITE_CONNECTED: lazy_gettext("Einer Website wurde erlaubt, Angaben aus Ihrem Konto zu lesen."),
    Action.WEBSITE_CHANGED: lazy_gettext("Es wurde geändert, welche Angaben eine Website lesen darf."),
    Action.WEBSITE_DISCONNECTED: lazy_gettext("Eine Website wurde getrennt und darf nichts mehr lesen."),
    Action.DATA_EXPORTED: lazy_gettext("Die Daten Ihres Kontos wurden als Datei geholt."),
    Action.DELETION_REQUESTED: lazy_gettext("Es wurde beantragt, Ihr Konto zu löschen."),
    Action.DELETION_STOPPED: lazy_gettext("Das Löschen Ihres Kontos wurde abgebrochen."),
    Action.ACCOUNT_DELETED: lazy_gettext("Ihr Konto wurde gelöscht."),
    Action.REQUEST_OPENED: lazy_gettext("Ein Antrag von Ihnen wurde geöffnet."),
    Action.SESSIONS_ENDED: lazy_gettext("Angemeldete Geräte wurden abgemeldet."),
}

_FACTORS: Words = {
    "passkey": lazy_gettext("Passkey"),
    "totp": lazy_gettext("App für Einmalcodes"),
    "password": lazy_gettext("Passwort"),
    "recovery_codes": lazy_gettext("Notfallcodes"),
}

ATTRIBUTE_NAMES: Words = {
    "salutation": lazy_gettext("Anrede"),
    "given_names": lazy_gettext("Vornamen"),
    "family_name": lazy_gettext("Familienname"),
    "birth_name": lazy_gettext("Geburtsname"),
    "birth_date": lazy_gettext("Geburtsdatum"),
    "birth_place": lazy_gettext("Geburtsort"),
    "address": lazy_gettext("Anschrift"),
    "phone": lazy_gettext("Telefon"),
}

_DETAILS: dict[Action, tuple[str, Words]] = {
    Action.FACTOR_ADDED: ("kind", _FACTORS),
    Action.FACTOR_CONFIRMED: ("kind", _FACTORS),
    Action.FACTOR_REMOVED: ("kind", _FACTORS),
    Action.FACTOR_LOCKED: ("kind", _FACTORS),
    Action.FACTOR_UNLOCKED: ("kind", _FACTORS),
    Action.ATTRIBUTE_VERIFIED: ("names", ATTRIBUTE_NAMES),
    Action.ATTRIBUTE_CONFIRMED: ("names", ATTRIBUTE_NAMES),
    Action.PERSONAL_DATA_CHANGED: ("names", ATTRIBUTE_NAMES),
    Action.PASSWORD_CHANGED: ("by_reset", {1: lazy_gettext("über einen Link, der per E-Mail kam")}),
}
"""Which key of the payload says more, and its words. A code without words says nothing."""


@dataclass(frozen=True)
class ShownEntry:
    """``request_id``: of the request it is about."""

    at: datetime
    who: str
    sentence: str
    details: str
    request_id: UUID | None


def website_in(entry: AuditEntry) -> str | None:
    """The id of the one it is about."""
    found = (entry.payload or {}).get("client_id")
    return found if isinstance(found, str) else None


def shown(
    entry: AuditEntry, authorities: Mapping[UUID, str], websites: Mapping[UUID, str] | None = None
) -> ShownEntry:
    """``authorities`` and ``websites``: names by id."""
    is_about_request = entry.object_kind is ObjectKind.SERVICE_REQUEST
    return ShownEntry(
        at=entry.at,
        who=_who(entry, authorities),
        sentence=str(SENTENCES[entry.action]),
        details=_details(entry) or _name_of_website(entry, websites or {}),
        request_id=entry.object_id if is_about_request else None,
    )


def _who(entry: AuditEntry, authorities: Mapping[UUID, str]) -> str:
    if entry.actor_id is not None and entry.actor_id == entry.account_id:
        return str(_("Sie"))
    if entry.authority_id is not None:
        name = authorities.get(entry.authority_id)
        return str(_("eine Behörde: %(name)s", name=name) if name else _("eine Behörde"))
    if entry.actor_id is None:
        return str(_("das Servicekonto"))
    return str(_("der Betrieb des Servicekontos"))


def _name_of_website(entry: AuditEntry, websites: Mapping[UUID, str]) -> str:
    found = website_in(entry)
    return websites.get(UUID(found), "") if found is not None else ""


def _details(entry: AuditEntry) -> str:
    """Empty too when retention has emptied the payload."""
    key, words = _DETAILS.get(entry.action, ("", {}))
    value = (entry.payload or {}).get(key)
    codes: list[Any] = value if isinstance(value, list) else [value]
    return ", ".join(str(words[code]) for code in codes if code in words)
