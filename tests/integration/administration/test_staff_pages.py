import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicekonto.accounts import attempts, factors, sessions
from servicekonto.accounts import commands as accounts
from servicekonto.accounts.models import AssuranceLevel
from servicekonto.audit import Action
from servicekonto.authorities import commands, queries
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import InvalidInputError, NotAllowedError
from servicekonto.data_protection.commands import consents
from servicekonto.data_protection.purposes import Purpose
from servicekonto.service_requests.models import EventKind, RequestEvent, ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.authorities import SOME_DAY, create_staff_member
from tests.builders.factors import code_of, create_recovery_codes, create_totp
from tests.builders.requests import Registry, create_service_request, put_birth_certificates_online
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

STAFF = "/behoerde/verwaltung/beschaeftigte"


@pytest.fixture
def clerk(admin: StaffMember) -> StaffMember:
    return create_staff_member(display_name="Sabine Sorgfalt", email="sabine@example.org")


@pytest.fixture
def clerks_browser(client: PageClient, clerk: StaffMember) -> PageClient:
    browser = PageClient(client.app)
    sign_in(browser, clerk.account)
    return browser


def press(client: PageClient, member: StaffMember, act: str) -> TestResponse:
    return client.get(f"{STAFF}/{member.id}").form(f"/{act}").submit(client)


def change(client: PageClient, member: StaffMember, **values: object) -> TestResponse:
    return client.get(f"{STAFF}/{member.id}").form(f"/{member.id}").fill(values).submit(client)


def test_the_list_says_who_works_here_and_nobody_else(client: PageClient, clerk: StaffMember) -> None:
    create_staff_member(authority="kassel", display_name="Karl Fern", email="karl@example.org")

    page = client.get(STAFF)

    assert "Sabine Sorgfalt" in page.text and "sabine@example.org" in page.text
    assert "Sachbearbeitung" in page.text and "Verwaltung der Behörde" in page.text
    assert "Karl Fern" not in page.text and "karl@example.org" not in page.text


@pytest.mark.parametrize("people", [1, 60])
def test_the_list_takes_the_same_number_of_queries_for_any_number_of_people(
    client: PageClient, admin: StaffMember, queries: list[str], people: int
) -> None:
    for number in range(people):
        create_staff_member(display_name=f"Person {number}", roles=[Role.CLERK, Role.APPROVER])
    db.session.expunge_all()
    queries.clear()

    page = client.get(STAFF)

    assert len(page.select("tbody tr")) == people + 1
    assert len(queries) <= 8, queries


def test_roles_units_and_the_name_change(client: PageClient, clerk: StaffMember, trail: Trail) -> None:
    units = {unit.key: str(unit.id) for unit in queries.units_of(clerk.authority_id)}

    client.follow(
        change(
            client,
            clerk,
            display_name="Sabine Neu",
            roles=["clerk", "approver"],
            units=[units["registry_office"], units["passport_office"]],
        )
    )

    db.session.expire_all()
    assert clerk.display_name == "Sabine Neu"
    assert clerk.roles == {Role.CLERK, Role.APPROVER}
    assert {unit.key for unit in clerk.units} == {"registry_office", "passport_office"}
    assert trail.one(Action.STAFF_CHANGED).payload == {
        "is_renamed": True,
        "roles_before": ["clerk"],
        "roles_after": ["approver", "clerk"],
        "unit_ids_before": [units["registry_office"]],
        "unit_ids_after": sorted([units["registry_office"], units["passport_office"]]),
    }


def test_saving_what_was_there_is_no_act(client: PageClient, clerk: StaffMember, trail: Trail) -> None:
    client.follow(change(client, clerk))

    assert trail.entries == []


def test_who_gains_a_role_stays_signed_in_and_who_loses_one_does_not(
    client: PageClient, clerk: StaffMember, clerks_browser: PageClient
) -> None:
    change(client, clerk, roles=["clerk", "approver"])
    assert clerks_browser.get("/behoerde/").h1 == "Eingang"

    change(client, clerk, roles=["clerk"])
    answer = clerks_browser.client.get("/behoerde/")

    assert (answer.status_code, answer.location) == (303, "/anmelden")


def test_who_is_deactivated_while_signed_in_is_out_with_the_next_click(
    client: PageClient, clerk: StaffMember, clerks_browser: PageClient, trail: Trail
) -> None:
    assert clerks_browser.get("/behoerde/").h1 == "Eingang"

    page = client.follow(press(client, clerk, "deaktivieren"))

    answer = clerks_browser.client.get("/behoerde/")
    assert (answer.status_code, answer.location) == (303, "/anmelden")
    assert "Gesperrt seit" in page.text
    trail.one(Action.STAFF_DEACTIVATED)


