"""What an operator types about a website, and the words for it. The rules are in ``client_rules``."""

import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import Optional

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc import assurance, claims, client_keys
from servicekonto.oidc.client_models import (
    AuthMethod,
    Client,
    ClientKind,
    ContentEncryption,
    IdTokenAlg,
    KeyAgreement,
    SubjectType,
)
from servicekonto.oidc.client_rules import SCOPES, Facts

KINDS: dict[ClientKind, LazyString] = {
    ClientKind.CONFIDENTIAL: _("Website mit eigenem Server"),
    ClientKind.PUBLIC: _("App auf dem Gerät oder im Browser"),
}
KIND_HINTS: dict[ClientKind, LazyString] = {
    ClientKind.CONFIDENTIAL: _(
        "Sie weist sich mit einem Schlüssel oder Geheimnis aus, das nur der Server kennt."
    ),
    ClientKind.PUBLIC: _("Sie kann kein Geheimnis bewahren und weist sich nur durch PKCE aus."),
}
METHODS: dict[AuthMethod, LazyString] = {
    AuthMethod.PRIVATE_KEY: _("mit einem Schlüssel, mit dem sie unterschreibt (private_key_jwt)"),
    AuthMethod.BASIC: _("mit einem Geheimnis im Kopf der Anfrage (client_secret_basic)"),
    AuthMethod.POST: _("mit einem Geheimnis im Formular (client_secret_post)"),
    AuthMethod.NONE: _("ohne Geheimnis (none)"),
}
METHOD_HINTS: dict[AuthMethod, LazyString] = {
    AuthMethod.PRIVATE_KEY: _("Am sichersten: Es gibt kein Geheimnis, das jemand mitlesen kann."),
    AuthMethod.BASIC: _("Das kann fast jede Software."),
    AuthMethod.POST: _("Nur, wenn die Software nichts anderes kann."),
}
SUBJECT_TYPES: dict[SubjectType, LazyString] = {
    SubjectType.PAIRWISE: _("eine eigene für diese Website (pairwise)"),
    SubjectType.PUBLIC: _("für alle solchen Websites dieselbe (public)"),
}
SUBJECT_HINTS: dict[SubjectType, LazyString] = {
    SubjectType.PAIRWISE: _("So kann niemand Daten mehrerer Websites über die Kennung zusammenführen."),
    SubjectType.PUBLIC: _("Nur, wenn ein Gesetz das erlaubt."),
}
LEVELS: dict[AssuranceLevel, LazyString] = {
    AssuranceLevel.LOW: _("niedrig"),
    AssuranceLevel.SUBSTANTIAL: _("substanziell"),
    AssuranceLevel.HIGH: _("hoch"),
}
SCOPE_NAMES: dict[str, LazyString] = {
    scope: _("%(what)s (%(scope)s)", what=claims.SCOPES[scope], scope=scope) for scope in SCOPES
}
ALGORITHMS: dict[IdTokenAlg, LazyString | str] = {
    IdTokenAlg.ES256: "ES256",
    IdTokenAlg.PS256: "PS256",
    IdTokenAlg.RS256: _("RS256, nur wenn die Software nichts anderes kann"),
}

_Choice = TypeVar("_Choice", bound=StrEnum)
Choices = list[tuple[str, LazyString | str] | tuple[str, LazyString | str, LazyString]]
_CHOICES: dict[str, Choices] = {
    "kind": [(kind.value, KINDS[kind], KIND_HINTS[kind]) for kind in ClientKind],
    "token_endpoint_auth_method": [
        (method.value, METHODS[method], METHOD_HINTS[method]) for method in METHOD_HINTS
    ],
    "subject_type": [(kind.value, SUBJECT_TYPES[kind], SUBJECT_HINTS[kind]) for kind in SubjectType],
    "scopes": [(scope, SCOPE_NAMES[scope]) for scope in SCOPES],
    "min_level": [(level.value, LEVELS[level]) for level in assurance.OFFERED],
    "id_token_alg": [(alg.value, ALGORITHMS[alg]) for alg in IdTokenAlg],
    "userinfo_signed_response_alg": [
        ("", _("keine, als JSON")),
        *((alg.value, ALGORITHMS[alg]) for alg in IdTokenAlg),
    ],
    "id_token_encrypted_response_alg": [
        ("", _("nicht verschlüsselt")),
        *((alg.value, alg.value) for alg in KeyAgreement),
    ],
    "id_token_encrypted_response_enc": [(enc.value, enc.value) for enc in ContentEncryption],
}


