"""Citizen and authorities take turns: a question, a request sent on and back, a colleague who leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.browser import birth_certificate
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.server import Server

EITHER_WAY = pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
WHY_ASKED = "Bitte sagen Sie uns, wie viele Urkunden Sie brauchen."
WHY_THERE = "Die Geburt steht im Register in Gelnhausen, nicht bei uns."
WHY_BACK = "Wir haben nachgesehen: Der Eintrag steht doch in Hanau."
REASONS = "Der Eintrag im Geburtenregister wurde gefunden."


@dataclass(frozen=True)
class Matter:
    """A submitted request, its citizen, and how more people arrive."""

    arrive: Callable[[], Visitor]
    server: Server
    citizen: Visitor
    request_id: str

    def staff(self, name: str) -> Visitor:
        """Signed in, at the request."""
        return self.arrive().sign_in_as(self.server.employee(name)).open(self.at_authority)

    @property
    def at_authority(self) -> str:
        return f"/behoerde/antraege/{self.request_id}"

    @property
    def at_home(self) -> str:
        return f"/antraege/{self.request_id}"


def begin(server: Server, visit: Visit, *, java_script: bool) -> Matter:
    def arrive() -> Visitor:
        return visit(base_url=server.base_url, java_script=java_script)

    citizen, email = arrive(), f"{uuid4().hex[:12]}@example.org"
    citizen.register(email)
    citizen.sign_in(email)
    draft = birth_certificate.begin(citizen)
    birth_certificate.fill_in(citizen)
    citizen.press("Antrag jetzt absenden")
    return Matter(arrive, server, citizen, draft.rpartition("/")[2])


@EITHER_WAY
def test_a_question_is_answered_and_then_decided(server: Server, visit: Visit, java_script: bool) -> None:
    ask_answer_and_decide(begin(server, visit, java_script=java_script))


def test_a_question_is_answered_and_then_decided_on_postgresql(
    server_on_postgresql: Server, visit: Visit
) -> None:
    ask_answer_and_decide(begin(server_on_postgresql, visit, java_script=True))


def ask_answer_and_decide(matter: Matter) -> None:
    clerk, citizen = matter.staff("standesamt.hanau"), matter.citizen
    clerk.press("Übernehmen")
    clerk.open(f"{matter.at_authority}/rueckfrage")
    clerk.fill("Worum geht es?", WHY_ASKED)
    clerk.page.locator("[name='grund.copies_certificate']").fill("Wie viele?")
    clerk.press("Rückfrage senden")

    citizen.open(matter.at_home)
    assert WHY_ASKED in citizen.text
    citizen.page.locator("main a[href*='/rueckfrage/']").first.click()
    citizen.page.locator("[name=copies_certificate]").fill("3")
    citizen.press(birth_certificate.NEXT)
    citizen.press("Antwort absenden")
    assert citizen.path == matter.at_home

    clerk.open(matter.at_authority)
    row = clerk.page.locator("main tr", has_text="Geburtsurkunde").filter(has_text="3").first
    assert "1" in row.inner_text()
    clerk.choose("Stattgeben")
    clerk.fill("Begründung", REASONS)
    clerk.press("Zur Freigabe vorschlagen")
    matter.staff("leitung.hanau").press("Entscheidung freigeben")

    citizen.open(matter.at_home).wait_for("Die Entscheidung liegt in Ihrem Postfach.")
    citizen.open("/postfach/")
    citizen.follow("Entscheidung: Geburtsurkunde")
    assert citizen.download("Entscheidung").suggested_filename.endswith(".pdf")


@EITHER_WAY
def test_a_request_goes_to_gelnhausen_and_back(server: Server, visit: Visit, java_script: bool) -> None:
    matter = begin(server, visit, java_script=java_script)
    clerk, citizen = matter.staff("standesamt.hanau"), matter.citizen

    clerk.press("Übernehmen")
    forward(clerk, matter, "Standesamt Gelnhausen", WHY_THERE)

    assert clerk.get(matter.at_authority).status == 404
    citizen.open(matter.at_home)
    assert WHY_THERE in citizen.text
    assert "Gelnhausen" in citizen.text
    assert_both_dates_are_shown(citizen)
    other = matter.staff("standesamt.gelnhausen")
    assert_both_dates_are_shown(other)

    other.press("Übernehmen")
    forward(other, matter, "Standesamt Hanau", WHY_BACK)

    assert other.get(matter.at_authority).status == 404
    assert WHY_BACK in citizen.open(matter.at_home).text
    assert_both_dates_are_shown(citizen)
    assert_both_dates_are_shown(clerk.open(matter.at_authority))


def forward(clerk: Visitor, matter: Matter, authority: str, reason: str) -> None:
    clerk.open(f"{matter.at_authority}/weiterleiten")
    select = clerk.page.locator("main select[name=authority]")
    label = select.locator("option", has_text=authority.removeprefix("Standesamt ")).first.inner_text()
    select.select_option(label=label)
    clerk.page.locator("main textarea[name=reason]").fill(reason)
    clerk.press("Antrag weiterleiten")


def assert_both_dates_are_shown(visitor: Visitor) -> None:
    assert "Zuerst eingegangen am" in visitor.text
    assert "Bei dieser Behörde seit" in visitor.text


@EITHER_WAY
def test_whoever_is_locked_out_can_do_nothing_more_and_colleagues_go_on(
    server: Server, visit: Visit, java_script: bool
) -> None:
    """With a form half filled in."""
    matter = begin(server, visit, java_script=java_script)
    leaver = matter.staff("standesamt2.hanau")
    leaver.press("Übernehmen")
    leaver.choose("Stattgeben")
    leaver.fill("Begründung", REASONS)
    leader = matter.arrive().sign_in_as(server.employee("leitung.hanau"))

    set_access(leader, server.employee("standesamt2.hanau")["email"], "Zugang sperren")
    leaver.press("Zur Freigabe vorschlagen")

    assert leaver.path == "/anmelden"
    assert leaver.get(matter.at_authority).status != 200
    colleague = matter.staff("standesamt.hanau")
    assert "Zur Freigabe" not in colleague.page.locator("main .kern-badge").first.inner_text()
    colleague.press("Übernehmen")
    colleague.choose("Stattgeben")
    set_access(leader, server.employee("standesamt2.hanau")["email"], "Zugang wieder öffnen")


def set_access(leader: Visitor, email: str, button: str) -> None:
    leader.open("/behoerde/verwaltung/beschaeftigte")
    leader.page.locator("main tr", has_text=email).get_by_role("link").first.click()
    leader.page.locator("main").get_by_role("button", name=button).first.click()
