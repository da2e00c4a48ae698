"""A form that was sent after the session had ended, or that needed a new proof first, is filled in again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.kept_input import KeptInput
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.accounts.step_up import RECENT
from servicekonto.authorities import commands, queries
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.service_requests.conversation_models import InternalNote
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.factors import code_of, create_totp
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.builders.town import PERSONAL_DATA
from tests.support.client import PageClient
from tests.support.page import Form, Page

pytestmark = pytest.mark.usefixtures("database")

RESTORED = "Ihre Eingaben sind noch da"
NOTE = "Am Telefon: Die Urkunde soll an die neue Anschrift gehen."
TEXT = "Der Eintrag im Geburtenregister wurde in Gelnhausen gefunden."
OVER = timedelta(hours=2)
BELOW = timedelta(minutes=31)  # the session goes on, with one factor


@dataclass(frozen=True)
class Open:
    """A page with its form, open in somebody's browser."""

    client: PageClient
    owner: Account
    path: str
    form: Form

    def send_after(self, idle: timedelta, typed: Mapping[str, Any], *, asks_at: str) -> None:
        sign_in(self.client, self.owner, at=clock.now() - idle)
        answer = self.form.submit(self.client, typed)
        assert answer.location == asks_at


def opened(client: PageClient, owner: Account, path: str, action: str) -> Open:
    sign_in(client, owner)
    return Open(client, owner, path, client.get(path).form(action))


def signs_in(client: PageClient, account: Account, code: str = "", *, status: int = 200) -> Page:
    form = client.get("/anmelden").form("/anmelden")
    answer = form.submit(client, email=account.email, password=PASSWORD, code=code)
    return client.follow(answer, status=status)


def confirms(client: PageClient, code: str = "") -> Page:
    form = client.get("/anmelden/bestaetigen").form("/anmelden/bestaetigen")
    return client.follow(form.submit(client, password=PASSWORD, code=code))


@pytest.fixture
def registry() -> Registry:
    return create_registry()


@pytest.fixture
def request_in_review(registry: Registry) -> ServiceRequest:
    return create_service_request(status=Status.IN_REVIEW, registry=registry)


@pytest.fixture
def code(registry: Registry) -> Callable[[], str]:
    credential = create_totp(registry.clerk.account)
    return lambda: code_of(credential)


@pytest.fixture
def note(client: PageClient, registry: Registry, request_in_review: ServiceRequest) -> Open:
    path = f"/behoerde/antraege/{request_in_review.id}"
    return opened(client, registry.clerk.account, path, "/notiz")


def is_shown(page: Page, action: str, typed: Mapping[str, Any]) -> bool:
    shown = page.form(action).values
    return RESTORED in page.messages and all(shown[name] == [text] for name, text in typed.items())


def test_personal_data_are_there_again_after_the_end_of_the_session(client: PageClient) -> None:
    owner = create_account(values=PERSONAL_DATA)
    typed = {"street": "Erfundener Weg", "house_number": "7", "place": "Hanau", "birth_date-jahr": "1984"}
    opened(client, owner, "/konto/daten", "/konto/daten").send_after(OVER, typed, asks_at="/anmelden")

    page = signs_in(client, owner)

    assert page.path == "/konto/daten"
    assert is_shown(page, "/konto/daten", typed)
    assert page.link("Zu Ihren Eingaben").endswith(f"#{page.form('/konto/daten').tag['id']}")


def test_a_restored_form_is_sent_by_its_owner_and_then_forgotten(client: PageClient) -> None:
    owner = create_account(values=PERSONAL_DATA)
    typed = {"street": "Erfundener Weg", "house_number": "7", "postcode": "63450", "place": "Hanau"}
    opened(client, owner, "/konto/daten", "/konto/daten").send_after(OVER, typed, asks_at="/anmelden")
    page = signs_in(client, owner)
    assert client.get("/konto/daten").form("/konto/daten").values["street"] == ["Erfundener Weg"]

    page.form("/konto/daten").submit(client)

    assert RESTORED not in client.get("/konto/daten").messages
    assert client.get("/konto/daten").form("/konto/daten").values["street"] == ["Erfundener Weg"]
    assert db.session.scalars(sa.select(KeptInput)).all() == []


def test_another_form_that_is_sent_in_between_takes_nothing_away(client: PageClient) -> None:
    owner = create_account(values=PERSONAL_DATA)
    typed = {"street": "Erfundener Weg", "house_number": "7", "postcode": "63450", "place": "Hanau"}
    opened(client, owner, "/konto/daten", "/konto/daten").send_after(OVER, typed, asks_at="/anmelden")
    signs_in(client, owner)

    client.get("/konto/email").form("/konto/email").submit(client, email="neu@example.org")

    assert is_shown(client.get("/konto/daten"), "/konto/daten", typed)