def test_who_is_deactivated_cannot_come_back_by_password_or_by_mail(
    client: PageClient, clerk: StaffMember
) -> None:
    press(client, clerk, "deaktivieren")
    browser = PageClient(client.app)
    form = browser.get("/anmelden").form("/anmelden")

    answer = form.submit(browser, email="sabine@example.org", password=PASSWORD)
    with unit_of_work():
        accounts.request_password_reset("sabine@example.org", at=clock.now())
        password = attempts.try_password(clerk.account.email_index, at=clock.now())

    assert answer.status_code == 422
    assert password is None


def test_a_lock_of_another_kind_is_named_to_who_activates(client: PageClient, clerk: StaffMember) -> None:
    with unit_of_work():
        accounts.lock(clerk.account, at=SOME_DAY)
    press(client, clerk, "deaktivieren")

    page = client.follow(press(client, clerk, "aktivieren"))

    assert "noch aus einem anderen Grund gesperrt" in page.text
    assert clerk.account.locked_at is not None


def test_who_is_activated_again_signs_in_as_before(
    client: PageClient, clerk: StaffMember, trail: Trail
) -> None:
    credential = create_totp(clerk.account)
    press(client, clerk, "deaktivieren")
    client.follow(press(client, clerk, "aktivieren"))
    browser = PageClient(client.app)

    form = browser.get("/anmelden").form("/anmelden")
    answer = form.submit(browser, email="sabine@example.org", password=PASSWORD, code=code_of(credential))

    assert browser.follow(answer).h1 == "Eingang"
    assert trail.actions == [Action.FACTOR_ADDED, Action.STAFF_DEACTIVATED, Action.STAFF_REACTIVATED]


def test_open_requests_of_who_leaves_are_free_for_colleagues(client: PageClient, admin: StaffMember) -> None:
    put_birth_certificates_online()
    registry = Registry(
        create_staff_member(display_name="Sabine Sorgfalt"), create_staff_member(roles=[Role.APPROVER])
    )
    colleague = create_staff_member(display_name="Yusuf Aktenkundig")
    citizen = create_account()
    requests = {
        status: create_service_request(citizen, status=status, registry=registry, at=clock.now())
        for status in (Status.IN_REVIEW, Status.DECISION_PROPOSED, Status.NOTIFIED)
    }
    assert requests[Status.IN_REVIEW].assignee_id == registry.clerk.id
    browser = PageClient(client.app)
    sign_in(browser, colleague.account)

    press(client, registry.clerk, "deaktivieren")

    db.session.expire_all()
    assert requests[Status.IN_REVIEW].assignee_id is None
    assert requests[Status.DECISION_PROPOSED].assignee_id is None
    assert requests[Status.NOTIFIED].assignee_id == registry.clerk.id
    released = db.session.scalars(
        sa.select(RequestEvent).where(RequestEvent.kind == EventKind.RELEASED)
    ).all()
    assert [event.actor_id for event in released] == [admin.account_id] * 2
    page = browser.get(f"/behoerde/antraege/{requests[Status.IN_REVIEW].id}")
    assert "Bearbeitung frei geworden" in page.text
    browser.follow(page.form("/uebernehmen").submit(browser))
    db.session.expire_all()
    assert db.session.get_one(ServiceRequest, requests[Status.IN_REVIEW].id).assignee_id == colleague.id


def test_nobody_takes_the_last_administrator_away(
    client: PageClient, admin: StaffMember, trail: Trail
) -> None:
    refused = client.checked(press(client, admin, "deaktivieren"), 422)
    also_refused = client.checked(change(client, admin, roles=["clerk"]), 422)

    assert any("niemanden mehr für die Verwaltung" in text for text in refused.texts(".sk-error-summary li"))
    assert "roles" in also_refused.errors
    assert trail.entries == []
    assert client.get(STAFF).h1 == "Beschäftigte"


def test_an_administrator_who_is_locked_out_does_not_count(client: PageClient, admin: StaffMember) -> None:
    other = create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR])
    third = create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR])
    with unit_of_work():
        commands.deactivate_staff_member(other, by=admin.account, at=SOME_DAY)
        accounts.lock(third.account, at=SOME_DAY)

    with pytest.raises(InvalidInputError):
        commands.deactivate_staff_member(admin, by=admin.account, at=SOME_DAY)


def test_of_two_administrators_one_may_leave(client: PageClient, admin: StaffMember) -> None:
    create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR])
    trail = Trail()

    page = client.follow(press(client, admin, "deaktivieren"))

    assert page.h1 == "Anmelden"
    trail.one(Action.STAFF_DEACTIVATED)


