"""``grant_type=refresh_token``, as Authlib's server asks for it (RFC 6749 § 6)."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from servicekonto.core import clock
from servicekonto.oidc import dpop, issuing, refresh
from servicekonto.oidc.client_models import AuthMethod
from servicekonto.oidc.models import Grant
from servicekonto.oidc.refresh import Presented


class TokenForAuthlib:
    """What Authlib asks of a refresh token."""

    def __init__(self, presented: Presented) -> None:
        self.presented = presented

    def check_client(self, _client: object) -> bool:
        """It was looked for among those of this client alone."""
        return True

    def get_scope(self) -> str:
        return " ".join(self.presented.row.grant.scopes)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """Nothing is used up before everything else about the request is right."""

    TOKEN_ENDPOINT_AUTH_METHODS = [str(method) for method in AuthMethod]

    def authenticate_refresh_token(self, token: str) -> TokenForAuthlib | None:
        found = refresh.present(token, self.request.client.client, at=clock.now())
        return TokenForAuthlib(found) if found is not None else None

    def authenticate_user(self, token: TokenForAuthlib) -> Grant:
        return token.presented.row.grant

    def generate_token(self, scope: str, **_options: Any) -> dict[str, object]:
        presented: Presented = self.request.refresh_token.presented
        at = clock.now()
        jkt = dpop.key_of_exchange(self.request.client.client, bound_to=presented.row.jkt, at=at)
        following = refresh.rotate(presented, at=at)
        if following is None:
            raise InvalidGrantError
        grant = presented.row.grant
        wanted = set(scope.split())
        return issuing.answer(
            grant,
            scopes=None if wanted == set(grant.scopes) else [name for name in grant.scopes if name in wanted],
            refresh_token=following,
            kid=presented.kid,
            jkt=jkt,
            at=at,
        )

    def save_token(self, token: Mapping[str, object]) -> None:
        """It is."""

    def revoke_old_credential(self, _token: TokenForAuthlib) -> None:
        """It is replaced."""
