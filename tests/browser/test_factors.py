"""Second factors in a real browser, with its virtual authenticator."""

import re
import time
from collections.abc import Callable

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import CDPSession

from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.server import Server

SECURITY = "/konto/sicherheit"


@pytest.fixture
def citizen(visit: Visit, sign_in_somebody_new: SignIn) -> tuple[Visitor, str]:
    visitor = visit(width=390)
    return visitor, sign_in_somebody_new(visitor)


def authenticator(visitor: Visitor, *, fills_in: bool = False) -> tuple[CDPSession, str]:
    """From now on the browser has a security chip, and somebody with the right finger. With its id.

    ``fills_in``: the address field of the sign-in page offers the passkey, and it is taken at once.
    """
    if not fills_in:
        visitor.page.add_init_script(
            "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
        )
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable", {"enableUI": False})
    added = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, added["authenticatorId"]


def add_passkey(visitor: Visitor, name: str = "Mein Laptop") -> None:
    visitor.open(f"{SECURITY}/passkey/neu")
    visitor.fill("Name", name)
    go_on(visitor, "Passkey anlegen")
    assert "Erst dann gilt er" in visitor.text
    go_on(visitor, "Passkey jetzt benutzen")
    assert "Das hat geklappt" in visitor.page.locator("body").inner_text()


def go_on(visitor: Visitor, button: str) -> None:
    """The answer of the authenticator takes a moment."""
    with visitor.page.expect_navigation():
        visitor.press(button)


def test_a_passkey_is_made_used_locked_and_removed(citizen: tuple[Visitor, str]) -> None:
    visitor, _email = citizen
    authenticator(visitor)
    add_passkey(visitor)

    visitor.sign_out()
    sign_in_with_passkey(visitor)
    assert visitor.path == "/konto"

    visitor.open(SECURITY).follow("Mein Laptop")
    visitor.press("Sperren")
    visitor.follow("Mein Laptop")
    go_on(visitor, "Passkey jetzt benutzen")
    visitor.follow("Mein Laptop")
    visitor.press("Entfernen")
    assert "Mein Laptop" not in visitor.text

    visitor.sign_out()
    sign_in_with_passkey(visitor)
    assert visitor.path == "/anmelden/passkey" and visitor.errors


def sign_in_with_passkey(visitor: Visitor) -> None:
    visitor.open("/anmelden")
    go_on(visitor, "Mit Passkey anmelden")


def test_the_passkey_of_the_demonstration_fits_into_the_virtual_authenticator(
    visit: Visit, server: Server
) -> None:
    visitor = visit()
    person = next(person for person in server.people["citizens"] if "passkey" in person)
    session, authenticator_id = authenticator(visitor, fills_in=True)
    passkey = person["passkey"]
    session.send(
        "WebAuthn.addCredential",
        {
            "authenticatorId": authenticator_id,
            "credential": {
                "credentialId": passkey["credential_id"],
                "isResidentCredential": True,
                "rpId": "localhost",
                "privateKey": passkey["private_key"],
                "userHandle": passkey["user_handle"],
                "signCount": 1,
            },
        },
    )

    visitor.open("/anmelden")
    visitor.page.wait_for_url("**/konto")

    assert person["name"] in visitor.text


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_an_app_is_set_up_by_its_picture_and_then_needed(
    visit: Visit, sign_in_somebody_new: SignIn, java_script: bool, read_picture: Callable[[Visitor], str]
) -> None:
    visitor = visit(java_script=java_script, width=390)
    email = sign_in_somebody_new(visitor)
    visitor.open(SECURITY).press("App einrichten")
    app = app_of(read_picture(visitor))
    assert app.issuer == "Servicekonto Hessen" and app.name == email

    visitor.fill("Code", app.now())
    visitor.press("Code prüfen")
    assert visitor.path == SECURITY

    visitor.sign_out()
    visitor.open("/anmelden")
    visitor.fill("E-Mail-Adresse", email)
    visitor.fill("Passwort", PASSWORD)
    press_sign_in(visitor)
    assert visitor.errors and "zweiten Faktor" in visitor.errors[0]

    visitor.fill("Passwort", PASSWORD)
    visitor.fill("Einmalcode (freiwillig)", next_code(app))
    press_sign_in(visitor)
    assert visitor.path == "/konto"


def app_of(address: str) -> pyotp.TOTP:
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    return app


def press_sign_in(visitor: Visitor) -> None:
    visitor.page.locator("main").get_by_role("button", name="Anmelden", exact=True).click()


def next_code(app: pyotp.TOTP) -> str:
    """Of the next half minute: the one of now has been used, and the next is taken too."""
    return app.at(int(time.time()) + 30)


@pytest.fixture
def read_picture(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Visitor], str]:
    """As a camera sees it: a photograph of the screen."""
    folder = tmp_path_factory.mktemp("pictures")

    def read(visitor: Visitor) -> str:
        file = folder / "picture.png"
        visitor.page.locator(".sk-qr").screenshot(path=file)
        with Image.open(file) as picture:
            (found,) = zxingcpp.read_barcodes(picture)
        return str(found.text)

    return read


def test_a_recovery_code_opens_the_account_when_the_app_is_lost(
    visit: Visit, sign_in_somebody_new: SignIn, read_picture: Callable[[Visitor], str]
) -> None:
    visitor = visit(java_script=False, width=390)
    email = sign_in_somebody_new(visitor)
    visitor.open(SECURITY).press("App einrichten")
    visitor.fill("Code", app_of(read_picture(visitor)).now())
    visitor.press("Code prüfen")
    visitor.press("Neue Notfallcodes anlegen")
    codes = visitor.page.locator(".sk-codes li").all_inner_texts()
    visitor.fill("Code", codes[0])
    visitor.press("Code prüfen")
    assert "Noch 10 Codes" in visitor.text
    visitor.sign_out()

    visitor.open("/anmelden")
    visitor.fill("E-Mail-Adresse", email)
    visitor.fill("Passwort", PASSWORD)
    visitor.fill("Einmalcode (freiwillig)", codes[1].lower())
    press_sign_in(visitor)

    assert "Noch 9 Codes" in visitor.open(SECURITY).text
    visitor.follow("App")
    visitor.press("Entfernen")
    assert visitor.path == SECURITY


def test_a_clerk_signs_in_with_password_and_app(visit: Visit, server: Server) -> None:
    clerk = visit()
    person = server.employee("konferenz.hmd")
    clerk.open("/anmelden")
    clerk.fill("E-Mail-Adresse", person["email"])
    clerk.fill("Passwort", person["password"])
    clerk.fill("Einmalcode (freiwillig)", pyotp.TOTP(person["totp_secret"]).now())
    press_sign_in(clerk)

    assert clerk.open("/behoerde/").h1 == "Eingang"


def test_that_was_not_me_is_one_click_from_the_mail(visit: Visit, sign_in_somebody_new: SignIn) -> None:
    owner = visit()
    email = sign_in_somebody_new(owner)
    stranger = visit()
    stranger.sign_in(email)

    link = next(
        found.group()
        for mail in owner.mails_to(email)
        if (found := re.search(r"https?://\S+/link/war-ich-nicht/\S+", mail))
    )
    owner.open(link)
    owner.press("Konto jetzt schützen")

    assert stranger.open("/konto").path == "/anmelden"
    assert "geschützt" in owner.page.locator("body").inner_text()