def test_a_new_address_is_there_again_after_a_new_proof(client: PageClient) -> None:
    owner, typed = create_account(), {"email": "neue.anschrift@example.org"}
    changing = opened(client, owner, "/konto/email", "/konto/email")
    changing.send_after(RECENT + timedelta(minutes=1), typed, asks_at="/anmelden/bestaetigen")

    page = confirms(client)

    assert page.path == "/konto/email"
    assert is_shown(page, "/konto/email", typed)


def test_a_note_is_there_again_after_the_end_of_the_session(note: Open, code: Callable[[], str]) -> None:
    note.send_after(OVER, {"note": NOTE}, asks_at="/anmelden")

    page = signs_in(note.client, note.owner, code())

    assert page.path == note.path
    assert is_shown(page, "/notiz", {"note": NOTE})
    assert page.select("details[open] textarea[name=note]")
    assert db.session.scalars(sa.select(InternalNote)).all() == []


def test_a_note_is_there_again_after_two_more_proofs(note: Open, code: Callable[[], str]) -> None:
    """The person signs in with the password alone first."""
    note.send_after(OVER, {"note": NOTE}, asks_at="/anmelden")
    sign_in(note.client, note.owner, level=AssuranceLevel.LOW)
    refused = note.client.client.get(note.path)
    assert refused.location == "/anmelden/bestaetigen"

    page = confirms(note.client, code())

    assert is_shown(page, "/notiz", {"note": NOTE})


def test_the_way_through_the_inbox_stays(
    client: PageClient, registry: Registry, request_in_review: ServiceRequest, code: Callable[[], str]
) -> None:
    path = f"/behoerde/antraege/{request_in_review.id}?wer=ich"
    opened(client, registry.clerk.account, path, "/notiz").send_after(
        BELOW, {"note": NOTE}, asks_at="/anmelden/bestaetigen"
    )

    page = confirms(client, code())

    assert page.response.request.full_path == path


FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "note": ("", "/notiz", {"note": NOTE}),
    "decision": ("", "/entscheidung", {"outcome": "refused", "reasons": TEXT}),
    "message": ("/nachricht", "/nachricht", {"body": TEXT}),
    "question": ("/rueckfrage", "/rueckfrage", {"body": TEXT, "grund.applicant.given_names": NOTE}),
    "forwarding": ("/weiterleiten", "/weiterleiten", {"place": "Gelnhausen", "reason": TEXT}),
    "closing": ("/abschliessen", "/abschliessen", {"reason": TEXT}),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_a_clerk_typed_is_there_again_after_the_step_up(
    name: str,
    client: PageClient,
    registry: Registry,
    request_in_review: ServiceRequest,
    code: Callable[[], str],
) -> None:
    below, action, typed = FORMS[name]
    path = f"/behoerde/antraege/{request_in_review.id}{below}"
    opened(client, registry.clerk.account, path, action).send_after(
        BELOW, typed, asks_at="/anmelden/bestaetigen"
    )

    page = confirms(client, code())

    assert page.path == path
    assert is_shown(page, action, typed)


def test_why_a_proposal_goes_back_is_there_again(client: PageClient, registry: Registry) -> None:
    proposed = create_service_request(status=Status.DECISION_PROPOSED, registry=registry)
    credential = create_totp(registry.approver.account)
    sending_back = opened(
        client, registry.approver.account, f"/behoerde/antraege/{proposed.id}", "/rueckgabe"
    )
    sending_back.send_after(BELOW, {"reason": TEXT}, asks_at="/anmelden/bestaetigen")

    page = confirms(client, code_of(credential))

    assert is_shown(page, "/rueckgabe", {"reason": TEXT})
    assert page.select("details[open] textarea[name=reason]")


def test_the_opening_hours_an_administrator_typed_are_there_again(
    client: PageClient, registry: Registry
) -> None:
    administrator = create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR])
    credential = create_totp(administrator.account)
    typed = {"opening_hours": "Montag bis Freitag, 8 bis 12 Uhr"}
    path = "/behoerde/verwaltung/kontakt"
    opened(client, administrator.account, path, "/kontakt").send_after(
        BELOW, typed, asks_at="/anmelden/bestaetigen"
    )

    assert is_shown(confirms(client, code_of(credential)), "/kontakt", typed)


