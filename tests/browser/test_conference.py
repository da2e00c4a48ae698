"""A conference is full; somebody waits, another withdraws, and the place is handed on at once."""

from uuid import uuid4

import pytest

from tests.browser.birth_certificate import NEXT
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.server import Server

EITHER_WAY = pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
SERVICE = "/leistungen/regionalkonferenz"
ADMINISTRATION = "/behoerde/verwaltung/leistungen/regionalkonferenz/plaetze"


def register(visitor: Visitor) -> str:
    """Fills the form in and sends it; returns the address of the request."""
    visitor.open(SERVICE)
    visitor.press("Antrag beginnen")
    draft = visitor.path.partition("/seite/")[0]
    visitor.fill("Vornamen", "Mia")
    visitor.fill("Familienname", "Musterfrau")
    visitor.fill("Funktion", "Leitung der IT")
    visitor.press(NEXT)
    visitor.choose("Eine andere Behörde oder Einrichtung")
    visitor.press(NEXT)
    visitor.fill("Name der Behörde oder Einrichtung", "Zweckverband Musterland")
    visitor.press(NEXT)
    visitor.press(NEXT)
    visitor.choose("Ich habe gelesen, was mit meinen Angaben geschieht.")
    visitor.press(NEXT)
    visitor.press("Antrag jetzt absenden")
    return draft


def set_places(host: Visitor, change: int) -> None:
    host.open(ADMINISTRATION)
    field = host.page.locator("[name=capacity]")
    field.fill(str(int(field.input_value()) + change))
    host.press("Speichern")


@EITHER_WAY
def test_the_place_that_becomes_free_is_read_in_the_postbox(
    server: Server, visit: Visit, java_script: bool
) -> None:
    def arrive() -> Visitor:
        return visit(base_url=server.base_url, java_script=java_script)

    citizen, email = arrive(), f"{uuid4().hex[:12]}@example.org"
    citizen.register(email)
    citizen.sign_in(email)
    assert "Ausgebucht" in citizen.open(SERVICE).text
    request = register(citizen)
    assert "Sie stehen auf der Warteliste" in citizen.text

    employee = arrive().sign_in_as(server.employee("standesamt.kassel"))
    behind = register(employee)
    assert "Sie stehen auf der Warteliste" in employee.text

    host = arrive().sign_in_as(server.employee("konferenz.hmd"))
    for _ in range(10):  # until only the employee waits
        if "Sie haben einen Platz." in citizen.open(request).text:
            break
        set_places(host, 1)
    assert "Sie haben einen Platz." in citizen.text
    assert "auf Position 1" in employee.open(behind).text

    citizen.open(f"{request}/zurueckziehen")
    citizen.press("Ja, Antrag zurückziehen")

    assert "Sie haben einen Platz: Regionalkonferenz" in employee.open("/postfach/").text
    assert "Sie haben einen Platz." in employee.open(behind).text
