"""Filling in: what is typed is kept, right or wrong, on any device, for nobody else."""

from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.service_requests.models import RequestEvent, ServiceRequest
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_copies, create_draft, put_birth_certificates_online
from tests.builders.town import PERSONAL_DATA
from tests.support.client import PageClient

SERVICE_PAGE = "/leistungen/geburtsurkunde"


@pytest.fixture
def citizen(client: PageClient) -> Account:
    account = create_account(values=PERSONAL_DATA)
    sign_in(client, account)
    return account


def drafts_of(account: Account) -> list[ServiceRequest]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(ServiceRequest).where(ServiceRequest.account_id == account.id)))


def input_of(account: Account) -> dict[str, Any]:
    (draft,) = drafts_of(account)
    return dict(draft.input or {})


def begin(client: PageClient) -> str:
    """Starts a draft; the address of its first page."""
    page = client.get(SERVICE_PAGE)
    return client.follow(page.form("/neu/geburtsurkunde").submit(client)).path


def test_a_new_draft_begins_at_the_first_page_with_what_the_account_knows(
    client: PageClient, citizen: Account
) -> None:
    path = begin(client)

    (draft,) = drafts_of(citizen)
    assert path == f"/antraege/{draft.id}/seite/beziehung"
    page = client.get(f"/antraege/{draft.id}/seite/ihre-angaben")
    assert page.form(0).values["applicant.family_name"] == ["Müßig-Groß"]


def test_what_is_right_is_saved_and_leads_on(client: PageClient, citizen: Account) -> None:
    path = begin(client)

    following = client.follow(client.get(path).form(0).submit(client, relation="self"))

    assert following.path.endswith("/seite/ihre-angaben")
    assert input_of(citizen)["relation"] == "self"


def test_what_is_wrong_is_saved_too_and_the_page_says_what_to_do(
    client: PageClient, citizen: Account
) -> None:
    draft = create_draft(citizen, answers={"relation": "self"})
    path = f"/antraege/{draft.id}/seite/ihre-angaben"
    typed = {
        "applicant.family_name": "Groß",
        "applicant.birth_date.day": "31",
        "applicant.birth_date.month": "2",
    }

    page = client.checked(client.get(path).form(0).submit(client, typed), 422)

    assert page.errors
    again = client.get(path)
    assert again.form(0).values["applicant.birth_date.day"] == ["31"]
    assert again.form(0).values["applicant.family_name"] == ["Groß"]


def test_leaving_keeps_what_is_typed_and_does_not_scold(client: PageClient, citizen: Account) -> None:
    draft = create_draft(citizen, answers={"relation": "self"})
    page = client.get(f"/antraege/{draft.id}/seite/ihre-angaben")

    form = page.form(0).fill({"applicant.given_names": "Nur das"})
    left = client.follow(form.submit(client, button="Später weitermachen"))

    assert left.path == "/antraege/"
    assert input_of(citizen)["applicant"]["given_names"] == "Nur das"


def test_a_draft_goes_on_where_something_is_missing_on_any_device(
    client: PageClient, citizen: Account
) -> None:
    draft = create_draft(citizen, answers={"relation": "self"})
    other_device = PageClient(client.app)
    sign_in(other_device, citizen)

    assert other_device.follow(other_device.client.get(f"/antraege/{draft.id}/weiter")).path.endswith(
        "/seite/ihre-angaben"
    )


def test_a_complete_draft_goes_on_at_the_check_page(client: PageClient, citizen: Account) -> None:
    put_birth_certificates_online()
    draft = create_draft(citizen)

    assert client.follow(client.client.get(f"/antraege/{draft.id}/weiter")).path.endswith("/pruefen")


def test_the_existing_draft_is_offered_instead_of_a_second_one(client: PageClient, citizen: Account) -> None:
    begin(client)
    page = client.get(SERVICE_PAGE)
    assert "Entwurf" in page.text

    begin_again = client.client.post(
        "/antraege/neu/geburtsurkunde",
        data={
            "csrf_token": page.select("[name=csrf_token]")[0]["value"],
            "idempotency_key": str(draft_key()),
        },
    )

    assert begin_again.status_code == 303
    assert len(drafts_of(citizen)) == 1


def draft_key() -> str:
    return "01890000-0000-4000-8000-000000000001"


def test_a_draft_is_thrown_away_for_good(client: PageClient, citizen: Account) -> None:
    draft = create_draft(citizen)
    page = client.get(f"/antraege/{draft.id}/loeschen")

    left = client.follow(page.form("/loeschen").submit(client))

    assert left.path == "/antraege/"
    assert drafts_of(citizen) == []
    assert db.session.scalars(sa.select(RequestEvent)).all() == []


def test_a_page_that_the_answers_hide_does_not_exist(client: PageClient, citizen: Account) -> None:
    draft = create_draft(citizen, answers={"relation": "self"})

    client.get(f"/antraege/{draft.id}/seite/person", status=404)
    client.get(f"/antraege/{draft.id}/seite/gibt-es-nicht", status=404)


def test_a_draft_of_somebody_else_does_not_exist(client: PageClient, citizen: Account) -> None:
    foreign = create_draft()

    for path in ("weiter", "pruefen", "seite/beziehung", "loeschen", "formular.pdf"):
        client.get(f"/antraege/{foreign.id}/{path}", status=404)
    assert client.get("/antraege/").select(f"a[href*='{foreign.id}']") == []


def test_my_requests_are_complete_and_without_doubles_over_pages_even_of_one_moment(
    client: PageClient, citizen: Account
) -> None:
    draft = create_draft(citizen, answers={})
    ids = {str(draft.id), *map(str, create_copies(draft, 119))}
    found: list[str] = []
    path: str | None = "/antraege/"
    while path:
        page = client.get(path)
        found += [
            part
            for a in page.select("main a[href*='/weiter']")
            for part in str(a["href"]).split("/")
            if part in ids
        ]
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else None

    assert len(found) == len(set(found))
    assert set(found) == ids