def test_staff_of_another_authority_looks_like_nobody(
    client: PageClient, admin: StaffMember, trail: Trail
) -> None:
    foreign = create_staff_member(authority="kassel")
    trail = Trail()
    token = client.get(f"{STAFF}/{admin.id}").form(0).values["csrf_token"][0]
    unknown = "01890000-0000-7000-8000-000000000000"
    for path in ("", "/deaktivieren", "/aktivieren"):
        answers = [
            client.client.post(f"{STAFF}/{member_id}{path}", data={"csrf_token": token, "roles": "clerk"})
            for member_id in (foreign.id, unknown)
        ]
        assert {answer.status_code for answer in answers} == {404}
    pages = [client.get(f"{STAFF}/{member_id}", status=404) for member_id in (foreign.id, unknown)]

    assert pages[0].text.rpartition(":")[0] == pages[1].text.rpartition(":")[0]
    assert trail.entries == []
    assert foreign.is_active


@pytest.mark.parametrize("roles", [[Role.CLERK], [Role.APPROVER]])
def test_only_administrators_come_in(client: PageClient, roles: list[Role]) -> None:
    member = create_staff_member(roles=roles)
    sign_in(client, member.account)

    for path in ("", "beschaeftigte", "beschaeftigte/einladen", "leistungen", "kontakt", "protokoll"):
        client.get(f"/behoerde/verwaltung/{path}", status=403)
    client.get(f"{STAFF}/{member.id}", status=404)
    assert not client.get("/konto").has_link("Behörde")


def test_an_administrator_who_processes_nothing_arrives_at_the_administration(
    client: PageClient, admin: StaffMember
) -> None:
    browser, credential = PageClient(client.app), create_totp(admin.account)
    form = browser.get("/anmelden").form("/anmelden")
    answer = form.submit(browser, email="ada@example.org", password=PASSWORD, code=code_of(credential))

    page = browser.follow(answer)

    assert page.h1 == "Verwaltung der Behörde"
    assert page.has_link("Behörde") and not page.has_link("Eingang")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 121}, "display_name"),
        ({"display_name": "a\x07b"}, "display_name"),
        ({"roles": []}, "roles"),
        ({"units": []}, "units"),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    client: PageClient, clerk: StaffMember, trail: Trail, values: dict[str, object], field: str
) -> None:
    page = client.checked(change(client, clerk, **values), 422)

    assert list(page.errors) == [field]
    assert trail.entries == []


def test_markup_in_a_name_stays_text(client: PageClient, clerk: StaffMember) -> None:
    name = "<script>alert(1)</script> {{ 7 * 7 }}"

    page = client.follow(change(client, clerk, display_name=name))

    assert name in page.text
    assert not any("alert" in (script.string or "") for script in page.select("script"))


def test_a_lost_second_factor_is_reset_by_the_administration(
    client: PageClient, clerk: StaffMember, trail: Trail
) -> None:
    create_totp(clerk.account)
    create_recovery_codes(clerk.account)
    token = sign_in(PageClient(client.app), clerk.account)

    client.follow(press(client, clerk, "faktoren"))

    assert not factors.has_second(clerk.account_id)
    assert sessions.load(token, clock.now()) is None
    assert trail.actions[-1] is Action.STAFF_FACTORS_RESET
    browser = PageClient(client.app)
    form = browser.get("/anmelden").form("/anmelden")
    page = browser.follow(form.submit(browser, email="sabine@example.org", password=PASSWORD))
    assert page.h1 == "Anmeldung und Sicherheit"


def test_nobody_resets_their_own(client: PageClient, admin: StaffMember) -> None:
    page = client.get(f"/behoerde/verwaltung/beschaeftigte/{admin.id}")

    assert not page.select("form[action$=faktoren]")
    with pytest.raises(NotAllowedError), unit_of_work():
        commands.reset_factors(admin, by=admin.account, at=clock.now())


def test_whoever_lost_every_factor_is_no_longer_known_surely(client: PageClient, clerk: StaffMember) -> None:
    create_totp(clerk.account)
    with unit_of_work():
        consents.give(clerk.account, Purpose.PERMANENT_STORAGE, by=clerk.account, at=SOME_DAY)
        accounts.save_personal_data(clerk.account, {"family_name": "Sorgfalt"}, by=clerk.account, at=SOME_DAY)
        clerk.account.attributes[0].level = AssuranceLevel.SUBSTANTIAL

    client.follow(press(client, clerk, "faktoren"))

    db.session.expire_all()
    assert clerk.account.attributes[0].level is AssuranceLevel.BASIC
