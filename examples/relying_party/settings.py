"""What the site is told by its environment. There are no defaults for what has to be right."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """``issuer``: the address of Servicekonto, character for character as it is published, without a slash
    at the end. ``base_url``: of this site, as visitors type it. ``database``: a file for the sessions.
    """

    issuer: str
    client_id: str
    client_secret: str
    base_url: str
    secret_key: str
    database: str

    @property
    def uses_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def redirect_uri(self) -> str:
        """Registered at Servicekonto; never made of what a request says about its host."""
        return f"{self.base_url}/callback"

    @property
    def post_logout_redirect_uri(self) -> str:
        return f"{self.base_url}/abgemeldet"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises KeyError with the name of the variable that is missing."""
    return Settings(
        issuer=environ["SERVICEKONTO_ISSUER"],
        client_id=environ["CLIENT_ID"],
        client_secret=environ["CLIENT_SECRET"],
        base_url=environ["BASE_URL"].rstrip("/"),
        secret_key=environ["SECRET_KEY"],
        database=environ["SESSION_DATABASE"],
    )
