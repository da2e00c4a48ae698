"""What a website may register. Pure: from what was typed to a sentence per field that says what to do.

Stricter than RFC 7591 and the claims classes of Authlib, which take each valid URL: an address that is
compared character by character has one written form only (RFC 9700 § 4.1).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts import addresses
from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc import assurance, capabilities, client_keys
from servicekonto.oidc.client_models import (
    AuthMethod,
    ClientKind,
    ContentEncryption,
    IdTokenAlg,
    KeyAgreement,
    SubjectType,
)

SCOPES = tuple(scope for scope in capabilities.SCOPES if scope != capabilities.OFFLINE_ACCESS)
LONGEST_NAME = 120
LONGEST_LOGO = 40
LONGEST_PURPOSE = 300
LONGEST_URI = 2000
MOST_URIS = 20
MOST_PORT = 65535
LONGEST_MAX_AGE = 365 * 24 * 3600  # seconds
SHOWN = 80  # of an address in a sentence
IN_ANSWERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(r"(?=.{1,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)")
_AUTHORITY = re.compile(r"(?P<host>\[::1\]|[^:\[\]]*)(?::(?P<port>[1-9][0-9]{0,4}))?")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# What a browser or a proxy reads as another path than the one that is compared, also in disguise.
_OTHER_PATH = re.compile(r"(?:^|/)\.{1,2}(?=[/;?]|$)|%2e|%2f|%5c|\\", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What may be changed later. Addresses exactly as they will be compared."""

    name: str
    purpose: str
    purpose_en: str
    contact_email: str
    home_page: str
    token_endpoint_auth_method: AuthMethod
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    scopes: Sequence[str] = ("openid",)
    require_pkce: bool = True
    dpop_bound_access_tokens: bool = False
    require_pushed_authorization_requests: bool = False
    default_max_age: int | None = None
    min_level: AssuranceLevel = AssuranceLevel.LOW
    id_token_alg: IdTokenAlg = IdTokenAlg.ES256
    jwks: client_keys.Jwks | None = None
    logo_text: str = ""
    offline_access: bool = False
    introspects_all: bool = False
    userinfo_signed_response_alg: IdTokenAlg | None = None
    id_token_encrypted_response_alg: KeyAgreement | None = None
    id_token_encrypted_response_enc: ContentEncryption | None = None
    backchannel_logout_uri: str = ""
    backchannel_logout_session_required: bool = False


@dataclass(frozen=True)
class _Parts:
    scheme: str
    authority: str
    host: str
    port: int
    path: str


def problems(facts: Facts, kind: ClientKind) -> dict[str, str]:
    """Field → sentence; empty when everything is fine."""
    found = {field: next(find(facts, kind), None) for field, find in _RULES.items()}
    return {field: sentence for field, sentence in found.items() if sentence is not None}


def problem_of_sector(
    sector: str | None, subject_type: SubjectType, redirect_uris: Iterable[str]
) -> str | None:
    """OpenID Connect Core § 8.1: several hosts have to say which of them their visitors are known by."""
    hosts = {host_of(uri) for uri in redirect_uris}
    if not sector and subject_type is SubjectType.PAIRWISE and len(hosts) > 1:
        return str(
            _("Die Rücksprungadressen liegen auf mehreren Servern. Geben Sie an, welcher für alle steht.")
        )
    if sector and not _HOST.fullmatch(sector):
        return str(_("Geben Sie nur den Namen des Servers ein, zum Beispiel: www.example.org"))
    return None


def host_of(uri: str) -> str:
    """Of an address without problems: the name, without brackets and port."""
    return urlsplit(uri).hostname or ""


def not_taken() -> str:
    """About a field that the protocol does not allow as it is, whatever else we would say."""
    return str(_("Diese Angabe passt nicht zu dem, was OpenID Connect hier erlaubt."))


def problem_of_uri(uri: str) -> str | None:
    return next(_problems_of_uri(uri), None)


def _problems_of_uri(uri: str) -> Iterator[str]:
    """The caller takes the first."""
    if not 1 <= len(uri) <= LONGEST_URI:
        yield _("Eine Adresse hat 1 bis %(longest)s Zeichen.", longest=LONGEST_URI)
    if not all("!" <= sign <= "~" for sign in uri):
        yield _(
            "Erlaubt sind Buchstaben des englischen Alphabets, Ziffern und Satzzeichen, keine Leerzeichen."
        )
    if not uri.startswith(("https://", "http://")):
        yield _("Eine Adresse ist vollständig und beginnt mit https://")
    parts = _parts(uri)
    yield from (str(sentence) for is_broken, sentence in _URI_RULES if is_broken(parts))


def _parts(uri: str) -> _Parts:
    scheme, _separator, rest = uri.partition("://")
    end = next((place for place, sign in enumerate(rest) if sign in "/?#\\"), len(rest))
    match = _AUTHORITY.fullmatch(rest[:end])
    host, port = (match["host"], int(match["port"] or 1)) if match else ("", 1)
    return _Parts(scheme, rest[:end], host, port, rest[end:])


_URI_RULES: Sequence[tuple[Callable[[_Parts], object], LazyString]] = (
    (lambda of: "#" in of.path, lazy_gettext("Eine Adresse hat keinen Teil nach dem Zeichen #.")),
    (lambda of: "@" in of.authority, lazy_gettext("Vor dem Namen des Servers steht kein Benutzername.")),
    (lambda of: "*" in of.authority + of.path, lazy_gettext("Ein Stern als Platzhalter ist nicht erlaubt.")),
    (
        lambda of: of.host != "[::1]" and not _HOST.fullmatch(of.host),
        lazy_gettext("Prüfen Sie den Namen des Servers. Er steht in Kleinbuchstaben."),
    ),
    (lambda of: of.port > MOST_PORT, lazy_gettext("Prüfen Sie die Nummer des Ports.")),
    (
        lambda of: of.scheme == "http" and of.host not in LOOPBACK,
        lazy_gettext("Ohne Verschlüsselung (http://) geht es nur auf dem eigenen Gerät, sonst mit https://"),
    ),
    (
        lambda of: _OTHER_PATH.search(of.path.partition("?")[0]),
        lazy_gettext("Der Pfad hat keine Teile wie .. und keine verschlüsselten Punkte oder Schrägstriche."),
    ),
)


