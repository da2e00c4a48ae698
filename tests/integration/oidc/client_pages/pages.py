"""The pages of the websites, and what is typed there."""

from typing import Any

from servicekonto.oidc.client_models import Client
from tests.support.client import PageClient
from tests.support.page import Page

LIST = "/betrieb/websites/"
NEW = "/betrieb/websites/neu"
TYPED: dict[str, Any] = {
    "name": "Urkundenportal",
    "logo_text": "Stadt Musterstadt",
    "purpose": "Sie bestellen Urkunden.",
    "purpose_en": "You order certificates.",
    "contact_email": "standesamt@example.org",
    "home_page": "https://urkunden.example.org/",
    "redirect_uris": "https://urkunden.example.org/callback\r\n\r\n  https://urkunden.example.org/b ",
    "post_logout_redirect_uris": "",
    "scopes": ["openid", "email"],
}


def page_of(client: Client) -> str:
    return f"{LIST}{client.id}"


def make_secret(browser: PageClient, client: Client) -> Page:
    return browser.follow(browser.get(page_of(client)).form("/geheimnis").submit(browser))
