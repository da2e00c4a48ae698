"""Somebody at a browser: what a person does on our pages, in the words on the buttons."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import APIResponse, Download, FilePayload, Locator, Page

Account = Mapping[str, Any]

PASSWORD = "Am Brunnen steht kein Rad 58"
PATIENCE = 25  # seconds for something the worker does


@dataclass(frozen=True)
class Visitor:
    page: Page

    @property
    def h1(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """What the main part says, in one line."""
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        return self.page.locator("#fehler li").all_inner_texts()

    def open(self, path: str) -> "Visitor":
        self.page.goto(path)
        return self

    def press(self, name: str) -> None:
        self._click(self._only("button", name))

    def follow(self, name: str) -> None:
        self._click(self._only("link", name))

    def fill(self, label: str, value: str, *, within: str | None = None) -> None:
        """``within``: the legend of the group, where labels repeat."""
        self._area(within).get_by_label(label, exact=True).fill(value)

    def attach(self, label: str, content: bytes, *, name: str = "dokument.pdf") -> None:
        file: FilePayload = {"name": name, "mimeType": "application/pdf", "buffer": content}
        self.page.locator("main").get_by_label(label, exact=True).set_input_files(file)

    def choose(self, label: str) -> None:
        """A label may go on with a hint."""
        self.page.locator("main").get_by_label(re.compile(f"^{re.escape(label)}")).check()

    def value(self, label: str) -> str:
        return self.page.locator("main").get_by_label(label, exact=True).input_value()

    def download(self, name: str) -> Download:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=name).first.click()
        return waiting.value

    def get(self, path: str) -> APIResponse:
        """With this person's cookies, but beside the page."""
        return self.page.context.request.get(path, max_redirects=0)

    def post(self, path: str, form: Mapping[str, str] | None = None) -> APIResponse:
        token = self.page.locator("input[name=csrf_token]").first.get_attribute("value")
        sent: dict[str, str | float | bool] = {"csrf_token": token or "", **(form or {})}
        return self.page.context.request.post(path, form=sent, max_redirects=0)

    def wait_for(self, text: str) -> None:
        """Reloads the page until the worker's work shows on it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} does not appear on {self.path}: {self.text}"
            self.page.wait_for_timeout(250)
            self.page.reload()

    def register(self, email: str, password: str = PASSWORD) -> None:
        """With the mail's link, to the end: the account can be signed in to."""
        self.register_unconfirmed(email, password)
        self.open(self.link_in_mail_to(email))
        self.press("Ja, Adresse bestätigen")

    def register_unconfirmed(self, email: str, password: str = PASSWORD) -> None:
        self.open("/registrieren")
        self.fill("E-Mail-Adresse", email)
        self.fill("Passwort", password)
        self.press("Konto anlegen")
        assert self.path == "/registrieren/gesendet", self.errors

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.open("/anmelden")
        self.fill_sign_in(email, password)

    def fill_sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.fill("E-Mail-Adresse", email)
        self.fill("Passwort", password)
        self.press("Anmelden")
        assert self.path != "/anmelden", self.errors

    def sign_in_as(self, account: Account) -> "Visitor":
        """With one click where a second factor would be needed: a code may be used once in 30 seconds."""
        if "totp_secret" in account:
            return self.sign_in_with_one_click(account["label"])
        self.sign_in(account["email"], account["password"])
        return self

    def sign_in_with_one_click(self, label: str) -> "Visitor":
        self.open("/anmelden")
        self._click(self.page.locator("main").get_by_role("button", name=label))
        return self

    def sign_out(self) -> None:
        menu = self.page.get_by_role("button", name="Menü", exact=True)
        if menu.is_visible():
            menu.click()
        self._click(self.page.locator("header").get_by_role("button", name="Abmelden"))
        assert self.path == "/abmelden"

    def mails_to(self, email: str) -> list[str]:
        """Subject and text of each, the newest first."""
        self.open(f"/demo/mails?an={quote(email)}")
        return [mail for mail in self.page.locator("main article").all_inner_texts() if email in mail]

    def link_in_mail_to(self, email: str) -> str:
        (mail,) = self.mails_to(email)
        found = re.search(r"https?://\S+", mail)
        assert found is not None, mail
        return found.group()

    def _click(self, target: Locator) -> None:
        """A click waits for the answer to begin, not for the page to be there."""
        target.click()
        self.page.wait_for_load_state("domcontentloaded")

    def _only(self, role: Any, name: str) -> Locator:
        return self.page.locator("main").get_by_role(role, name=name, exact=True)

    def _area(self, legend: str | None) -> Locator:
        main = self.page.locator("main")
        return main.get_by_role("group", name=legend) if legend else main