def _problems_of_uris(uris: Sequence[str]) -> Iterator[str]:
    if len(uris) > MOST_URIS:
        yield _("Möglich sind höchstens %(most)s Adressen.", most=MOST_URIS)
    for uri in uris:
        for sentence in _problems_of_uri(uri):
            yield f"{uri[:SHOWN]}: {sentence}" if uri[:SHOWN].isprintable() else sentence


def _redirect_uris(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    if not facts.redirect_uris:
        yield _("Geben Sie mindestens eine Rücksprungadresse ein.")
    yield from _problems_of_uris(facts.redirect_uris)
    for uri in facts.redirect_uris:
        twice = IN_ANSWERS & {name for name, _value in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
        if twice:
            yield _("Diesen Namen braucht unsere Antwort selbst: %(name)s", name=min(twice))


def _auth_method(facts: Facts, kind: ClientKind) -> Iterator[str]:
    if (kind is ClientKind.PUBLIC) is not (facts.token_endpoint_auth_method is AuthMethod.NONE):
        yield _("Genau die Apps, die kein Geheimnis bewahren können, weisen sich durch nichts aus.")


def _keys(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    yield from client_keys.problems(facts.jwks)
    is_signing = facts.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY
    if is_signing and not client_keys.can_verify(facts.jwks):
        yield _("Geben Sie den öffentlichen Schlüssel ein, mit dem sich die Website ausweist.")


def _pkce(facts: Facts, kind: ClientKind) -> Iterator[str]:
    if kind is ClientKind.PUBLIC and not facts.require_pkce:
        yield _("Eine App ohne Geheimnis braucht PKCE.")


def _scopes(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    if "openid" not in facts.scopes or not set(facts.scopes) <= set(SCOPES):
        yield _("Bitte wählen Sie aus der Liste. „openid“ gehört immer dazu.")


def _introspection(facts: Facts, kind: ClientKind) -> Iterator[str]:
    if facts.introspects_all and kind is ClientKind.PUBLIC:
        yield _("Das darf nur, wer sich mit einem Geheimnis ausweist.")


def _encryption(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    wanted = facts.id_token_encrypted_response_alg
    if wanted is None or next(client_keys.problems(facts.jwks), None) is not None:
        return
    if not client_keys.encryption_keys(facts.jwks, wanted):
        yield _("Dafür fehlt ein passender öffentlicher Schlüssel der Website (jwks).")


def _level(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    """*High* has to wait for a way to reach it. It will need pushed requests as well (PAR)."""
    if facts.min_level not in assurance.OFFERED:
        yield _("Dieses Vertrauensniveau gibt es hier nicht. Bitte wählen Sie ein anderes.")


def _max_age(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    if facts.default_max_age is not None and not 0 <= facts.default_max_age <= LONGEST_MAX_AGE:
        yield _("Geben Sie eine Zahl von Sekunden ein, höchstens ein Jahr.")


def _email(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    if addresses.normalised(facts.contact_email) is None:
        yield _("Prüfen Sie die E-Mail-Adresse. Sie sieht zum Beispiel so aus: name@example.org")


def _home_page(facts: Facts, _kind: ClientKind) -> Iterator[str]:
    if not facts.home_page:
        yield _("Geben Sie die Adresse der Startseite ein.")
    yield from _problems_of_uri(facts.home_page)


def _text(text: str, longest: int, missing: LazyString) -> Iterator[str]:
    """``missing``: it stands above the form too, where nothing else says which field it is about."""
    if not text.strip():
        yield str(missing)
    yield from _signs(text, longest)


def _signs(text: str, longest: int) -> Iterator[str]:
    if len(text) > longest:
        yield _("Das ist zu lang. Möglich sind %(longest)s Zeichen.", longest=longest)
    if any(unicodedata.category(sign) in _UNSEEN for sign in text):
        yield _("Hier steht ein Zeichen, das man nicht sehen kann. Geben Sie den Text neu ein.")


_RULES: Mapping[str, Callable[[Facts, ClientKind], Iterator[str]]] = {
    "name": lambda facts, _kind: _text(
        facts.name, LONGEST_NAME, lazy_gettext("Geben Sie den Namen der Website ein.")
    ),
    "logo_text": lambda facts, _kind: _signs(facts.logo_text, LONGEST_LOGO),
    "purpose": lambda facts, _kind: _text(
        facts.purpose, LONGEST_PURPOSE, lazy_gettext("Geben Sie ein, wozu die Website das Konto braucht.")
    ),
    "purpose_en": lambda facts, _kind: _text(
        facts.purpose_en,
        LONGEST_PURPOSE,
        lazy_gettext("Geben Sie auch auf Englisch ein, wozu sie es braucht."),
    ),
    "contact_email": _email,
    "home_page": _home_page,
    "token_endpoint_auth_method": _auth_method,
    "redirect_uris": _redirect_uris,
    "post_logout_redirect_uris": lambda facts, _kind: _problems_of_uris(facts.post_logout_redirect_uris),
    "scopes": _scopes,
    "require_pkce": _pkce,
    "min_level": _level,
    "jwks": _keys,
    "default_max_age": _max_age,
    "introspects_all": _introspection,
    "id_token_encrypted_response_alg": _encryption,
}
