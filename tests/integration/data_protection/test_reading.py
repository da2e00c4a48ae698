"""Every time staff opens a request or personal data, the owner can see it: by role and authority, never by
name.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.routing import Rule
from werkzeug.test import TestResponse as Response

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities import identity
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection import readings
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from servicekonto.workbench import reading
from tests.builders.accounts import create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.factors import create_totp
from tests.builders.requests import Registry, create_copies, create_registry, create_service_request
from tests.builders.town import Town, create_town
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def town() -> Town:
    return create_town()


def pages_of_a_request(app: Servicekonto) -> list[Rule]:
    """All of the workbench that name one."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("workbench.")
        and "request_id" in rule.arguments
        and "GET" in (rule.methods or set())
    ]


def address(rule: Rule, request_id: object) -> str:
    built = rule.build({"request_id": request_id, "kind": "receipt"})
    assert built is not None
    return built[1]


def opened(account: Account) -> list[AuditEntry]:
    return [entry for entry in entries_about(account) if entry.action is Action.REQUEST_OPENED]


def entries_about(account: Account) -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.account_id == account.id)
    return list(db.session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)))


def test_each_page_of_a_request_that_is_shown_leaves_one_entry(app: Servicekonto, town: Town) -> None:
    clerk, shown = town.client("clerk"), 0
    for rule in pages_of_a_request(app):
        for status in (Status.IN_REVIEW, Status.NOTIFIED):
            request, trail = town.requests[status], Trail()
            answer = clerk.client.get(address(rule, request.id))

            entries = [entry for entry in trail.entries if entry.action is Action.REQUEST_OPENED]
            if answer.status_code == 200:
                shown += 1
                (entry,) = entries
                assert entry.object_id == request.id
                assert entry.payload == {"role": ["clerk"], "purpose": request.reference}
                assert entry.authority_id == town.registry.clerk.authority_id
                assert entry.account_id == town.citizen.id
            else:
                assert entries == []
    assert shown > 6


def test_a_form_that_comes_back_with_errors_shows_the_request_too(town: Town) -> None:
    clerk, request = town.client("clerk"), town.requests[Status.IN_REVIEW]
    page = clerk.get(f"/behoerde/antraege/{request.id}")
    before = len(opened(town.citizen))

    answer = page.form("/entscheidung").submit(clerk, reasons="")

    assert answer.status_code == 422
    assert len(opened(town.citizen)) == before + 1


def test_what_was_not_shown_leaves_nothing(town: Town) -> None:
    stranger = PageClient(town.client("visitor").app)
    sign_in(stranger, create_registry("kassel").clerk.account)

    for status in (Status.IN_REVIEW, Status.NOTIFIED):
        stranger.get(f"/behoerde/antraege/{town.requests[status].id}", status=404)
    town.client("citizen").get(f"/antraege/{town.requests[Status.NOTIFIED].id}")

    assert opened(town.citizen) == []


@pytest.mark.parametrize(
    "who", ["visitor", "citizen", "administrator", "of another authority", "of another unit"]
)
def test_an_address_with_nonsense_is_refused_and_leaves_nothing(town: Town, who: str) -> None:
    client = town.client(who if who in {*town.accounts, "visitor"} else "visitor")
    if who == "of another authority":
        sign_in(client, create_registry("kassel").clerk.account)
    if who == "of another unit":
        sign_in(client, create_staff_member(units=["passport_office"]).account)
    for request_id in (town.requests[Status.NOTIFIED].id, UUID(int=7)):
        for path in ("", "/nachricht", "/abschliessen", "/dokumente/receipt"):
            for query in ("nach=x", "status=veraltet", "suche=veraltet", "wer=x&nach=9~9"):
                answer = client.client.get(f"/behoerde/antraege/{request_id}{path}?{query}")

                assert answer.status_code in {303, 403, 404, 422}

    assert opened(town.citizen) == []