def _stripped(text: str | None) -> str:
    return unicodedata.normalize("NFC", (text or "").strip())


def _on_one_line(text: str | None) -> str:
    """A sentence, however it was broken while it was typed."""
    return " ".join(_stripped(text).splitlines())


def _trimmed(text: str | None) -> str:
    """Not normalised: an address is compared character by character."""
    return (text or "").strip()


class ClientForm(FlaskForm):  # type: ignore[misc]
    """``version``: of the row when the form was shown."""

    name = StringField(_("Name der Website"), filters=[_stripped])
    logo_text = StringField(_("Kurzer Text anstelle eines Logos"), [Optional()], filters=[_stripped])
    purpose = TextAreaField(_("Wozu die Website das Konto braucht"), filters=[_on_one_line])
    purpose_en = TextAreaField(_("Derselbe Satz auf Englisch"), filters=[_on_one_line])
    contact_email = EmailField(_("E-Mail-Adresse der Stelle, die sie betreibt"), filters=[_stripped])
    home_page = URLField(_("Startseite"), filters=[_trimmed])
    redirect_uris = TextAreaField(_("Rücksprungadressen nach dem Anmelden (redirect_uris)"))
    post_logout_redirect_uris = TextAreaField(
        _("Rücksprungadressen nach dem Abmelden (post_logout_redirect_uris)"), [Optional()]
    )
    backchannel_logout_uri = URLField(
        _("Adresse, an die wir das Abmelden melden (backchannel_logout_uri)"),
        [Optional()],
        filters=[_trimmed],
    )
    backchannel_logout_session_required = BooleanField(
        _("Die Website braucht dabei die Kennung der Sitzung (sid)")
    )
    token_endpoint_auth_method = RadioField(
        _("Womit sich die Website ausweist"),
        default=AuthMethod.BASIC.value,
    )
    scopes = SelectMultipleField(
        _("Was die Website höchstens erfragen darf"),
        default=["openid"],
    )
    min_level = SelectField(
        _("Kleinstes Vertrauensniveau der Anmeldung"),
        default=AssuranceLevel.LOW.value,
    )
    id_token_alg = SelectField(_("Signatur der ID-Tokens"), default=IdTokenAlg.ES256.value)
    jwks = TextAreaField(_("Öffentliche Schlüssel der Website (jwks)"), [Optional()])
    offline_access = BooleanField(_("Abrufen erlauben, auch wenn die Person nicht da ist (offline_access)"))
    userinfo_signed_response_alg = SelectField(_("Signatur der Antworten von UserInfo"), default="")
    id_token_encrypted_response_alg = SelectField(_("Verschlüsselung der ID-Tokens"), default="")
    id_token_encrypted_response_enc = SelectField(
        _("Verschlüsselung des Inhalts"), default=ContentEncryption.A128CBC_HS256.value
    )
    introspects_all = BooleanField(_("Access-Tokens anderer Websites prüfen lassen"))
    require_pkce = BooleanField(_("PKCE verlangen"), default=True)
    dpop_bound_access_tokens = BooleanField(_("Tokens an einen Schlüssel binden (DPoP verlangen)"))
    require_pushed_authorization_requests = BooleanField(_("Anfragen nur auf direktem Weg annehmen (PAR)"))
    default_max_age = StringField(
        _("Höchstes Alter der Anmeldung in Sekunden (default_max_age)"), [Optional()], filters=[_trimmed]
    )
    version = HiddenField()

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        for name, choices in _CHOICES.items():
            if name in self:
                self[name].choices = choices
        self._keep_level(self.min_level.data)

    def _keep_level(self, chosen: str | None) -> None:
        """One from before that is no longer offered is shown, and refused in a sentence: no list must change
        it in silence.
        """
        known = {level.value: name for level, name in LEVELS.items()}
        if chosen in known and chosen not in assurance.OFFERED:
            self.min_level.choices = [*_CHOICES["min_level"], (chosen, known[chosen])]

    def facts(self, kind: ClientKind) -> Facts:
        """Only of a valid form."""
        is_public = kind is ClientKind.PUBLIC
        return Facts(
            name=self.name.data or "",
            logo_text=self.logo_text.data or "",
            purpose=self.purpose.data or "",
            purpose_en=self.purpose_en.data or "",
            contact_email=self.contact_email.data or "",
            home_page=self.home_page.data or "",
            token_endpoint_auth_method=(
                AuthMethod.NONE if is_public else AuthMethod(self.token_endpoint_auth_method.data)
            ),
            redirect_uris=_lines(self.redirect_uris.data),
            post_logout_redirect_uris=_lines(self.post_logout_redirect_uris.data),
            scopes=self.scopes.data or [],
            require_pkce=bool(self.require_pkce.data),
            dpop_bound_access_tokens=bool(self.dpop_bound_access_tokens.data),
            require_pushed_authorization_requests=bool(self.require_pushed_authorization_requests.data),
            default_max_age=_seconds(self.default_max_age.data),
            min_level=AssuranceLevel(self.min_level.data),
            id_token_alg=IdTokenAlg(self.id_token_alg.data),
            jwks=client_keys.read(self.jwks.data),
            offline_access=bool(self.offline_access.data),
            introspects_all=bool(self.introspects_all.data) and not is_public,
            userinfo_signed_response_alg=_chosen(IdTokenAlg, self.userinfo_signed_response_alg.data),
            id_token_encrypted_response_alg=_chosen(KeyAgreement, self.id_token_encrypted_response_alg.data),
            id_token_encrypted_response_enc=_chosen(
                ContentEncryption, self.id_token_encrypted_response_enc.data
            ),
            backchannel_logout_uri=self.backchannel_logout_uri.data or "",
            backchannel_logout_session_required=bool(self.backchannel_logout_session_required.data),
        )

    @property
    def shown_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class RegistrationForm(ClientForm):
    kind = RadioField(
        _("Art"),
        default=ClientKind.CONFIDENTIAL.value,
    )
    subject_type = RadioField(
        _("Unter welcher Kennung (sub) die Website eine Person kennt"),
        default=SubjectType.PAIRWISE.value,
    )
    sector_identifier = StringField(
        _("Server, für den die Kennung gilt (sector_identifier)"), [Optional()], filters=[_trimmed]
    )


