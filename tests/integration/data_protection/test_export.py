import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection import queries, tasks
from servicekonto.data_protection.commands import deletion, exports
from servicekonto.data_protection.models import DataExport
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.notifications.models import Mail
from servicekonto.service_requests.models import RequestDocument
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from servicekonto.web.i18n import show_date
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_service_request
from tests.integration.data_protection import independent
from tests.integration.data_protection.people import create_full_town
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

# Named in the catalogue, each with a reason.
LEFT_OUT = {"internal_note"}


def made(app: Servicekonto, account: Account) -> zipfile.ZipFile:
    with unit_of_work():
        export = exports.ask(account, at=clock.now())
    Worker(app).run_until_idle()
    db.session.refresh(export)
    assert export.file is not None
    return zipfile.ZipFile(io.BytesIO(export.file))


def rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    name = f"data/{table}.json"
    found: list[dict[str, Any]] = json.loads(archive.read(name)) if name in archive.namelist() else []
    return found


def test_the_archive_has_every_row_of_the_person(app: Servicekonto) -> None:
    town = create_full_town()
    expected = independent.rows_of(town.citizen.id)
    assert len(expected) > 15, sorted(expected)

    archive = made(app, town.citizen)

    for table, ids in expected.items():
        exported = {UUID(row["id"]) for row in rows(archive, table)}
        if table in LEFT_OUT:
            assert exported == set()
        elif table == "request_event":
            assert exported < ids
        elif table == "decision":
            assert len(exported) == 1, "the others are not made known yet"
        else:
            assert ids <= exported, table
    assert [row["email"] for row in rows(archive, "account")] == [town.citizen.email]


def test_the_archive_has_nothing_of_anybody_else(app: Servicekonto) -> None:
    town = create_full_town()
    stranger = create_account(values={"given_names": "Fremde", "family_name": "Person"})
    create_service_request(stranger, registry=town.registry)
    foreign = {str(row_id) for ids in independent.rows_of(stranger.id).values() for row_id in ids}

    archive = made(app, town.citizen)

    texts = {name: archive.read(name).decode(errors="ignore") for name in archive.namelist()}
    assert not any(row_id in text for row_id in {*foreign, str(stranger.id)} for text in texts.values())
    for employee in (town.registry.clerk, town.registry.approver):
        assert not any(str(employee.account_id) in text for text in texts.values())
        assert not any(employee.display_name in text for text in texts.values() if employee.display_name)


def test_sealed_values_are_opened_and_hashes_are_not_there(app: Servicekonto) -> None:
    town = create_full_town()

    archive = made(app, town.citizen)

    values = {row["name"]: row["value"] for row in rows(archive, "personal_attribute")}
    assert values["given_names"] == "Jörg Ömer"
    sent = [row for row in rows(archive, "service_request") if row["status"] == "notified"]
    assert sent[0]["answers"]["applicant"]["family_name"] == "Müßig-Groß"
    assert "token_hash" not in rows(archive, "login_session")[0]
    assert "encoded_hash" not in rows(archive, "credential_password")[0]
    assert {row["author"] for row in rows(archive, "request_message") if "author" in row} <= {"self", "other"}
    assert {row["author_id"] for row in rows(archive, "request_message")} == {"self", "other"}


def test_documents_are_files_byte_for_byte(app: Servicekonto) -> None:
    town = create_full_town()
    documents = db.session.scalars(
        sa.select(RequestDocument).where(
            RequestDocument.service_request_id == town.requests[Status.NOTIFIED].id
        )
    ).all()

    archive = made(app, town.citizen)

    paths = {row["id"]: row["data_file"] for row in rows(archive, "request_document")}
    assert documents
    for document in documents:
        assert archive.read(paths[str(document.id)]) == document.data


def test_the_schema_in_the_archive_knows_every_property_and_is_the_published_one(
    app: Servicekonto, client: PageClient
) -> None:
    town = create_full_town()

    archive = made(app, town.citizen)

    schema = json.loads(archive.read("schema.json"))
    assert schema == client.client.get("/konto/export/schema.json").json
    for name in archive.namelist():
        if name.startswith("data/"):
            described = schema["$defs"][name.removeprefix("data/").removesuffix(".json")]
            for row in json.loads(archive.read(name)):
                assert row.keys() == described["items"]["properties"].keys(), name


def test_a_clerk_gets_their_own_data_and_nothing_of_the_citizens(app: Servicekonto) -> None:
    town = create_full_town()

    archive = made(app, town.registry.clerk.account)

    assert rows(archive, "staff_member")[0]["display_name"] == "Sabine Sorgfalt"
    assert len(rows(archive, "staff_unit")) == 1
    for table in ("service_request", "request_message", "internal_note", "decision", "information_request"):
        assert rows(archive, table) == []


