"""No room to write: people are told that nothing was kept, nothing is half-written, and it goes on by itself.

On SQLite the file may not grow. On PostgreSQL the disk of the tables is full; where nobody may mount one, a
trigger raises what the server raises then (SQLSTATE 53100, in the middle of the transaction).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.jobs.worker import Worker
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft, put_birth_certificates_online
from tests.conftest import application
from tests.integration.operations.restoring import all_rows, flask, inside
from tests.support.client import PageClient
from tests.support.databases import DatabaseUrls
from tests.support.small_disk import may_mount, moved_to_a_full_disk

Form = Callable[..., TestResponse]

FULL_ON_POSTGRESQL = """
    create function no_room() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
    create trigger no_room before insert on request_event for each row execute function no_room();
"""


@contextmanager
def full_disk(urls: DatabaseUrls, app: Servicekonto) -> Iterator[None]:
    if urls.owner.startswith("sqlite"):
        with app.app_context(), limited_to_its_size(db.engine):
            yield
        return
    if may_mount():
        with app.app_context():
            db.engine.dispose()
        with moved_to_a_full_disk(urls):
            yield
        with app.app_context():
            db.engine.dispose()
        return
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(FULL_ON_POSTGRESQL)
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("drop trigger no_room on request_event; drop function no_room")


@contextmanager
def limited_to_its_size(engine: sa.Engine) -> Iterator[None]:
    """Each connection takes the limit, and gives it back afterwards."""

    def limit(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(engine, "begin", limit)
    yield
    sa.event.remove(engine, "begin", limit)
    engine.dispose()


@pytest.fixture
def forms(committed_app: Servicekonto) -> list[Form]:
    """So many that the room inside the file of SQLite is used up before the last of them."""
    committed_app.config["WTF_CSRF_ENABLED"] = False
    with inside(committed_app):
        put_birth_certificates_online()
        account = create_account()
        drafts = [create_draft(account, at=clock.now()).id for _ in range(40)]
        client = PageClient(committed_app)
        sign_in(client, account)

    def form(draft_id: UUID) -> Form:
        fields, address = {"idempotency_key": str(uuid4())}, f"/antraege/{draft_id}/einreichen"
        return lambda **options: client.client.post(address, data=fields, **options)

    return [form(draft_id) for draft_id in drafts]


def test_what_does_not_fit_is_refused_clearly_and_accepted_when_there_is_room(
    committed_app: Servicekonto, own_urls: DatabaseUrls, forms: list[Form]
) -> None:
    with full_disk(own_urls, committed_app):
        submitting = next(form for form in forms if form().status_code != 303)
        before = all_rows(committed_app)
        page = PageClient(committed_app).checked(submitting(), 503)
        english = submitting(headers={"Accept-Language": "en"})
        after = all_rows(committed_app)

    assert "Was Sie eben abgeschickt haben, ist nicht angekommen." in page.text
    assert page.response.headers["Retry-After"] == "30"
    assert "has not arrived" in english.text
    assert after == before
    assert submitting().status_code == 303
    with inside(committed_app):
        Worker(committed_app).run_until_idle()
    assert "All rules hold" in flask(committed_app, "fsck", "--all")


def test_an_ordinary_outage_does_not_claim_to_know() -> None:
    nowhere = "sqlite:////nowhere/at/all.sqlite3"
    app, key = application(DatabaseUrls(application=nowhere, owner=nowhere)), uuid4()
    app.config["WTF_CSRF_ENABLED"] = False
    client = PageClient(app)
    client.client.set_cookie("servicekonto", "s" * 43, domain="localhost")

    page = client.checked(
        client.client.post(f"/antraege/{uuid4()}/einreichen", data={"idempotency_key": str(key)}), 503
    )

    assert "nicht angekommen" not in page.text
    assert page.link("Hier sehen Sie in einigen Minuten nach").endswith(f"/vorgang/{key}")
