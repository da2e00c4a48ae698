"""What a website may register. Pure: from what was typed to a sentence per field that says what to do.

Stricter than RFC 7591 and the claims classes of Authlib, which take each valid URL: an address that is
compared character by character has one written form only (RFC 9700 § 4.1).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _

from servicekonto.accounts import addresses
from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc.client_models import AuthMethod, ClientKind, IdTokenAlg, SubjectType

SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
LONGEST_NAME = 120
LONGEST_PURPOSE = 300
LONGEST_URI = 2000
MOST_URIS = 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(r"(?=.{1,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)")
_AUTHORITY = re.compile(r"(?P<host>\[::1\]|[^:\[\]]*)(?::(?P<port>[1-9][0-9]{0,4}))?")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
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
    min_level: AssuranceLevel = AssuranceLevel.LOW
    id_token_alg: IdTokenAlg = IdTokenAlg.ES256


def problems(facts: Facts, kind: ClientKind) -> dict[str, str]:
    """Field → sentence; empty when everything is fine."""
    return {
        field: sentence
        for field, sentence in ((field, find(facts, kind)) for field, find in _RULES.items())
        if sentence is not None
    }


def problem_of_sector(
    sector: str | None, subject_type: SubjectType, redirect_uris: Iterable[str]
) -> str | None:
    """OpenID Connect Core § 8.1: several hosts have to say which of them their visitors are known by."""
    if sector:
        return (
            None
            if _HOST.fullmatch(sector)
            else _("Geben Sie nur den Namen ein, zum Beispiel: www.example.org")
        )
    if subject_type is SubjectType.PAIRWISE and len({host_of(uri) for uri in redirect_uris}) > 1:
        return _(
            "Die Rücksprungadressen liegen auf verschiedenen Servern. Geben Sie an, welcher Name für "
            "alle gilt."
        )
    return None


def host_of(uri: str) -> str:
    """Of an address that has passed ``problem_of_uri``: the name without brackets and port."""
    return urlsplit(uri).hostname or ""


def problem_of_uri(uri: str) -> str | None:
    if not uri or len(uri) > LONGEST_URI:
        return _("Eine Adresse hat 1 bis %(longest)s Zeichen.", longest=LONGEST_URI)
    if not all("!" <= sign <= "~" for sign in uri):
        return _(
            "Erlaubt sind nur Zeichen des englischen Alphabets, Ziffern und Satzzeichen, keine Leerzeichen."
        )
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme not in {"https", "http"}:
        return _("Eine Adresse ist vollständig und beginnt mit https://")
    authority, path = _split(rest)
    return next((sentence for broken, sentence in _uri_rules(scheme, authority, path) if broken), None)


def _uri_rules(scheme: str, authority: str, path: str) -> Iterable[tuple[bool, str]]:
    match = _AUTHORITY.fullmatch(authority)
    host, port = (match["host"], int(match["port"] or 1)) if match else ("", 1)
    yield "#" in path, _("Eine Adresse hat keinen Teil nach dem Zeichen #.")
    yield "@" in authority, _("Vor dem Namen des Servers steht kein Benutzername.")
    yield "*" in authority + path, _("Der Stern * als Platzhalter ist nicht erlaubt.")
    yield (
        host != "[::1]" and not _HOST.fullmatch(host),
        _("Prüfen Sie den Namen des Servers. Er steht in Kleinbuchstaben."),
    )
    yield port > 65535, _("Prüfen Sie die Portnummer.")
    yield (
        scheme == "http" and host not in LOOPBACK,
        _("http:// ist nur für das eigene Gerät erlaubt, sonst https://"),
    )
    yield (
        bool(_OTHER_PATH.search(path.partition("?")[0])),
        _("Der Pfad enthält keine Teile wie .. oder verschlüsselte Schrägstriche."),
    )


def _split(rest: str) -> tuple[str, str]:
    end = next((place for place, sign in enumerate(rest) if sign in "/?#\\"), len(rest))
    return rest[:end], rest[end:]


def _problem_of_uris(uris: Sequence[str]) -> str | None:
    if len(uris) > MOST_URIS:
        return _("Möglich sind höchstens %(most)s Adressen.", most=MOST_URIS)
    for uri in uris:
        sentence = problem_of_uri(uri)
        if sentence is not None:
            return f"{uri[:80]} – {sentence}" if uri.isprintable() else sentence
    return None


def _redirect_uris(facts: Facts, _kind: ClientKind) -> str | None:
    if not facts.redirect_uris:
        return _("Geben Sie mindestens eine Rücksprungadresse ein.")
    return _problem_of_uris(facts.redirect_uris)


def _auth_method(facts: Facts, kind: ClientKind) -> str | None:
    if (kind is ClientKind.PUBLIC) is not (facts.token_endpoint_auth_method is AuthMethod.NONE):
        return _("Nur eine App, die kein Geheimnis bewahren kann, weist sich ohne Geheimnis aus.")
    return None


def _pkce(facts: Facts, kind: ClientKind) -> str | None:
    if kind is ClientKind.PUBLIC and not facts.require_pkce:
        return _("Eine App ohne Geheimnis braucht PKCE.")
    return None


def _scopes(facts: Facts, _kind: ClientKind) -> str | None:
    if "openid" not in facts.scopes or not set(facts.scopes) <= set(SCOPES):
        return _("Bitte wählen Sie aus der Liste. „openid“ gehört immer dazu.")
    return None


def _level(facts: Facts, _kind: ClientKind) -> str | None:
    return _("Bitte wählen Sie aus der Liste.") if facts.min_level is AssuranceLevel.BASIC else None


def _email(facts: Facts, _kind: ClientKind) -> str | None:
    if addresses.normalised(facts.contact_email) is None:
        return _("Prüfen Sie die E-Mail-Adresse. Sie sieht zum Beispiel so aus: name@example.org")
    return None


def _text(field: str, longest: int) -> Callable[[Facts, ClientKind], str | None]:
    def problem(facts: Facts, _kind: ClientKind) -> str | None:
        text: str = getattr(facts, field)
        if not text.strip():
            return _("Bitte füllen Sie dieses Feld aus.")
        if len(text) > longest:
            return _("Das ist zu lang. Möglich sind %(longest)s Zeichen.", longest=longest)
        if any(unicodedata.category(sign) in _UNPRINTABLE for sign in text):
            return _("Hier steht ein Zeichen, das man nicht sehen kann.")
        return None

    return problem


_RULES: Mapping[str, Callable[[Facts, ClientKind], str | None]] = {
    "name": _text("name", LONGEST_NAME),
    "purpose": _text("purpose", LONGEST_PURPOSE),
    "purpose_en": _text("purpose_en", LONGEST_PURPOSE),
    "contact_email": _email,
    "home_page": lambda facts, _kind: problem_of_uri(facts.home_page),
    "token_endpoint_auth_method": _auth_method,
    "redirect_uris": _redirect_uris,
    "post_logout_redirect_uris": lambda facts, _kind: _problem_of_uris(facts.post_logout_redirect_uris),
    "scopes": _scopes,
    "require_pkce": _pkce,
    "min_level": _level,
}