def values_of(client: Client) -> dict[str, object]:
    """For the fields of ``ClientForm``."""
    return {field.name: getattr(client, field.name) for field in fields(Facts)} | {
        "version": client.version,
        "redirect_uris": "\n".join(client.redirect_uris),
        "post_logout_redirect_uris": "\n".join(client.post_logout_redirect_uris),
        "token_endpoint_auth_method": client.token_endpoint_auth_method.value,
        "min_level": client.min_level.value,
        "id_token_alg": client.id_token_alg.value,
        "default_max_age": "" if client.default_max_age is None else str(client.default_max_age),
        "jwks": client_keys.written(client.jwks),
        "userinfo_signed_response_alg": client.userinfo_signed_response_alg or "",
        "id_token_encrypted_response_alg": client.id_token_encrypted_response_alg or "",
        "id_token_encrypted_response_enc": (
            client.id_token_encrypted_response_enc or ContentEncryption.A128CBC_HS256
        ).value,
    }


def refuse(form: FlaskForm, errors: Mapping[str, str]) -> None:
    """What a command found, beside its field."""
    for name, sentence in errors.items():
        form[name].errors = [*form[name].errors, sentence]


def _chosen(choices: type[_Choice], value: str | None) -> _Choice | None:
    return choices(value) if value else None


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _seconds(text: str | None) -> int | None:
    """What is no number becomes one for which there is a sentence."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
