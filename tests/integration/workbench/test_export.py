"""The list as a file: the chosen columns of the chosen requests, harmless, and in the audit trail."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db
from servicekonto.service_requests.status import Status
from servicekonto.workbench import export
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import (
    Registry,
    complete_answers,
    create_copies,
    create_registry,
    create_service_request,
)
from tests.support.client import PageClient

Rows = list[list[str]]


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


def exported(client: PageClient, query: str = "", **fields: Any) -> Rows:
    answer = client.get(f"/behoerde/export{query}").form("/export").submit(client, **fields)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=antraege-")
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_the_filtered_requests_with_the_chosen_columns(client: PageClient, registry: Registry) -> None:
    request = create_service_request(registry=registry)
    create_service_request(registry=registry, status=Status.IN_REVIEW)
    sign_in(client, registry.clerk.account)

    rows = exported(client, "?status=received", columns=["reference", "applicant", "received_at", "status"])

    assert rows == [
        ["Aktenzeichen", "Eingegangen", "Antragsteller/in", "Stand"],
        [str(request.reference), "2026-11-23 10:00", "Jörg Ömer Müßig-Groß", "Eingegangen"],
    ]


def test_without_a_choice_it_is_everything(client: PageClient, registry: Registry) -> None:
    create_service_request(registry=registry, status=Status.IN_REVIEW)
    sign_in(client, registry.clerk.account)

    header, row = exported(client)

    assert len(header) == len(row) == len(export.COLUMNS)
    assert {"Geburtsurkunde", "Sabine Sorgfalt", "Standesamt"} <= set(row)


def test_a_name_that_is_a_formula_is_text(client: PageClient, registry: Registry) -> None:
    applicant = complete_answers()["applicant"] | {"given_names": "-2", "family_name": "Müller"}
    create_service_request(registry=registry, answers=complete_answers(applicant=applicant))
    sign_in(client, registry.clerk.account)

    assert exported(client, columns=["applicant"])[1] == ["'-2 Müller"]


def test_days_narrow_and_count_as_a_whole(client: PageClient, registry: Registry) -> None:
    for days in (0, 1, 2):
        create_service_request(registry=registry, at=SOME_DAY + timedelta(days=days))
    sign_in(client, registry.clerk.account)

    rows = exported(client, columns=["received_at"], since="2026-11-24", until="2026-11-24")

    assert rows[1:] == [["2026-11-24 10:00"]]


def test_only_what_one_may_see(client: PageClient, registry: Registry) -> None:
    create_service_request(registry=registry)
    for other in (create_registry("kassel").clerk, create_staff_member(units=["passport_office"])):
        sign_in(client, other.account)
        assert len(exported(client)) == 1


def test_who_took_what_along_is_in_the_trail(client: PageClient, registry: Registry) -> None:
    create_service_request(registry=registry)
    sign_in(client, registry.clerk.account)
    exported(client, columns=["reference", "applicant"])

    entry = db.session.query(AuditEntry).filter_by(action=Action.REQUESTS_EXPORTED).one()

    assert entry.actor_id == registry.clerk.account_id
    assert entry.payload == {"columns": ["applicant", "reference"], "rows": 1}


def test_no_column_and_no_day_are_said_at_the_field(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)
    form = client.get("/behoerde/export").form("/export")

    page = client.checked(form.submit(client, columns=[], since="bald"), 422)

    assert set(page.errors) == {"columns", "since"}


def test_too_many_are_refused_with_what_to_do(
    client: PageClient, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 10)
    create_copies(create_service_request(registry=registry), 10)
    sign_in(client, registry.clerk.account)

    page = client.checked(client.get("/behoerde/export").form("/export").submit(client), 422)

    assert "kürzeren Zeitraum" in page.errors["until"]
    assert db.session.query(AuditEntry).filter_by(action=Action.REQUESTS_EXPORTED).count() == 0
