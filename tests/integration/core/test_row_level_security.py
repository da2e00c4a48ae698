"""The second wall on PostgreSQL: raw SQL by the role of the application, whatever the queries forget."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import NOBODY, SYSTEM, Scope, scoped
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.builders.requests import complete_answers, create_draft, create_registry, create_service_request
from tests.support.databases import DatabaseUrls
from tests.support.postgres import OWNER

pytestmark = pytest.mark.only("postgresql")

TABLES = (
    "service_request",
    "request_event",
    "service_request_name",
    "decision",
    "request_document",
    "message",
)


class Rows:
    """Two citizens with a finished request and a draft each, at two registries."""

    def __init__(self) -> None:
        erika, jonas = create_account(), create_account()
        self.erika, self.jonas = erika.id, jonas.id
        self.hanau, self.kassel = create_registry("hanau"), create_registry("kassel")
        in_kassel = complete_answers(birth_place={"text": "Kassel"})
        self.at_hanau = create_service_request(erika, status=Status.NOTIFIED, registry=self.hanau).id
        self.at_kassel = create_service_request(
            jonas, status=Status.NOTIFIED, registry=self.kassel, answers=in_kassel
        ).id
        self.drafts = {create_draft(erika).id, create_draft(jonas).id}
        self.hanau_id: UUID = self.hanau.clerk.authority_id


@pytest.fixture
def rows(committed_app: Servicekonto) -> Iterator[Rows]:
    with committed_app.app_context(), scoped(SYSTEM):
        yield Rows()
        db.session.remove()


@contextmanager
def working_for(scope: Scope) -> Iterator[None]:
    with scoped(scope), unit_of_work():
        yield


def count(table: str) -> int:
    return db.session.scalar(sa.text(f"select count(*) from {table}")) or 0  # noqa: S608 - names of ours


def request_ids() -> set[UUID]:
    return set(db.session.scalars(sa.text("select id from service_request")))


def keep_something(account_id: UUID) -> None:
    with unit_of_work():
        db.session.execute(
            sa.text(
                "insert into kept_input (id, account_id, token_hash, sealed, created_at)"
                " values (:id, :account, :token, 'x', now())"
            ),
            {"id": new_id(), "account": account_id, "token": new_id().bytes},
        )


def test_kept_input_is_visible_to_its_owner_alone(rows: Rows) -> None:
    keep_something(rows.erika)
    seen = {}
    for name, scope in {"erika": Scope(account_id=rows.erika), "jonas": Scope(account_id=rows.jonas)}.items():
        with working_for(scope):
            seen[name] = count("kept_input")
    with working_for(NOBODY):
        assert count("kept_input") == 0
    assert seen == {"erika": 1, "jonas": 0}


def test_without_a_scope_nothing_is_visible(rows: Rows) -> None:
    with working_for(NOBODY):
        assert {table: count(table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_a_command_on_the_machine_sees_everything(rows: Rows) -> None:
    with working_for(SYSTEM):
        assert all(count(table) >= 2 for table in TABLES)
        assert len(request_ids()) == 4


def test_a_citizen_sees_what_is_their_own_drafts_included(rows: Rows) -> None:
    with working_for(Scope(account_id=rows.erika)):
        own = request_ids()
        assert rows.at_hanau in own and rows.at_kassel not in own
        assert len(own) == 2 and len(own & rows.drafts) == 1
        for table in TABLES[1:]:
            column = "service_request_id"
            found = set(db.session.scalars(sa.text(f"select {column} from {table}")))  # noqa: S608
            assert found and found <= own, table


def test_staff_see_what_arrived_at_their_authority_and_no_drafts(rows: Rows) -> None:
    with working_for(Scope(account_id=rows.hanau.clerk.account_id, authority_id=rows.hanau_id)):
        assert request_ids() == {rows.at_hanau}
        for table in TABLES[1:]:
            found = set(db.session.scalars(sa.text(f"select service_request_id from {table}")))  # noqa: S608
            assert found == {rows.at_hanau}, table


def test_foreign_rows_cannot_be_changed_or_deleted(rows: Rows) -> None:
    with working_for(Scope(account_id=rows.erika)):
        for statement in (
            "update service_request set reference = 'x' where id = :id",
            "update request_event set kind = 'x' where service_request_id = :id",
            "delete from message where service_request_id = :id",
            "delete from decision where service_request_id = :id",
        ):
            result = db.session.execute(sa.text(statement), {"id": rows.at_kassel})
            assert result.rowcount == 0, statement  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement",
    [
        "update service_request set account_id = :other where id = :id",
        """insert into request_event (id, service_request_id, sequence, kind, is_public, payload, occurred_at)
           values (:new, :foreign, 99, 'created', true, '{}', now())""",
        """insert into message (id, account_id, authority_id, service_request_id, sender, subject_sealed,
           body_sealed, provided_at) values (:new, :other, :authority, :foreign, 'x', 'x', 'x', now())""",
    ],
)
def test_nothing_can_be_written_for_somebody_else(rows: Rows, statement: str) -> None:
    values = {
        "other": rows.jonas,
        "id": rows.at_hanau,
        "foreign": rows.at_kassel,
        "new": new_id(),
        "authority": rows.hanau_id,
    }

    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        working_for(Scope(account_id=rows.erika)),
    ):
        db.session.execute(sa.text(statement), values)


@pytest.mark.parametrize(
    "statement",
    [
        f"set role {OWNER}",
        "set session authorization postgres",
        "alter table service_request disable row level security",
        "drop policy service_request_scope on service_request",
        "alter role current_user bypassrls",
        "create function everything() returns void language sql security definer as ''",
        "truncate service_request cascade",
    ],
)
def test_the_role_of_the_application_cannot_take_the_wall_down(rows: Rows, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError), working_for(Scope(account_id=rows.erika)):
        db.session.execute(sa.text(statement))


def test_switching_security_off_is_an_error_and_no_way_round(rows: Rows) -> None:
    with working_for(NOBODY):
        db.session.execute(sa.text("set local row_security = off"))
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            request_ids()


def test_the_owner_of_the_tables_is_bound_too(rows: Rows, own_urls: DatabaseUrls) -> None:
    engine = sa.create_engine(own_urls.owner, poolclass=sa.NullPool)
    with engine.connect() as connection:
        for table in TABLES:
            assert connection.scalar(sa.text(f"select count(*) from {table}")) == 0, table  # noqa: S608


def test_a_scope_ends_with_its_transaction(rows: Rows) -> None:
    with working_for(Scope(account_id=rows.erika)):
        assert request_ids()

    with working_for(NOBODY):
        assert request_ids() == set()
