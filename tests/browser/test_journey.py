"""From a bare machine to a decided request, with both sides played in a browser."""

import io
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from playwright.sync_api import Download
from werkzeug.routing import Map

from tests.browser import birth_certificate
from tests.browser.conftest import Visit
from tests.browser.registry_office import REASONS, Submitted, decide, propose
from tests.browser.strangers import assert_sees_nothing
from tests.browser.visitor import Visitor
from tests.support.server import Server

NO_MATTER_OF_MAILS = ("Urkunde", "Standesamt", "Hanau", "HE-20", birth_certificate.FAMILY_NAME, REASONS)


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_a_request_is_decided_and_nobody_else_sees_it(
    server: Server, visit: Visit, url_map: Map, java_script: bool
) -> None:
    carry_through(server, visit, url_map, java_script=java_script)


def test_a_request_is_decided_on_postgresql(server_on_postgresql: Server, visit: Visit, url_map: Map) -> None:
    carry_through(server_on_postgresql, visit, url_map, java_script=True)


def test_whoever_proposes_cannot_approve_even_with_the_right_to_approve(server: Server, visit: Visit) -> None:
    approver = visit().sign_in_as(server.employee("leitung.kassel"))
    approver.open("/behoerde/?status=received&wer=niemand")
    approver.page.locator("main table a").first.click()
    address = approver.path
    approver.press("Übernehmen")
    propose(approver)

    assert "Freigeben muss sie eine andere Person" in approver.text
    assert approver.page.get_by_role("button", name="Entscheidung freigeben").count() == 0
    assert approver.post(f"{address}/freigabe", {"idempotency_key": str(uuid4())}).status == 403
    approver.open(address)
    assert "Zur Freigabe" in approver.text


def carry_through(server: Server, visit: Visit, url_map: Map, *, java_script: bool) -> None:
    def arrive() -> Visitor:
        return visit(base_url=server.base_url, java_script=java_script)

    citizen, email = arrive(), f"klara.{java_script}@example.org".lower()
    citizen.register(email)
    citizen.sign_in(email)
    submitted = submit(citizen, java_script=java_script)
    check_receipt(citizen.download("Eingangsbestätigung"), submitted.reference)

    clerk = arrive().sign_in_as(server.employee("standesamt.hanau"))
    decide(clerk, arrive(), submitted)
    for name in ("standesamt.kassel", "passamt.hanau"):
        stranger = arrive().sign_in_as(server.employee(name))
        assert_sees_nothing(stranger, submitted.request_id, url_map)
    other = arrive().sign_in_as(server.people["citizens"][2])
    assert_sees_nothing(other, submitted.request_id, url_map)

    message = read_decision(citizen, submitted)
    assert other.get(message).status == 404
    check_mails(citizen, email)


def submit(citizen: Visitor, *, java_script: bool) -> Submitted:
    draft = birth_certificate.begin(citizen)
    birth_certificate.own_birth(citizen)
    citizen.press(birth_certificate.NEXT)
    leave_something_out(citizen, java_script=java_script)
    birth_certificate.fill_in(citizen)
    assert "Zuständig ist das Standesamt Hanau, weil" in citizen.text
    assert "12,00 €" in citizen.text

    citizen.press("Antrag jetzt absenden")

    assert citizen.h1 == "Ihr Antrag ist eingegangen"
    reference = citizen.page.locator("dd").first.inner_text()
    assert reference.startswith("HE-")
    return Submitted(draft.rpartition("/")[2], reference)


def leave_something_out(citizen: Visitor, *, java_script: bool) -> None:
    """The page says what is missing and keeps what was typed."""
    citizen.fill("Vornamen", "Klara Marie")
    citizen.fill("Tag", "31", within="Geburtsdatum")
    citizen.press(birth_certificate.NEXT)

    assert citizen.h1 == "Ihre Angaben"
    assert any("Familienname" in error for error in citizen.errors)
    assert any("Geburtsdatum" in error for error in citizen.errors)
    assert (citizen.value("Vornamen"), citizen.value("Tag")) == ("Klara Marie", "31")
    if java_script:
        assert citizen.page.evaluate("document.activeElement.id") == "fehler"


def check_receipt(download: Download, reference: str) -> None:
    pdf = open_pdf(download)
    assert pdf.Root.MarkInfo.Marked
    (answers,) = pdf.attachments.values()
    assert reference in download.suggested_filename
    assert birth_certificate.FAMILY_NAME in answers.get_file().read_bytes().decode()


def open_pdf(download: Download) -> pikepdf.Pdf:
    data = Path(download.path()).read_bytes()
    assert data.startswith(b"%PDF")
    return pikepdf.open(io.BytesIO(data))


def read_decision(citizen: Visitor, submitted: Submitted) -> str:
    """The address of the message."""
    citizen.follow("Zum Antrag")
    citizen.wait_for("Die Entscheidung liegt in Ihrem Postfach.")
    citizen.open("/postfach/")
    citizen.follow("Entscheidung: Geburtsurkunde")
    assert open_pdf(citizen.download("Entscheidung")).Root.MarkInfo.Marked
    message = citizen.path
    citizen.follow("Zum Antrag")
    assert submitted.reference in citizen.text
    return message


def check_mails(citizen: Visitor, email: str) -> None:
    """They say that there is news and nothing of the matter."""
    mails = citizen.mails_to(email)
    assert [mail.splitlines()[0] for mail in mails] == [
        "Es gibt Neuigkeiten in Ihrem Servicekonto",
        "Ihr Antrag ist eingegangen",
        "Bitte bestätigen Sie Ihre E-Mail-Adresse",
    ]
    for mail in mails:
        assert not [word for word in NO_MATTER_OF_MAILS if word in mail], mail
