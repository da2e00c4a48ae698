"""npm's oidc-client-ts signs people in from a page in a real browser, without a server of its own."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver
from tooling import assets

FOLDER = Path(__file__).parent
LIBRARY = "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
PATIENCE = 40
HTML, SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(ignore_https_errors=True, locale="de-DE") as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


@pytest.fixture
def app(provider: Provider, receiver: Receiver) -> str:
    """The address of the app."""
    settings = {
        "authority": provider.issuer,
        "client_id": provider.client("public").client_id,
        "level": provider.levels.high,
        "step_up": provider.step_up,
    }
    script = f"window.settings = {json.dumps(settings)};\n" + (FOLDER / "browser_app.js").read_text()
    html = (FOLDER / "browser_app.html").read_bytes()
    library = (assets.test_tools_folder() / LIBRARY).read_bytes()
    receiver.files |= {f"/public/{name}": (HTML, html) for name in ("", "callback", "signed-out")}
    receiver.files |= {
        "/public/app.js": (SCRIPT, script.encode()),
        "/public/oidc-client-ts.js": (SCRIPT, library),
    }
    return f"{receiver.origin}/public/"


def state_of(page: Page, name: str) -> dict[str, Any]:
    """As the app says it, once it has got there."""
    expect(page.locator("#state")).to_contain_text(f'"{name}"', timeout=20_000)
    return dict(json.loads(page.locator("#state").inner_text()))


def go_through(provider: Provider, page: Page, target: str) -> None:
    """Whatever the provider asks, which may be nothing, until the browser is there."""
    deadline = time.monotonic() + PATIENCE
    while not page.url.startswith(target):
        assert time.monotonic() < deadline, f"it stays at {page.url}"
        if page.url.startswith(provider.issuer):
            provider.go_on_in_browser(page)
        page.wait_for_timeout(100)
        page.wait_for_load_state("networkidle")


@pytest.mark.browser
def test_somebody_signs_in_is_refreshed_steps_up_and_signs_out(
    provider: Provider, app: str, page: Page
) -> None:
    provider.needs("scopes_supported", "offline_access")
    provider.endpoint("end_session")
    page.goto(app)
    assert state_of(page, "nobody")["user"] is None

    page.locator("#sign-in").click()
    go_through(provider, page, f"{app}callback")
    first = state_of(page, "signed in")["user"]
    page.locator("#renew").click()
    second = state_of(page, "renewed")["user"]
    page.locator("#step-up").click()
    page.wait_for_url(lambda address: not address.startswith(app))
    go_through(provider, page, f"{app}callback")
    third = state_of(page, "signed in")["user"]
    page.locator("#sign-out").click()
    go_through(provider, page, f"{app}signed-out")

    assert first["email"] and first["sub"] == second["sub"]
    assert first["access_token"] != second["access_token"]
    assert (third["sub"], third["acr"]) == (first["sub"], provider.levels.high)
    assert state_of(page, "signed out")["user"] is None