def test_asked_for_made_and_fetched(app: Servicekonto, client: PageClient) -> None:
    account = create_account()
    sign_in(client, account)
    page = client.follow(client.get("/konto/export").form("/konto/export").submit(client))
    assert "Wir stellen Ihre Daten zusammen" in page.text
    assert page.response.headers["Refresh"] == "3"
    trail = Trail()

    Worker(app).run_until_idle()

    page = client.get("/konto/export")
    assert "Refresh" not in page.response.headers
    answer = page.form("/datei").submit(client)
    assert answer.mimetype == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert Action.DATA_EXPORTED in trail.actions
    (mail,) = db.session.scalars(sa.select(Mail).where(Mail.template == "export_ready"))
    assert "http://localhost/konto/export" in (mail.body or "")


def mail_about_the_copy() -> str:
    (mail,) = db.session.scalars(sa.select(Mail).where(Mail.template == "export_ready"))
    return mail.body or ""


def test_who_cannot_sign_in_is_told_how_to_get_the_copy_all_the_same(
    app: Servicekonto, client: PageClient
) -> None:
    """The deletion was announced while the copy was in the making."""
    account = create_account()
    with unit_of_work():
        exports.ask(account, at=clock.now())
        ending = deletion.request(account, by=account, at=clock.now())
    Worker(app).run_until_idle()

    body = mail_about_the_copy()

    assert "Melden Sie sich dafür an" not in body
    assert show_date(ending.deletes_at) in body
    path = re.search(r"http://localhost(/konto/loeschen/anhalten/\S+)", body)
    assert path is not None
    assert client.get(path[1]).form(path[1]).submit(client).status_code == 303
    sign_in(client, account)
    assert "Ihre Datei ist fertig" in client.get("/konto/export").messages


def test_one_at_a_time() -> None:
    account = create_account()
    with unit_of_work():
        first = exports.ask(account, at=clock.now())
        again = exports.ask(account, at=clock.now())

    assert again.id == first.id


def test_a_new_copy_takes_the_place_of_the_old_one(app: Servicekonto) -> None:
    account = create_account()
    made(app, account)

    made(app, account)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(DataExport)) == 1


def test_a_week_later_it_is_gone(app: Servicekonto, client: PageClient) -> None:
    account = create_account()
    made(app, account)
    export = queries.newest_export(account)
    assert export is not None and export.expires_at is not None
    made_at = export.ready_at or clock.now()

    assert export.expires_at == made_at + timedelta(days=7)
    with unit_of_work():
        exports.purge(at=made_at + timedelta(days=6.9))
        assert queries.newest_export(account) is not None
        exports.purge(at=made_at + timedelta(days=7))
    assert queries.newest_export(account) is None


def test_nobody_else_can_fetch_it(app: Servicekonto, client: PageClient) -> None:
    account = create_account()
    made(app, account)
    export = queries.newest_export(account)
    assert export is not None
    sign_in(client, create_account())
    page = client.get("/konto/export")

    answer = client.client.post(f"/konto/export/{export.id}/datei", data=page.form("/konto/export").values)

    assert answer.status_code == 404


def test_without_the_key_of_the_account_the_copy_does_not_open(app: Servicekonto) -> None:
    account = create_account()
    made(app, account)
    export = queries.newest_export(account)
    assert export is not None

    account.destroy_data_key()

    assert export.file is None


def test_what_the_worker_gave_up_can_be_asked_for_again(client: PageClient) -> None:
    account = create_account()
    with unit_of_work():
        first = exports.ask(account, at=clock.now())
        job = db.session.scalars(sa.select(Job).where(Job.key == queries.job_key(first))).one()
        job.status = JobStatus.DEAD
    sign_in(client, account)

    page = client.get("/konto/export")

    assert "nicht geklappt" in page.text
    client.follow(page.form("/konto/export").submit(client))
    newest = queries.newest_export(account)
    assert newest is not None and newest.id != first.id


@pytest.mark.parametrize("step", [1, 5, 9])
def test_a_worker_killed_between_two_steps_is_taken_over(
    app: Servicekonto, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    class KilledError(BaseException):
        pass

    town = create_full_town()
    expected = independent.rows_of(town.citizen.id)
    with unit_of_work():
        exports.ask(town.citizen, at=clock.now())
    note_step = tasks._note_step

    def dies(job: Any, done: int, found: Any) -> None:
        if done == step:
            raise KilledError
        note_step(job, done, found)

    monkeypatch.setattr(tasks, "_note_step", dies)
    with pytest.raises(KilledError):
        Worker(app).run_until_idle()
    monkeypatch.undo()
    db.session.execute(sa.update(Job).values(lease_owner=None, lease_until=None))

    Worker(app).run_until_idle()

    export = queries.newest_export(town.citizen)
    assert export is not None and export.file is not None
    archive = zipfile.ZipFile(io.BytesIO(export.file))
    assert {UUID(row["id"]) for row in rows(archive, "message")} == expected["message"]
    mails = sa.select(sa.func.count()).select_from(Mail).where(Mail.template == "export_ready")
    assert db.session.scalar(mails) == 1
