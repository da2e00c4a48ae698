"""The other side of a birth certificate: two people of the registry office of Hanau."""

from dataclasses import dataclass
from uuid import uuid4

from tests.browser.visitor import Visitor

REASONS = "Der Eintrag im Geburtenregister wurde gefunden."


@dataclass(frozen=True)
class Submitted:
    request_id: str
    reference: str


def decide(clerk: Visitor, approver: Visitor, submitted: Submitted) -> None:
    """The clerk proposes and cannot approve; the approver, signed in with one click, does."""
    clerk.open("/behoerde/")
    clerk.fill("Aktenzeichen oder genauer Name", submitted.reference)
    clerk.press("Anwenden")
    clerk.follow(submitted.reference)
    address = clerk.path
    clerk.press("Übernehmen")
    clerk.press("Zur Freigabe vorschlagen")
    assert len(clerk.errors) == 2, clerk.text
    propose(clerk)
    assert "Freigeben muss sie eine andere Person" in clerk.text
    assert clerk.post(f"{address}/freigabe", {"idempotency_key": str(uuid4())}).status == 403

    approver.sign_in_with_one_click("Hanau: Freigabe im Standesamt")
    approver.open(address)
    approver.press("Entscheidung freigeben")
    assert "Die Entscheidung ist getroffen" in approver.text


def propose(clerk: Visitor) -> None:
    clerk.choose("Stattgeben")
    clerk.fill("Begründung", REASONS)
    clerk.press("Zur Freigabe vorschlagen")
