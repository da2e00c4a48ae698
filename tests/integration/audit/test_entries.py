from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from servicekonto import audit
from servicekonto.accounts.models import Account
from servicekonto.audit import Action, ObjectKind
from servicekonto.audit.actions import DECLARED
from servicekonto.audit.commands import PayloadError
from servicekonto.audit.models import AuditEntry
from servicekonto.audit.queries import PAGE_SIZE, EntryFilter, entries_of
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import NOBODY, SYSTEM, Scope, apply_scope, scoped
from tests.builders.accounts import create_account
from tests.support.audit_trail import Trail

pytestmark = pytest.mark.usefixtures("database")

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SEAL = {
    "sealed_at": AT,
    "number": 1,
    "key_id": "2026a",
    "prev_hash": b"before",
    "payload_hash": b"payload",
    "hash": b"this",
}


def deactivated(*, authority_id: UUID | None = None, by: Account | None = None, at: datetime = AT) -> None:
    audit.record(Action.STAFF_DEACTIVATED, uuid4(), authority_id=authority_id, by=by, at=at)


def contact_changed(authority_id: UUID) -> None:
    audit.record(
        Action.CONTACT_CHANGED, authority_id, authority_id=authority_id, by=None, at=AT, fields=["email"]
    )


def test_every_action_declares_what_it_is_done_to_and_its_payload() -> None:
    assert set(DECLARED) == set(Action)


def test_an_entry_says_who_did_what_to_which_object() -> None:
    actor, authority_id, trail = create_account(), uuid4(), Trail()

    audit.record(
        Action.CONTACT_CHANGED,
        authority_id,
        authority_id=authority_id,
        by=actor,
        at=AT,
        fields=["telephone", "email"],
    )

    entry = trail.one(Action.CONTACT_CHANGED)
    assert (entry.actor_id, entry.object_kind, entry.object_id) == (actor.id, "authority", authority_id)
    assert (entry.at, entry.payload, entry.sealed_at) == (AT, {"fields": ["email", "telephone"]}, None)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"fields": ["email"], "more": 1},
        {"fields": "erika@example.org"},
        {"fields": ["Erika Mustermann"]},
        {"fields": "a\nb"},
        {"fields": "x" * 81},
    ],
)
def test_other_keys_and_anything_but_codes_are_refused(payload: dict[str, Any]) -> None:
    trail = Trail()

    with pytest.raises(PayloadError):
        audit.record(Action.CONTACT_CHANGED, uuid4(), authority_id=None, by=None, at=AT, **payload)

    assert trail.entries == []


def test_an_entry_goes_with_the_transaction_that_fails() -> None:
    trail = Trail()

    def fail() -> None:
        with unit_of_work():
            deactivated()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert trail.entries == []


