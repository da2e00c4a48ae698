from datetime import date, timedelta

import pytest

from servicekonto import audit
from servicekonto.accounts.models import AccountKind
from servicekonto.audit import Action
from servicekonto.audit.queries import PAGE_SIZE
from servicekonto.authorities import commands, invitations, queries
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.commands import put_online
from servicekonto.core.db import db, unit_of_work
from servicekonto.workbench.administration.log_texts import ACTION_NAMES, FIELD_NAMES
from tests.builders.accounts import create_account
from tests.builders.authorities import SOME_DAY, create_staff_member
from tests.support.client import PageClient

LOG = "/behoerde/verwaltung/protokoll"


def rows(client: PageClient, query: str = "") -> list[str]:
    return client.get(LOG + query).texts("tbody tr")


def test_every_action_and_every_field_has_words() -> None:
    assert set(ACTION_NAMES) == set(Action)
    assert set(FIELD_NAMES) == set(commands.CONTACT_FIELDS)


def test_every_act_reads_as_plain_german_with_names(client: PageClient, admin: StaffMember) -> None:
    hanau, by = admin.authority, admin.account
    registry, passports = (queries.get_unit(hanau, key) for key in ("registry_office", "passport_office"))
    clerk = create_staff_member(display_name="Sabine Sorgfalt")
    with unit_of_work():
        commands.change_staff_member(
            clerk, display_name="Sabine Neu", units=[registry, passports], roles=[Role.APPROVER],
            by=by, at=SOME_DAY,
        )  # fmt: skip
        commands.deactivate_staff_member(clerk, by=by, at=SOME_DAY)
        commands.reactivate_staff_member(clerk, by=by, at=SOME_DAY)
        put_online("geburtsurkunde", hanau, registry, from_day=date(2026, 1, 1), by=by, at=SOME_DAY)
        put_online(
            "geburtsurkunde", hanau, registry, from_day=date(2026, 1, 1), until=date(2026, 12, 31),
            by=by, at=SOME_DAY,
        )  # fmt: skip
        contact = {name: getattr(hanau, name) for name in commands.CONTACT_FIELDS}
        commands.change_contact(hanau, contact | {"telephone": "06181 1"}, by=by, at=SOME_DAY)
        invitation = invitations.invite(
            hanau,
            "neu@example.org",
            display_name="Nele Neu",
            units=[],
            roles=[Role.CLERK],
            by=by,
            at=SOME_DAY,
        )
        invitations.send_again(invitation, by=by, at=SOME_DAY)

    found = "\n".join(rows(client))

    for text in (
        "Sabine Neu Name geändert Rollen: Freigabe von Entscheidungen (vorher: Sachbearbeitung)",
        "(vorher: Standesamt)",
        "Zugang gesperrt Sabine Neu",
        "Zugang wieder geöffnet Sabine Neu",
        "Online ab 01.01.2026",
        "Online vom 01.01.2026 bis 31.12.2026",
        "Kontakt geändert Telefon",
        "Person eingeladen Nele Neu Rollen: Sachbearbeitung Stellen: keine",
        "Einladung noch einmal gesendet Nele Neu",
    ):
        assert text in found
    assert found.count("Ada Vorstand") >= 8


def test_who_is_gone_and_what_retention_emptied_still_has_a_row(
    client: PageClient, admin: StaffMember
) -> None:
    operator = create_account(kind=AccountKind.OPERATOR)
    with unit_of_work():
        invitation = invitations.invite(
            admin.authority, "neu@example.org", display_name="Nele Neu", units=[], roles=[Role.CLERK],
            by=operator, at=SOME_DAY,
        )  # fmt: skip
        invitations.withdraw(invitation, by=operator, at=SOME_DAY)

    withdrawn = rows(client, "?aktion=staff.invitation_withdrawn")

    assert len(withdrawn) == 1
    assert "Betrieb der Plattform" in withdrawn[0] and "Person, die nicht mehr eingeladen ist" in withdrawn[0]


def test_the_list_can_be_narrowed_to_a_person_and_to_an_action(
    client: PageClient, admin: StaffMember
) -> None:
    clerk = create_staff_member()
    with unit_of_work():
        commands.deactivate_staff_member(clerk, by=admin.account, at=SOME_DAY)

    form = client.get(LOG).form(0)
    by_person = client.checked(form.submit(client, wer=str(admin.account_id)), 200).texts("tbody tr")
    by_action = rows(client, "?aktion=staff.added")

    assert len(by_person) == 1 and "Zugang gesperrt" in by_person[0]
    assert len(by_action) == 2 and all("Person aufgenommen" in row for row in by_action)
    assert "Nichts gefunden" in client.get(f"{LOG}?aktion=offer.changed").text


def test_a_long_list_goes_on_and_takes_the_same_number_of_queries(
    client: PageClient, admin: StaffMember, queries: list[str]
) -> None:
    with unit_of_work():
        for number in range(PAGE_SIZE):
            audit.record(
                Action.STAFF_REACTIVATED,
                admin.id,
                authority_id=admin.authority_id,
                by=admin.account,
                at=SOME_DAY + timedelta(minutes=number),
            )
    db.session.expunge_all()
    queries.clear()

    page = client.get(LOG)
    asked = len(queries)
    last = client.get(page.link("Nächste Seite"))

    assert (len(page.select("tbody tr")), len(last.select("tbody tr"))) == (PAGE_SIZE, 1)
    assert asked <= 14, queries
    assert not last.has_link("Nächste Seite")


def test_another_authority_has_its_own_log(client: PageClient, admin: StaffMember) -> None:
    foreign = create_staff_member(authority="kassel", display_name="Karl Fern")
    with unit_of_work():
        commands.deactivate_staff_member(foreign, by=None, at=SOME_DAY)

    assert len(rows(client)) == 1
    assert "Nichts gefunden" in client.get(f"{LOG}?wer={foreign.account_id}").text


@pytest.mark.parametrize(
    "query",
    ["aktion=x", "wer=x", "wer=' or 1=1", "nach=x", "nach=0001-01-01T00:00:00~x", "aktion=" + "a" * 500],
)
def test_an_address_changed_by_hand_is_refused(client: PageClient, admin: StaffMember, query: str) -> None:
    client.get(f"{LOG}?{query}", status=422)
