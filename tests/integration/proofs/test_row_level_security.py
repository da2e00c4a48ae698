"""On PostgreSQL: proofs are there for everybody to read, for those who work to add, for nobody to change."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import NOBODY, SYSTEM, Scope, scoped
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.requests import create_service_request

pytestmark = pytest.mark.only("postgresql")

INSERT = sa.text(
    "insert into document_proof (id, code_index, sha512, kind, authority_id, dated)"
    " select :id, :code_index, 'x', 'receipt', authority_id, now() from document_proof limit 1"
)


@pytest.fixture
def application(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with committed_app.app_context(), scoped(SYSTEM):
        create_service_request(status=Status.NOTIFIED)
        yield committed_app
        db.session.remove()


def count(table: str) -> int:
    return db.session.scalar(sa.text(f"select count(*) from {table}")) or 0  # noqa: S608 - names of ours


def changed(statement: str) -> int:
    return db.session.execute(sa.text(statement)).rowcount  # type: ignore[attr-defined, no-any-return]


def add() -> None:
    db.session.execute(INSERT, {"id": new_id(), "code_index": new_id().bytes})


def test_without_a_scope_proofs_can_be_read_and_nothing_else(application: Servicekonto) -> None:
    with scoped(NOBODY), unit_of_work():
        assert count("document_proof") == 1
        assert count("request_document") == count("service_request") == count("decision") == 0


def test_without_a_scope_nothing_can_be_added(application: Servicekonto) -> None:
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        scoped(NOBODY),
        unit_of_work(),
    ):
        add()


@pytest.mark.parametrize("scope", [SYSTEM, Scope(account_id=new_id()), Scope(authority_id=new_id())])
def test_who_works_for_somebody_can_add(application: Servicekonto, scope: Scope) -> None:
    with scoped(scope), unit_of_work():
        add()

    assert count("document_proof") == 2


@pytest.mark.parametrize("scope", [SYSTEM, Scope(account_id=new_id())])
def test_nobody_changes_a_proof(application: Servicekonto, scope: Scope) -> None:
    with scoped(scope), unit_of_work():
        assert changed("update document_proof set sha512 = 'forged'") == 0


def test_only_commands_on_the_machine_remove_one(application: Servicekonto) -> None:
    with scoped(Scope(account_id=new_id(), authority_id=new_id())), unit_of_work():
        assert changed("delete from document_proof") == 0
    with scoped(SYSTEM), unit_of_work():
        assert changed("delete from document_proof") == 1
