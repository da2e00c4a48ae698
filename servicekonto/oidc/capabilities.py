"""What this provider can do, as tables: for the published metadata and for the checks of requests alike."""

from dataclasses import dataclass
from enum import StrEnum

from servicekonto.oidc import assurance, claims
from servicekonto.oidc.client_models import ContentEncryption, KeyAgreement
from servicekonto.oidc.key_models import KeyFamily
from servicekonto.web.i18n import LANGUAGES


class Algorithm(StrEnum):
    """Signatures of ID tokens, in order of preference; never ``none``, never a shared secret."""

    ES256 = "ES256"
    PS256 = "PS256"
    RS256 = "RS256"


class ClientAlgorithm(StrEnum):
    """Signatures of what clients send (FAPI 2.0 § 5.4.1): not RS256, never a shared secret."""

    ES256 = "ES256"
    PS256 = "PS256"
    EDDSA = "EdDSA"


class ClientAuthentication(StrEnum):
    PRIVATE_KEY = "private_key_jwt"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


OFFLINE_ACCESS = claims.OFFLINE_ACCESS


class SubjectType(StrEnum):
    PAIRWISE = "pairwise"
    PUBLIC = "public"


@dataclass(frozen=True)
class Endpoint:
    """``view``: the name of the Flask endpoint. What the application does not have is not published."""

    member: str
    view: str


KEY_FAMILIES: dict[Algorithm, KeyFamily] = {
    Algorithm.ES256: KeyFamily.EC,
    Algorithm.PS256: KeyFamily.RSA,
    Algorithm.RS256: KeyFamily.RSA,
}

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("authorization_endpoint", "oidc.authorize"),
    Endpoint("token_endpoint", "oidc.token"),
    Endpoint("userinfo_endpoint", "oidc.userinfo"),
    Endpoint("jwks_uri", "oidc.jwks"),
    Endpoint("pushed_authorization_request_endpoint", "oidc.par"),
    Endpoint("revocation_endpoint", "oidc.revoke"),
    Endpoint("introspection_endpoint", "oidc.introspect"),
    Endpoint("end_session_endpoint", "oidc.end_session"),
)

SCOPES = claims.BY_SCOPE

TOKEN_CLAIMS = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash", "sid")
"""The claims about the token and the sign-in."""

CLAIMS: tuple[str, ...] = (
    *(name for names in SCOPES.values() for name in names),
    claims.LEVELS,
    *TOKEN_CLAIMS,
)

RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query", "form_post")
GRANT_TYPES = ("authorization_code", "refresh_token")
CODE_CHALLENGE_METHODS = ("S256",)
PROMPTS = ("none", "login", "consent", "select_account")
REQUEST_OBJECT_ALGORITHMS = ("ES256", "PS256", "RS256", "EdDSA")
"""What websites sign their requests with (RFC 9101), each with a key it has registered."""

METADATA: dict[str, object] = {
    "scopes_supported": list(SCOPES),
    "response_types_supported": list(RESPONSE_TYPES),
    "response_modes_supported": list(RESPONSE_MODES),
    "grant_types_supported": list(GRANT_TYPES),
    "subject_types_supported": list(SubjectType),
    "id_token_signing_alg_values_supported": list(Algorithm),
    "token_endpoint_auth_methods_supported": list(ClientAuthentication),
    "token_endpoint_auth_signing_alg_values_supported": list(ClientAlgorithm),
    "dpop_signing_alg_values_supported": list(ClientAlgorithm),
    "revocation_endpoint_auth_methods_supported": list(ClientAuthentication),
    "introspection_endpoint_auth_methods_supported": [
        method for method in ClientAuthentication if method is not ClientAuthentication.NONE
    ],
    "revocation_endpoint_auth_signing_alg_values_supported": list(ClientAlgorithm),
    "introspection_endpoint_auth_signing_alg_values_supported": list(ClientAlgorithm),
    "userinfo_signing_alg_values_supported": list(Algorithm),
    "id_token_encryption_alg_values_supported": list(KeyAgreement),
    "id_token_encryption_enc_values_supported": list(ContentEncryption),
    "code_challenge_methods_supported": list(CODE_CHALLENGE_METHODS),
    "acr_values_supported": [assurance.URIS[level] for level in assurance.OFFERED],
    "claims_supported": list(CLAIMS),
    "claim_types_supported": ["normal"],
    "ui_locales_supported": list(LANGUAGES),
    "authorization_response_iss_parameter_supported": True,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "claims_parameter_supported": True,
    "prompt_values_supported": list(PROMPTS),
    "request_parameter_supported": True,
    "request_object_signing_alg_values_supported": list(REQUEST_OBJECT_ALGORITHMS),
    "request_uri_parameter_supported": False,
    "require_pushed_authorization_requests": False,
    "require_signed_request_object": False,
}
"""Members of the metadata that are the same everywhere."""
