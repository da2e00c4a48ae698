# ruff: noqa: S608 - these statements are what somebody with the database in their hands would send
"""Whatever somebody with the rights of the owner of the tables does to a sealed entry, it is found."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from servicekonto.audit import checkpoints
from servicekonto.audit.chain import SEAL, TABLE
from servicekonto.audit.checkpoints import Expected
from servicekonto.audit.commands import empty_payloads
from servicekonto.audit.models import AuditEntry
from servicekonto.audit.sealer import seal_waiting
from servicekonto.audit.verifying import Break
from servicekonto.core import retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import first_id_of, new_id
from servicekonto.operations.retention import tasks
from servicekonto.web.application import Servicekonto
from tests.integration.audit.trails import (
    AT,
    OURS,
    THEIRS,
    chain,
    first_break,
    sealed_trail,
    tamper,
    verified,
    write,
)
from tests.integration.operations.restoring import inside

OF_OURS = f"authority_id in ('{OURS}', '{OURS.hex}')"
THIRD = f"where number = 3 and {OF_OURS}"
OPENED = ", ".join(f"{name} = null" for name in SEAL)
CHANGED = {
    "id": f"'{uuid4().hex}'",
    "at": "'2026-11-29 10:00:00.000000'",
    "actor_id": f"'{uuid4().hex}'",
    "account_id": f"'{uuid4().hex}'",
    "action": "'offer.changed'",
    "object_kind": "'offer'",
    "object_id": f"'{uuid4().hex}'",
    "payload": """'{"fields": ["city"]}'""",
    "sealed_at": "'2026-11-29 10:00:00.000000'",
    "key_id": "'2027a'",
    "prev_hash": "payload_hash",
    "payload_hash": "prev_hash",
    "hash": "prev_hash",
}


@pytest.fixture
def app(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    sealed_trail(committed_app)
    with inside(committed_app):
        yield committed_app


def checkpoint() -> Expected:
    expected = Expected()
    with unit_of_work(read_only=True):
        for line in checkpoints.lines(checkpoints.heads(at=AT)):
            expected.add(checkpoints.read(line))
    return expected


def entry_id(number: int, chain_of: UUID | None = OURS) -> str:
    return str(chain(chain_of)[number - 1].id)


def test_every_column_is_tried() -> None:
    assert {*CHANGED, "authority_id", "number"} == {column.name for column in TABLE.columns}


@pytest.mark.parametrize("column", CHANGED)
def test_a_changed_column_is_found(app: Servicekonto, column: str) -> None:
    before = entry_id(3)

    tamper(app, f"update audit_entry set {column} = {CHANGED[column]} {THIRD}")

    found = first_break(app)
    assert (found.chain, found.number) == (str(OURS), 3)
    assert (found.entry_id == before) is (column != "id")


@pytest.mark.parametrize("column", SEAL)
def test_a_seal_without_a_part_is_found(app: Servicekonto, column: str) -> None:
    tamper(app, f"update audit_entry set {column} = null {THIRD}")

    assert first_break(app).number in {1, 3}


def test_an_entry_moved_to_another_chain_is_missing_in_the_one_and_too_much_in_the_other(
    app: Servicekonto,
) -> None:
    theirs = THEIRS.hex

    tamper(app, f"update audit_entry set authority_id = '{theirs}' {THIRD}")

    breaks = {found.chain: (found.number, found.what) for found in verified(app).breaks}
    assert breaks[str(OURS)] == (3, "is missing")
    assert breaks[str(THEIRS)][0] in {3, 4}


def test_an_entry_taken_out_of_the_middle_is_found(app: Servicekonto) -> None:
    tamper(app, f"delete from audit_entry {THIRD}")

    assert first_break(app) == Break(str(OURS), 3, None, "is missing")


def test_an_entry_taken_out_is_found_when_the_others_move_up(app: Servicekonto) -> None:
    tamper(
        app,
        f"delete from audit_entry {THIRD}",
        f"update audit_entry set number = number - 1 where number > 3 and {OF_OURS}",
    )

    found = first_break(app)
    assert (found.number, found.what) == (3, "does not follow the one before")


def test_entries_in_another_order_are_found(app: Servicekonto) -> None:
    tamper(
        app,
        f"update audit_entry set number = 7 - number where number in (3, 4) and {OF_OURS}",
    )

    assert first_break(app).number == 3


def test_an_entry_put_in_between_is_found(app: Servicekonto) -> None:
    listed = ", ".join(column.name for column in TABLE.columns if column.name != "id")

    tamper(
        app,
        f"insert into audit_entry (id, {listed}) select '{new_id().hex}', {listed} from audit_entry {THIRD}",
    )

    found = first_break(app)
    assert (found.number, found.what) == (4, "is there twice")


@pytest.mark.parametrize(
    "how",
    [
        "delete from audit_entry",
        f"update audit_entry set {OPENED}",
    ],
)
def test_what_is_taken_off_the_end_is_found_with_a_checkpoint(app: Servicekonto, how: str) -> None:
    expected = checkpoint()

    tamper(app, f"{how} where number > 3 and {OF_OURS}")

    assert verified(app).is_whole
    assert first_break(app, expected) == Break(str(OURS), 4, None, "is missing, a checkpoint has seen it")


def test_a_chain_that_is_gone_is_found_with_a_checkpoint(app: Servicekonto) -> None:
    expected = checkpoint()

    tamper(app, "delete from audit_entry where authority_id is null")

    assert first_break(app, expected) == Break("platform", 1, None, "is missing, a checkpoint has seen it")


def test_an_end_that_was_opened_changed_and_sealed_again_is_found_with_a_checkpoint(
    app: Servicekonto,
) -> None:
    expected = checkpoint()
    tamper(
        app,
        f"update audit_entry set {OPENED}, object_kind = 'offer' where number = 5 and {OF_OURS}",
    )
    seal_waiting(at=AT)

    assert verified(app).is_whole
    assert first_break(app, expected).what == "is another one than a checkpoint has seen"


def test_an_end_that_was_sealed_again_is_found_also_when_its_payload_is_empty(app: Servicekonto) -> None:
    expected, later = checkpoint(), AT + retention.AUDIT_PAYLOADS.kept + timedelta(minutes=1)
    tamper(
        app,
        f"update audit_entry set {OPENED}, object_kind = 'offer' where number = 5 and {OF_OURS}",
    )
    seal_waiting(at=AT)
    tasks.empty_audit_payloads(at=later)

    assert verified(app, at=later).is_whole
    (found,) = verified(app, expected, at=later).breaks
    assert (found.chain, found.number) == (str(OURS), 5)
    assert found.what == "is another one than a checkpoint has seen"


def test_chains_that_go_on_agree_with_an_old_checkpoint(app: Servicekonto) -> None:
    expected = checkpoint()
    write(OURS, times=3)
    seal_waiting(at=AT)

    assert verified(app, expected).is_whole


def test_the_first_break_of_each_chain_is_named_and_the_other_chains_are_whole(app: Servicekonto) -> None:
    tamper(app, "update audit_entry set object_kind = 'offer' where number in (2, 3)")

    breaks = verified(app).breaks

    assert {found.chain: found.number for found in breaks} == {
        str(OURS): 2,
        str(THEIRS): 2,
        "platform": 2,
    }


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "change",
    [
        "at = 'x'",
        "payload = '{'",
        "object_id = 'x'",
        "hash = 'x'",
        "number = 'x'",
        "action = x'00'",
        "prev_hash = 7",
    ],
)
def test_what_cannot_even_be_read_is_found(app: Servicekonto, change: str) -> None:
    tamper(app, f"update audit_entry set {change} {THIRD}")

    assert verified(app).breaks[0].number == 3


def test_retention_empties_old_payloads_and_leaves_the_chain_whole(app: Servicekonto) -> None:
    later = AT + retention.AUDIT_PAYLOADS.kept + timedelta(minutes=1)
    write(OURS, at=later)
    write(OURS, at=AT)
    db.session.remove()

    assert tasks.empty_audit_payloads(at=later) == 10
    seal_waiting(at=later)

    assert [entry.payload is None for entry in chain(OURS)] == [True] * 5 + [False] * 2
    assert verified(app, checkpoint(), at=later).breaks == []
    assert tasks.empty_audit_payloads(at=later) == 1


def test_many_payloads_are_emptied_in_steps_whatever_the_order_of_their_acts(
    app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written last, done first; and between what is old, something new that stays."""
    monkeypatch.setattr(tasks, "AT_ONCE", 3)
    later = AT + retention.AUDIT_PAYLOADS.kept + timedelta(minutes=1)
    write(OURS, at=later)
    write(OURS, times=4, at=AT - timedelta(days=1))
    seal_waiting(at=later)

    assert tasks.empty_audit_payloads(at=later) == 14

    assert [entry.payload is None for entry in chain(OURS)] == [True] * 5 + [False] + [True] * 4


def test_a_payload_that_is_emptied_before_its_time_is_found(app: Servicekonto) -> None:
    with unit_of_work():
        empty_payloads(before=AT, at_most=1)

    (found,) = verified(app).breaks
    assert (found.number, found.what) == (1, "has lost its payload before its time")


def test_entries_that_wait_too_long_for_their_seal_are_told(app: Servicekonto) -> None:
    with unit_of_work():
        entry = chain(OURS)[0]
        copy = {
            name: getattr(entry, name)
            for name in ("authority_id", "at", "action", "object_kind", "object_id", "payload")
        }
        for minutes in (6, 4):
            made_at = AT - timedelta(minutes=minutes)
            db.session.add(AuditEntry(id=UUID(int=first_id_of(made_at).int + minutes), **copy))

    report = verified(app)

    assert (report.overdue, report.breaks, report.is_whole) == (1, [], False)


@pytest.mark.parametrize("change", ["hash = prev_hash", "object_kind = 'offer'", "number = 9"])
def test_the_application_itself_cannot_do_it(app: Servicekonto, change: str) -> None:
    with pytest.raises(sa.exc.DBAPIError), unit_of_work():
        db.session.execute(sa.text(f"update audit_entry set {change} {THIRD}"))