@pytest.mark.parametrize(
    "change",
    [
        sa.update(AuditEntry).values(actor_id=uuid4()),
        sa.update(AuditEntry).values(payload={"fields": ["city"]}),
        sa.update(AuditEntry).values(payload=sa.null()),
        sa.update(AuditEntry).values(SEAL | {"at": AT + timedelta(days=1)}),
        sa.update(AuditEntry).values(SEAL | {"payload": sa.null()}),
        *(sa.update(AuditEntry).values(SEAL | {missing: None}) for missing in SEAL),
        sa.delete(AuditEntry),
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(change: sa.Update | sa.Delete) -> None:
    contact_changed(uuid4())
    db.session.commit()

    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(change, execution_options={"synchronize_session": False})

    assert db.session.scalars(sa.select(AuditEntry.payload)).all()[-1] == {"fields": ["email"]}


@pytest.mark.only("postgresql")
def test_on_postgresql_the_application_may_only_add_read_seal_and_empty() -> None:
    rights = db.session.scalars(
        sa.text(
            "select privilege_type from information_schema.role_table_grants"
            " where table_name = 'audit_entry' and grantee = current_user"
        )
    )
    changeable = db.session.scalars(
        sa.text(
            "select column_name from information_schema.column_privileges where table_name = 'audit_entry'"
            " and grantee = current_user and privilege_type = 'UPDATE'"
        )
    )
    policies = db.session.scalars(sa.text("select cmd from pg_policies where tablename = 'audit_entry'"))

    assert set(rights) == {"INSERT", "SELECT"}
    assert set(changeable) == {*SEAL, "payload"}
    assert set(policies) == {"INSERT", "SELECT", "UPDATE", "DELETE"}


def test_sealing_and_emptying_are_the_two_changes_left() -> None:
    contact_changed(uuid4())

    def change(**values: object) -> None:
        with db.session.begin_nested():
            db.session.execute(
                sa.update(AuditEntry).values(values), execution_options={"synchronize_session": False}
            )

    change(**SEAL)
    for refused in (
        SEAL,
        {"hash": b"other"},
        {"number": 2},
        {"key_id": "2026b"},
        {"payload": {"fields": ["city"]}},
        {"sealed_at": None},
    ):
        with pytest.raises(DBAPIError):
            change(**refused)
    change(payload=sa.null())

    assert db.session.execute(sa.select(AuditEntry.payload, AuditEntry.hash)).one() == (None, b"this")


@pytest.mark.only("postgresql")
def test_on_postgresql_one_reads_ones_authority_and_signs_only_ones_own_acts() -> None:
    ours, theirs, clerk, other = uuid4(), uuid4(), create_account(), create_account()
    for authority_id in (ours, theirs):
        deactivated(authority_id=authority_id, by=other)
    db.session.commit()

    def visible(scope: Scope) -> list[UUID | None]:
        with scoped(scope):
            apply_scope(db.session.connection())
            return list(db.session.scalars(sa.select(AuditEntry.authority_id)))

    assert visible(NOBODY) == []
    assert visible(Scope(account_id=clerk.id, authority_id=ours)) == [ours]
    assert set(visible(SYSTEM)) == {ours, theirs}
    with scoped(Scope(account_id=clerk.id, authority_id=ours)):
        apply_scope(db.session.connection())
        deactivated(authority_id=ours, by=clerk)
        for forged in (other, None):
            with pytest.raises(DBAPIError), db.session.begin_nested():
                deactivated(authority_id=ours, by=forged)


@pytest.mark.only("postgresql")
def test_on_postgresql_only_the_worker_seals_and_empties_and_nobody_else_adds_what_is_sealed_already() -> (
    None
):
    clerk = create_account()
    deactivated(by=clerk)
    db.session.commit()

    with scoped(Scope(account_id=clerk.id)):
        apply_scope(db.session.connection())
        for values in (SEAL, {"payload": sa.null()}):
            changed = db.session.connection().execute(sa.update(AuditEntry.__table__).values(values))  # type: ignore[arg-type]
            assert changed.rowcount == 0
        with pytest.raises(DBAPIError), db.session.begin_nested():
            add_sealed(by=clerk)


def add_sealed(*, by: Account) -> None:
    values: dict[str, Any] = {"at": AT, "actor_id": by.id, "action": Action.STAFF_DEACTIVATED, **SEAL}
    db.session.add(AuditEntry(**values, object_kind=ObjectKind.STAFF_MEMBER, object_id=uuid4(), payload={}))
    db.session.flush()


def test_a_list_goes_on_behind_the_last_entry_of_the_page() -> None:
    authority_id, actor = uuid4(), create_account()
    for number in range(PAGE_SIZE + 3):
        deactivated(authority_id=authority_id, by=actor, at=AT + timedelta(minutes=number // 2))
    contact_changed(authority_id)
    contact_changed(uuid4())

    first = entries_of(authority_id, EntryFilter())
    second = entries_of(authority_id, EntryFilter(after=first.after))

    found = [*first.entries, *second.entries]
    assert (len(first.entries), len(second.entries), second.after) == (PAGE_SIZE, 4, None)
    assert len({entry.id for entry in found}) == PAGE_SIZE + 4
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert len(entries_of(authority_id, EntryFilter(action=Action.CONTACT_CHANGED)).entries) == 1
    assert len(entries_of(authority_id, EntryFilter(actor_id=actor.id)).entries) == PAGE_SIZE