def test_what_cannot_be_written_down_is_not_shown(
    app: Servicekonto, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr(reading, "record", fails)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    app.testing = False
    try:
        answer = town.client("clerk").client.get(f"/behoerde/antraege/{town.requests[Status.NOTIFIED].id}")
    finally:
        app.testing = True

    assert answer.status_code == 500
    assert "Müßig" not in answer.text


def test_a_list_as_a_file_leaves_an_entry_for_each_request_in_it(town: Town) -> None:
    clerk = town.client("clerk")
    form = clerk.get("/behoerde/export").form("/behoerde/export")

    answer = form.submit(clerk)

    assert answer.status_code == 200
    in_file = answer.text.count("HE-2026-")
    assert in_file == len(opened(town.citizen)) > 3


def test_the_owner_sees_when_who_and_why_but_no_name(town: Town) -> None:
    request = town.requests[Status.DECISION_PROPOSED]
    for who in ("clerk", "approver"):
        town.client(who).get(f"/behoerde/antraege/{request.id}")
    town.client("approver").get(f"/behoerde/antraege/{request.id}")

    page = town.client("citizen").get("/konto/einsicht")

    rows = page.texts("tbody tr")
    assert len(rows) == 2
    assert "(2-mal)" in rows[0] and "Freigabe" in rows[0]
    assert "Sachbearbeitung" in rows[1]
    assert all(str(request.reference) in row for row in rows)
    assert all(town.registry.clerk.authority.name in row for row in rows)
    for employee in (town.registry.clerk, town.registry.approver):
        assert str(employee.display_name) not in page.text


def test_another_citizen_sees_nothing_of_it(town: Town) -> None:
    other = create_service_request(registry=town.registry).account
    town.client("clerk").get(f"/behoerde/antraege/{town.requests[Status.NOTIFIED].id}")
    client = PageClient(town.client("visitor").app)
    sign_in(client, other)

    assert "Noch niemand" in client.get("/konto/einsicht").text


def test_an_entry_whose_payload_retention_has_emptied_still_has_a_row(town: Town) -> None:
    request = town.requests[Status.NOTIFIED]
    with unit_of_work():
        db.session.add(
            AuditEntry(
                authority_id=request.authority_id,
                at=datetime(2026, 11, 1, tzinfo=UTC),
                account_id=town.citizen.id,
                action=Action.REQUEST_OPENED,
                object_kind="service_request",
                object_id=request.id,
                payload=None,
            )
        )

    (row,) = town.client("citizen").get("/konto/einsicht").texts("tbody tr")

    assert str(request.reference) in row and "–" in row


def test_the_list_goes_on_by_key_and_costs_the_same(
    client: PageClient, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "PAGE_SIZE", 3)
    registry = create_registry()
    request = create_service_request(registry=registry)
    _open(registry, request.account, number=7)
    sign_in(client, request.account)
    client.get("/konto/einsicht")
    pages, counts, path = [], [], "/konto/einsicht"
    while path:
        queries.clear()
        page = client.get(path)
        counts.append(len(queries))
        pages.append(page.texts("tbody tr"))
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else ""

    assert [len(rows) for rows in pages] == [3, 3, 1]
    assert len({row for rows in pages for row in rows}) == 7
    assert len(set(counts)) == 1 and counts[0] <= 6


def _open(registry: Registry, owner: Account, *, number: int) -> None:
    """By different hours of different days, so that no two are shown as one."""
    request = create_service_request(owner, registry=registry)
    create_copies(request, 1)
    with unit_of_work():
        for position in range(number):
            at = datetime(2026, 11, 1, 9, position, tzinfo=UTC) + timedelta(days=position)
            reading.note_all([request], by=registry.clerk, at=at)


def test_the_roles_that_may_open_something_all_have_words() -> None:
    assert set(readings.ROLE_NAMES) == reading.READERS | reading.AT_THE_COUNTER <= set(Role)


NAMES: dict[str, object] = {"family_name": "Müßig-Groß", "given_names": "Jörg", "birth_date": "1980-02-29"}


@pytest.fixture
def person() -> Account:
    account = create_account(values=NAMES)
    create_totp(account)
    return account


@pytest.fixture
def officer() -> StaffMember:
    return create_staff_member(roles=(Role.IDENTITY_OFFICER,))


def at_the_counter(client: PageClient, person: Account, officer: StaffMember) -> Response:
    """The clerk has typed the code that the person has brought; the answer leads to the data."""
    with unit_of_work():
        code = identity.new_code(person, at=clock.now()).code
    sign_in(client, officer.account)
    return client.get("/behoerde/identitaet").form("/identitaet").submit(client, code=code)


def personal_data_opened(person: Account) -> list[AuditEntry]:
    return [entry for entry in entries_about(person) if entry.action is Action.PERSONAL_DATA_OPENED]


def test_personal_data_shown_at_the_counter_leave_one_entry_each_time(
    client: PageClient, person: Account, officer: StaffMember
) -> None:
    """Also when the clerk confirms nothing and goes away."""
    answer = at_the_counter(client, person, officer)
    assert personal_data_opened(person) == []

    page = client.follow(answer)
    assert "Müßig-Groß" in page.text
    (entry,) = personal_data_opened(person)
    assert (entry.object_id, entry.actor_id, entry.authority_id) == (
        person.id,
        officer.account_id,
        officer.authority_id,
    )
    assert entry.payload == {"role": ["identity_officer"], "purpose": "identity_check"}

    answer = page.form(page.path).submit(client, document="identity_card", names=["family_name"])
    assert answer.status_code == 422
    assert len(personal_data_opened(person)) == 2


def test_a_check_of_another_clerk_shows_nothing_and_leaves_nothing(
    client: PageClient, person: Account, officer: StaffMember
) -> None:
    path = str(at_the_counter(client, person, officer).location)
    sign_in(client, create_staff_member(roles=(Role.IDENTITY_OFFICER,)).account)

    client.get(path, status=404)

    assert personal_data_opened(person) == []


def test_the_owner_sees_who_has_compared_their_data_at_the_counter(
    client: PageClient, person: Account, officer: StaffMember
) -> None:
    path = str(at_the_counter(client, person, officer).location)
    client.get(path)
    client.get(path)
    sign_in(client, person)

    (row,) = client.get("/konto/einsicht").texts("tbody tr")
    assert "(2-mal)" in row and officer.authority.name in row and "Ausweisprüfung" in row
    assert "Ihre persönlichen Daten, zum Vergleich mit Ihrem Ausweis" in row
    assert str(officer.display_name) not in client.get("/konto/einsicht").text
    assert "Ihre persönlichen Daten wurden am Schalter geöffnet." in client.get("/konto/protokoll").text
