"""What people do with browsers: clicking twice, going back, two tabs, a session that is gone."""

from dataclasses import dataclass

import pytest

from tests.browser import birth_certificate
from tests.browser.birth_certificate import NEXT
from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import Visitor

SEND = "Antrag jetzt absenden"
ARRIVED = "Ihr Antrag ist eingegangen"
EITHER_WAY = pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])


@dataclass(frozen=True)
class Somebody:
    """A new citizen, signed in, with a draft."""

    email: str
    visitor: Visitor
    draft: str

    def another_tab(self) -> Visitor:
        return Visitor(self.visitor.page.context.new_page())

    def requests(self) -> int:
        """How many of them are with an authority."""
        return (
            self.another_tab()
            .open("/antraege/")
            .page.locator("main article .kern-badge", has_text="Eingegangen")
            .count()
        )


@pytest.fixture
def somebody(visit: Visit, sign_in_somebody_new: SignIn, request: pytest.FixtureRequest) -> Somebody:
    options = getattr(request.node, "callspec", None)
    visitor = visit(java_script=options is None or options.params["java_script"])
    email = sign_in_somebody_new(visitor)
    return Somebody(email, visitor, birth_certificate.begin(visitor))


@EITHER_WAY
def test_a_double_click_sends_one_request(somebody: Somebody, java_script: bool) -> None:
    visitor = somebody.visitor
    birth_certificate.fill_in(visitor)

    visitor.page.get_by_role("button", name=SEND).dblclick()

    visitor.page.get_by_role("heading", level=1, name=ARRIVED).wait_for()
    assert somebody.requests() == 1


@EITHER_WAY
def test_going_back_after_sending_leads_to_the_request(somebody: Somebody, java_script: bool) -> None:
    visitor = somebody.visitor
    birth_certificate.fill_in(visitor)
    visitor.press(SEND)
    assert visitor.h1 == ARRIVED

    visitor.page.go_back()
    assert visitor.path == somebody.draft
    assert "schon abgeschickt" in visitor.text
    visitor.open(f"{somebody.draft}/eingang").page.reload()

    assert visitor.h1 == ARRIVED
    assert somebody.requests() == 1


def test_a_form_left_open_in_another_tab_is_not_sent_again(somebody: Somebody) -> None:
    late = somebody.another_tab()
    birth_certificate.fill_in(somebody.visitor)
    late.open(f"{somebody.draft}/pruefen")
    form = somebody.another_tab().open(f"{somebody.draft}/seite/zweck")
    somebody.visitor.press(SEND)

    late.press(SEND)
    form.choose("Rente")
    form.press(NEXT)

    assert late.h1 == ARRIVED
    assert "schon abgeschickt" in form.text
    assert "Hochzeit" in form.text
    assert somebody.requests() == 1


def test_two_tabs_fill_in_different_pages_of_one_draft(somebody: Somebody) -> None:
    first, second = somebody.visitor, somebody.another_tab()
    first.open(f"{somebody.draft}/seite/geburtsort")
    second.open(f"{somebody.draft}/seite/zweck")
    birth_certificate.born_in("Hanau")(first)
    birth_certificate.purpose(second)
    second.press(NEXT)
    first.press(NEXT)

    first.open(f"{somebody.draft}/pruefen")

    assert "Hanau" in first.text
    assert "Hochzeit" in first.text


@EITHER_WAY
def test_the_draft_is_as_it_was_after_the_session_ended_elsewhere(
    somebody: Somebody, java_script: bool
) -> None:
    visitor = somebody.visitor
    birth_certificate.own_birth(visitor)
    visitor.press(NEXT)
    somebody.another_tab().open("/").sign_out()

    birth_certificate.applicant(visitor)
    visitor.press(NEXT)
    assert visitor.path == "/anmelden", visitor.text
    visitor.fill_sign_in(somebody.email)

    assert visitor.path == f"{somebody.draft}/seite/ihre-angaben"
    visitor.open(f"{somebody.draft}/seite/beziehung")
    assert visitor.page.get_by_label("Um meine eigene Geburt").is_checked()


@EITHER_WAY
def test_reloading_a_page_with_errors_keeps_what_was_typed(somebody: Somebody, java_script: bool) -> None:
    visitor = somebody.visitor.open(f"{somebody.draft}/seite/ihre-angaben")
    visitor.fill("Vornamen", "Klara")
    visitor.press(NEXT)
    errors = visitor.errors
    assert errors

    visitor.page.reload()

    assert visitor.errors == errors
    assert visitor.value("Vornamen") == "Klara"
