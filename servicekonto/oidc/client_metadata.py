"""The facts about a website in the words of the protocol (RFC 7591 § 2), as Authlib's claims classes judge
them against what this provider publishes. They know the protocol, ``client_rules`` our stricter rules.
"""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import rfc7591, rfc9101
from authlib.oidc import registration, rpinitiated
from joserfc.errors import JoseError

from servicekonto.oidc.capabilities import GRANT_TYPES, METADATA, RESPONSE_TYPES
from servicekonto.oidc.client_rules import Facts

_CLASSES = (
    rfc7591.ClientMetadataClaims,
    registration.ClientMetadataClaims,
    rpinitiated.ClientMetadataClaims,
    rfc9101.ClientMetadataClaims,
)
_FIELDS = {
    "client_name": "name",
    "client_uri": "home_page",
    "contacts": "contact_email",
    "scope": "scopes",
    "id_token_signed_response_alg": "id_token_alg",
}
"""Where ours has another name."""


def metadata_of(facts: Facts) -> dict[str, Any]:
    encryption = facts.id_token_encrypted_response_alg
    given = {
        "client_name": facts.name,
        "client_uri": facts.home_page,
        "contacts": [facts.contact_email],
        "scope": " ".join(facts.scopes),
        "redirect_uris": list(facts.redirect_uris),
        "post_logout_redirect_uris": list(facts.post_logout_redirect_uris),
        "grant_types": [name for name in GRANT_TYPES if facts.offline_access or name != "refresh_token"],
        "response_types": list(RESPONSE_TYPES),
        "token_endpoint_auth_method": str(facts.token_endpoint_auth_method),
        "id_token_signed_response_alg": str(facts.id_token_alg),
        "id_token_encrypted_response_alg": encryption and str(encryption),
        "id_token_encrypted_response_enc": encryption and facts.id_token_encrypted_response_enc,
        "userinfo_signed_response_alg": facts.userinfo_signed_response_alg,
        "default_max_age": facts.default_max_age,
        "jwks": facts.jwks,
    }
    return {name: value for name, value in given.items() if value is not None}


def refused_fields(facts: Facts, published: Mapping[str, object] = METADATA) -> set[str]:
    """Each class names the first it does not take. ``published``: what the provider can do."""
    found = (_refused_by(claims_class, metadata_of(facts), published) for claims_class in _CLASSES)
    return {_FIELDS.get(name, name) for name in found if name is not None}


def _refused_by(claims_class: Any, given: dict[str, Any], published: Mapping[str, object]) -> str | None:
    options = (
        claims_class.get_claims_options(published) if hasattr(claims_class, "get_claims_options") else {}
    )
    claims = claims_class(dict(given), {}, options, published)
    try:
        claims.validate()
    except JoseError as error:
        return str(getattr(error, "claim", None) or claims_class.REGISTERED_CLAIMS[0])
    except ValueError:  # about an app that would come back without encryption
        return "post_logout_redirect_uris"
    return None
