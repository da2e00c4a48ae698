"""Servicekonto as Authlib's Flask client sees it, with what Authlib takes on trust pinned down.

The algorithm of signatures, the issuer and the lifetime of keys are ours to decide, whatever the metadata of
the provider say: Authlib 1.9 accepts an unsigned ID token as soon as they list ``none``.
"""

import time
from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask

from relying_party.settings import Settings

NAME = "servicekonto"
ALGORITHMS = ["ES256"]  # "id_token_signed_response_alg" of the registration
SCOPES = "openid profile email address"
KEYS_KEPT_SECONDS = 3600  # a key that was revoked in an emergency must not live on here
TIMEOUT_SECONDS = 10


class WrongProviderError(Exception):
    """The metadata are those of somebody else (OpenID Connect Discovery § 4.3)."""


class Provider(FlaskOAuth2App):  # type: ignore[misc]
    """``issuer`` is set by ``install``."""

    issuer: str
    _keys_fetched_at = float("-inf")

    def load_server_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = super().load_server_metadata()
        if metadata.get("issuer") != self.issuer:
            metadata.pop("_loaded_at", None)  # Authlib's mark: ask again the next time
            raise WrongProviderError(metadata.get("issuer"))
        metadata["id_token_signing_alg_values_supported"] = ALGORITHMS
        return metadata

    @property
    def has_old_keys(self) -> bool:
        """Or none yet."""
        return time.monotonic() - self._keys_fetched_at > KEYS_KEPT_SECONDS

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """Authlib asks again for a key it does not know; here also when an hour is over."""
        is_old = self.has_old_keys
        keys: dict[str, Any] = super().fetch_jwk_set(force=force or is_old)
        if force or is_old:
            self._keys_fetched_at = time.monotonic()
        return keys


class _OAuth(OAuth):  # type: ignore[misc]
    oauth2_client_cls = Provider


def install(app: Flask, settings: Settings) -> Provider:
    """The metadata are asked for when the first visitor signs in: the site starts without Servicekonto."""
    provider: Provider = _OAuth(app).register(
        NAME,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    provider.issuer = settings.issuer
    return provider
