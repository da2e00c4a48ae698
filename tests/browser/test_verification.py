"""A document is shown to somebody without an account, who wants to know whether it is genuine."""

from pathlib import Path

from tests.browser.conftest import Visit
from tests.browser.prepared import id_behind
from tests.browser.visitor import Visitor
from tests.support.server import Server


def the_decision(citizen: Visitor) -> tuple[str, bytes]:
    """Its code and its file."""
    citizen.open(
        f"/antraege/{id_behind(citizen, '/antraege/', 'section[aria-labelledby=gruppe-finished] a')}"
    )
    code = citizen.page.locator(".sk-documents a[href^='/pruefen/']").last.inner_text()
    return code, Path(citizen.download("Entscheidung der Behörde").path()).read_bytes()


def test_a_landlord_verifies_a_decision(visit: Visit, server: Server) -> None:
    code, pdf = the_decision(visit().sign_in_as(server.people["citizens"][1]))
    landlord = visit(java_script=False)

    landlord.open("/")
    landlord.page.locator("footer").get_by_role("link", name="Dokument prüfen").click()
    landlord.attach("PDF-Datei", pdf)
    landlord.press("Datei prüfen")
    assert "Echt und unverändert" in landlord.text and code in landlord.text

    landlord.follow("Ein anderes Dokument prüfen")
    landlord.attach("PDF-Datei", pdf.replace(b"/Title", b"/Titel", 1))
    landlord.press("Datei prüfen")
    assert "Nicht unverändert" in landlord.text and code in landlord.text

    landlord.open("/pruefen")
    landlord.fill("Prüfcode", code.lower().replace("-", " "))
    landlord.press("Code prüfen")
    assert landlord.path == f"/pruefen/{code}"
    assert "Der Prüfcode ist echt" in landlord.text