def test_a_text_for_several_requests_is_there_again_with_them(
    client: PageClient, registry: Registry, request_in_review: ServiceRequest, code: Callable[[], str]
) -> None:
    path = f"/behoerde/mehrere?antrag={request_in_review.id}&wer=ich"
    opened(client, registry.clerk.account, path, "/abschliessen").send_after(
        BELOW, {"reason": TEXT}, asks_at="/anmelden/bestaetigen"
    )

    page = confirms(client, code())

    typed = {"reason": TEXT, "antrag": str(request_in_review.id)}
    assert is_shown(page, "/abschliessen", typed)
    assert page.response.request.full_path == "/behoerde/mehrere?wer=ich"
    other = create_service_request(status=Status.IN_REVIEW, registry=registry)
    assert RESTORED not in client.get(f"/behoerde/mehrere?antrag={other.id}").messages


def test_nothing_is_promised_where_the_form_is_not_shown_any_more(
    client: PageClient, registry: Registry, request_in_review: ServiceRequest, code: Callable[[], str]
) -> None:
    """A colleague has proposed a decision in between."""
    path = f"/behoerde/antraege/{request_in_review.id}"
    _path, action, typed = FORMS["decision"]
    opened(client, registry.clerk.account, path, action).send_after(
        BELOW, typed, asks_at="/anmelden/bestaetigen"
    )
    with unit_of_work():
        request_in_review.assignee_id = registry.approver.id

    page = confirms(client, code())

    assert RESTORED not in page.messages
    assert TEXT not in page.text


def test_a_colleague_who_signs_in_in_that_browser_sees_nothing(
    note: Open, registry: Registry, request_in_review: ServiceRequest
) -> None:
    note.send_after(OVER, {"note": NOTE}, asks_at="/anmelden")
    credential = create_totp(registry.approver.account)

    page = signs_in(note.client, registry.approver.account, code_of(credential))

    assert page.path == note.path
    assert RESTORED not in page.messages
    assert page.form("/notiz").values["note"] == [""]


def test_somebody_else_who_signs_in_in_that_browser_sees_no_personal_data(client: PageClient) -> None:
    owner, other = create_account(values=PERSONAL_DATA), create_account(values=PERSONAL_DATA)
    opened(client, owner, "/konto/daten", "/konto/daten").send_after(
        OVER, {"street": "Erfundener Weg"}, asks_at="/anmelden"
    )

    page = signs_in(client, other)

    assert page.path == "/konto/daten"
    assert RESTORED not in page.messages
    assert page.form("/konto/daten").values["street"] == [""]


def test_who_has_lost_the_role_in_between_sees_nothing(
    note: Open, registry: Registry, code: Callable[[], str]
) -> None:
    note.send_after(OVER, {"note": NOTE}, asks_at="/anmelden")
    works_now_as(registry.clerk, Role.AUTHORITY_ADMINISTRATOR)

    page = signs_in(note.client, note.owner, code(), status=404)

    assert NOTE not in page.text


def test_who_may_not_see_the_request_any_more_sees_nothing(
    note: Open, request_in_review: ServiceRequest, code: Callable[[], str]
) -> None:
    elsewhere = create_staff_member(authority="gelnhausen")
    note.send_after(OVER, {"note": NOTE}, asks_at="/anmelden")
    with unit_of_work():
        request_in_review.authority_id = elsewhere.authority_id
        request_in_review.unit_id = next(iter(elsewhere.unit_ids))
        request_in_review.assignee_id = None

    page = signs_in(note.client, note.owner, code(), status=404)

    assert NOTE not in page.text


def test_what_was_typed_for_one_authority_is_not_shown_at_the_next(
    client: PageClient, registry: Registry, code: Callable[[], str]
) -> None:
    writing = opened(client, registry.clerk.account, "/behoerde/textbausteine/neu", "/neu")
    writing.send_after(OVER, {"title": "Rückruf", "body": TEXT}, asks_at="/anmelden")
    with unit_of_work():
        gelnhausen = queries.get_authority("gelnhausen")
        registry.clerk.authority_id = gelnhausen.id
        registry.clerk.units = [queries.get_unit(gelnhausen, "registry_office")]

    page = signs_in(client, writing.owner, code())

    assert page.path == writing.path
    assert RESTORED not in page.messages
    assert page.form("/neu").values["body"] == [""]


def test_a_text_is_shown_again_at_the_same_authority(
    client: PageClient, registry: Registry, code: Callable[[], str]
) -> None:
    writing = opened(client, registry.clerk.account, "/behoerde/textbausteine/neu", "/neu")
    writing.send_after(OVER, {"title": "Rückruf", "body": TEXT}, asks_at="/anmelden")

    page = signs_in(client, writing.owner, code())

    assert is_shown(page, "/neu", {"title": "Rückruf", "body": TEXT})


def works_now_as(member: StaffMember, *roles: Role) -> None:
    with unit_of_work():
        units = [queries.get_unit(member.authority, "registry_office")]
        commands.change_staff_member(
            member, display_name=member.display_name or "", units=units, roles=roles, by=None, at=clock.now()
        )
