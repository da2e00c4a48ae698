"""What the account page leads to. Pages that this installation does not have are left out."""

from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts.models import AccountKind
from servicekonto.web.access import Permission, current_permissions
from servicekonto.web.navigation import url_if_exists


@dataclass(frozen=True)
class Tile:
    title: LazyString
    text: LazyString
    icon: str
    endpoint: str
    permission: Permission | None = None


@dataclass(frozen=True)
class ShownTile:
    title: LazyString
    text: LazyString
    icon: str
    url: str


_DATA = Tile(
    lazy_gettext("Persönliche Daten"),
    lazy_gettext("Name, Geburt, Anschrift: einmal eintragen, in Anträgen wiederverwenden."),
    "account-circle",
    "accounts.personal_data",
)
_SECURITY = Tile(
    lazy_gettext("Anmeldung und Sicherheit"),
    lazy_gettext("Passwort, zweiter Faktor, Notfallcodes, Anmeldungen."),
    "check",
    "accounts.security",
)
_IDENTITY = Tile(
    lazy_gettext("Identität"),
    lazy_gettext("Angaben, die eine Behörde mit Ihrem Ausweis verglichen hat."),
    "account-circle",
    "authorities.own_identity",
)
_LOG = Tile(
    lazy_gettext("Protokoll"),
    lazy_gettext("Was mit Ihrem Konto geschehen ist, und durch wen."),
    "checklist",
    "account_log.index",
)
_PRIVACY = Tile(
    lazy_gettext("Meine Daten"),
    lazy_gettext("Wer sie geöffnet hat, Einwilligungen, Kopie, Konto löschen."),
    "visibility",
    "data_protection.overview",
)
_WEBSITES = Tile(
    lazy_gettext("Verbundene Websites"),
    lazy_gettext("Wo Sie sich mit diesem Konto anmelden, und mit welchen Daten."),
    "open-in-new",
    "oidc.websites",
)
_REQUESTS = Tile(
    lazy_gettext("Meine Anträge"),
    lazy_gettext("Entwürfe, laufende und entschiedene Anträge."),
    "checklist",
    "service_requests.index",
)
_POSTBOX = Tile(
    lazy_gettext("Postfach"),
    lazy_gettext("Bescheide und Nachrichten der Behörden."),
    "mail",
    "postbox.index",
)
_INBOX = Tile(
    lazy_gettext("Eingang"),
    lazy_gettext("Anträge an Ihre Stelle."),
    "checklist",
    "workbench.inbox",
    Permission.PROCESS_REQUESTS,
)
_ADMINISTRATION = Tile(
    lazy_gettext("Verwaltung der Behörde"),
    lazy_gettext("Beschäftigte, Leistungen, Kontakt und Protokoll."),
    "account-circle",
    "administration.index",
    Permission.ADMINISTER_AUTHORITY,
)

TILES: dict[AccountKind, tuple[Tile, ...]] = {
    AccountKind.CITIZEN: (_REQUESTS, _POSTBOX, _DATA, _IDENTITY, _SECURITY, _WEBSITES, _PRIVACY, _LOG),
    AccountKind.STAFF: (_INBOX, _ADMINISTRATION, _REQUESTS, _POSTBOX, _DATA, _SECURITY, _PRIVACY, _LOG),
    AccountKind.OPERATOR: (_DATA, _SECURITY, _PRIVACY, _LOG),
}

KIND_LABELS: dict[AccountKind, LazyString] = {
    AccountKind.CITIZEN: lazy_gettext("Bürgerinnen und Bürger"),
    AccountKind.STAFF: lazy_gettext("Behörden"),
    AccountKind.OPERATOR: lazy_gettext("Betrieb"),
}


def tiles_for(kind: AccountKind) -> list[ShownTile]:
    permissions = current_permissions()
    allowed = [tile for tile in TILES[kind] if tile.permission is None or tile.permission in permissions]
    urls = [(tile, url_if_exists(tile.endpoint)) for tile in allowed]
    return [ShownTile(tile.title, tile.text, tile.icon, url) for tile, url in urls if url is not None]
