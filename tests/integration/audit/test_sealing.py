"""Entries are numbered and chained, whoever writes and whoever seals at the same time."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from config import AuditKey
from servicekonto.audit import sealer
from servicekonto.audit.chain import GENESIS
from servicekonto.audit.sealer import AT_ONCE, UnknownChainKeyError, seal_waiting
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import NOBODY, scoped
from servicekonto.jobs.queue import enqueue
from servicekonto.jobs.worker import Worker
from servicekonto.web.application import Servicekonto
from tests.conftest import application
from tests.integration.audit.trails import AT, OURS, THEIRS, act, chain, sealed_trail, verified, write
from tests.integration.operations.restoring import inside
from tests.support.databases import DatabaseUrls
from tests.support.processes import WORKER, comes_true, processes_for
from tests.support.threads import at_the_same_time

NEW = AuditKey(key_id="2027a", key=bytes(range(32)))


@pytest.fixture
def app(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with inside(committed_app):
        yield committed_app


def numbers(authority_id: UUID | None) -> list[int | None]:
    return [entry.number for entry in chain(authority_id)]


def test_each_authority_has_its_chain_and_the_platform_has_one(app: Servicekonto) -> None:
    sealed_trail(app)

    assert [numbers(name) for name in (OURS, THEIRS, None)] == [[1, 2, 3, 4, 5], [1, 2, 3], [1, 2]]
    for name in (OURS, THEIRS, None):
        entries = chain(name)
        assert [entry.prev_hash for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]
    assert verified(app).is_whole


def test_sealing_goes_on_where_it_ended_and_again_does_nothing(app: Servicekonto) -> None:
    write(OURS, times=AT_ONCE + 3)

    assert seal_waiting(at=AT) == AT_ONCE + 3
    assert seal_waiting(at=AT) == 0
    write(OURS)
    assert seal_waiting(at=AT) == 1
    assert numbers(OURS) == list(range(1, AT_ONCE + 5))
    assert verified(app).is_whole


def test_what_is_written_late_comes_later_in_the_chain_whatever_its_time(app: Servicekonto) -> None:
    write(OURS)
    seal_waiting(at=AT)

    write(OURS, at=AT - timedelta(days=3))
    seal_waiting(at=AT)

    assert [entry.at for entry in chain(OURS)] == [AT, AT - timedelta(days=3)]
    assert verified(app).is_whole


@pytest.mark.only("postgresql")
def test_an_entry_of_a_long_transaction_is_sealed_behind_those_that_came_after_it(app: Servicekonto) -> None:
    written, may_commit = threading.Event(), threading.Event()

    def long_transaction() -> None:
        with inside(app), unit_of_work():
            act(OURS, at=AT)
            written.set()
            may_commit.wait(30)

    thread = threading.Thread(target=long_transaction)
    thread.start()
    written.wait(30)
    write(OURS, at=AT + timedelta(hours=1))
    seal_waiting(at=AT)
    may_commit.set()
    thread.join(30)
    seal_waiting(at=AT)

    first, second = chain(OURS)
    assert second.id < first.id and second.at < first.at
    assert verified(app).is_whole


def test_several_sealers_at_once_make_one_chain(app: Servicekonto) -> None:
    write(OURS, times=AT_ONCE + 20)
    write(None, times=20)

    def seal(_number: int) -> int:
        with inside(app):
            return seal_waiting(at=AT)

    sealed = sum(at_the_same_time(seal, times=4)) + seal_waiting(at=AT)

    assert sealed == AT_ONCE + 40
    assert numbers(OURS) == list(range(1, AT_ONCE + 21))
    assert verified(app).is_whole


# Commits of the worker: heartbeat, periodic jobs, the claim of the oldest job, two batches, done. On a slow
# machine a heartbeat or a new minute comes between.
@pytest.mark.parametrize(
    "moment", ["before_commit:4", "after_commit:4", "before_commit:5", "after_commit:5", "before_commit:6"]
)
def test_a_worker_killed_while_it_seals_leaves_a_chain_that_goes_on(
    app: Servicekonto, own_urls: DatabaseUrls, moment: str
) -> None:
    write(OURS, times=AT_ONCE + 20)
    with unit_of_work():
        enqueue("audit.seal", payload={}, at=AT - timedelta(days=9))

    with processes_for(own_urls) as processes:
        processes.start(WORKER, {"SERVICEKONTO_TEST_DIE_AT": moment})
        assert comes_true(lambda: processes.has_died(WORKER), 30)
    sealed = numbers(OURS)
    assert sealed == list(range(1, len(sealed) + 1)) and len(sealed) in {0, AT_ONCE, AT_ONCE + 20}
    seal_waiting(at=AT)

    assert numbers(OURS) == list(range(1, AT_ONCE + 21))
    assert verified(app).is_whole


@pytest.mark.only("postgresql")
def test_a_sealer_without_the_scope_of_the_worker_sees_nothing_to_seal(app: Servicekonto) -> None:
    write(OURS)

    with scoped(NOBODY):
        assert seal_waiting(at=AT) == 0
    assert numbers(OURS) == []


def test_a_new_key_goes_on_with_the_chain_and_the_old_one_does_not_come_back(
    app: Servicekonto, own_urls: DatabaseUrls
) -> None:
    sealed_trail(app)
    rotated = application(own_urls, audit_keys=(NEW,))

    with inside(rotated):
        write(OURS, times=2)
        seal_waiting(at=AT)
    with inside(app):
        write(OURS)
        with pytest.raises(UnknownChainKeyError):
            seal_waiting(at=AT)

    assert [entry.key_id for entry in chain(OURS)] == ["secret-key"] * 5 + ["2027a"] * 2
    assert verified(rotated).breaks == []
    assert [(found.number, found.what) for found in verified(app).breaks] == [
        (6, "is sealed with a key that is not configured")
    ]


def test_the_worker_seals_every_minute(app: Servicekonto) -> None:
    write(OURS)

    Worker(app).run_until_idle()

    assert numbers(OURS) == [1]
    assert sealer.seal_waiting(at=AT) == 0
