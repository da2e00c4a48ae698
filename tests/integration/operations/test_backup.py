import dataclasses
import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.settings import settings
from servicekonto.operations.backup import dump as dumping
from servicekonto.operations.backup.container import Writer
from servicekonto.operations.progress import Progress
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.integration.operations.restoring import (
    EmptyDatabase,
    all_rows,
    empty_application,
    flask,
    inside,
    refusal,
)

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def empty(shared_folder: Path, tmp_path: Path) -> Iterator[EmptyDatabase]:
    made: list[Servicekonto] = []

    def make(kind: str) -> Servicekonto:
        made.append(empty_application(kind, shared=shared_folder, folder=tmp_path / f"empty{len(made)}"))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def town(committed_app: Servicekonto) -> Servicekonto:
    with inside(committed_app):
        registry = create_registry()
        create_draft()
        create_service_request(status=Status.NOTIFIED, registry=registry)
        create_service_request(status=Status.DECISION_PROPOSED, registry=registry)
    return committed_app


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same kind", "other kind"])
def test_a_backup_restored_into_an_empty_place_is_equal_row_by_row(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path, elsewhere: bool
) -> None:
    target = empty(OTHER[database_kind] if elsewhere else database_kind)
    path = tmp_path / "a.backup"

    flask(town, "backup", path)
    told = flask(target, "restore", path)

    rows = all_rows(town)
    assert all_rows(target) == rows
    assert f"{sum(map(len, rows.values()))} rows" in told
    assert len(rows["authority"]) > 400 and rows["message"] and rows["request_document"]


def test_what_people_wrote_can_be_read_after_the_restore(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path
) -> None:
    target = empty(database_kind)
    flask(town, "backup", tmp_path / "a.backup")

    flask(target, "restore", tmp_path / "a.backup")

    with inside(target), unit_of_work(read_only=True):
        notified = db.session.scalars(
            sa.select(ServiceRequest).where(ServiceRequest.status == Status.NOTIFIED)
        ).one()
        assert notified.answers is not None
        assert notified.answers["applicant"]["family_name"] == "Müßig-Groß"


def test_after_a_restore_references_are_checked_at_once_again(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path
) -> None:
    target = empty(database_kind)
    flask(town, "backup", tmp_path / "a.backup")
    flask(target, "restore", tmp_path / "a.backup")

    with inside(target), pytest.raises(sa.exc.IntegrityError), unit_of_work():
        db.session.execute(sa.text("update request_event set service_request_id = id"))


def test_a_backup_under_load_shows_one_moment(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path
) -> None:
    path, target, stop, written = tmp_path / "a.backup", empty(database_kind), threading.Event(), []

    def write() -> None:
        with inside(town):
            while not stop.is_set():
                written.append(create_draft())
                db.session.remove()

    def wait_for_two_more(_rows: int) -> None:
        """At the beginning of each table: requests are written between the tables that they consist of."""
        wanted = len(written) + 2
        while len(written) < wanted and writer.is_alive():
            stop.wait(0.01)

    def start(_length: int) -> Progress:
        wait_for_two_more(0)
        counted = iter(range(10_000_000))
        return lambda rows: wait_for_two_more(rows) if next(counted) % 1500 == 0 else None

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with town.app_context():
            dumping.dump(path, at=clock.now(), start=start)
    finally:
        stop.set()
        writer.join()

    flask(target, "restore", path)
    with inside(target), unit_of_work(read_only=True):
        requests = list(db.session.scalars(sa.select(ServiceRequest)))
        assert all(len(found.history) == found.event_count for found in requests)
    restored, now = all_rows(target), all_rows(town)
    assert len(restored["service_request"]) < len(now["service_request"])
    assert all(event in now["request_event"] for event in restored["request_event"])


def test_a_database_that_is_not_empty_is_left_alone(town: Servicekonto, tmp_path: Path) -> None:
    flask(town, "backup", tmp_path / "a.backup")
    before = all_rows(town)

    assert "not empty: account" in refusal(town, "restore", tmp_path / "a.backup")

    assert all_rows(town) == before


def test_another_state_of_migration_is_refused(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path
) -> None:
    flask(town, "backup", tmp_path / "a.backup")
    target = empty(database_kind)
    with inside(target):
        engine = sa.create_engine(settings().migration_database_url)
        with engine.begin() as connection:
            connection.execute(sa.text("update alembic_version set version_num = '0001'"))
        engine.dispose()

    assert "the database is at 0001" in refusal(target, "restore", tmp_path / "a.backup")
    assert "not migrated" in refusal(target, "backup", tmp_path / "b.backup")
    assert not list(tmp_path.glob("b.backup*"))


def test_a_damaged_backup_leaves_the_place_empty(
    town: Servicekonto, empty: EmptyDatabase, database_kind: str, tmp_path: Path
) -> None:
    path, target = tmp_path / "a.backup", empty(database_kind)
    flask(town, "backup", path)
    path.write_bytes(path.read_bytes()[:-1])

    assert "damaged or cut off" in refusal(target, "restore", path)
    assert "damaged or cut off" in refusal(target, "restore", path, "--verify-only")

    assert not any(all_rows(target).values())


@pytest.mark.only("sqlite")
def test_a_row_that_the_database_refuses_leaves_the_place_empty(
    town: Servicekonto, empty: EmptyDatabase, tmp_path: Path
) -> None:
    """A reference to nowhere, as in a file of SQLite that was edited by hand."""
    with inside(town), db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA query_only = 0")
        raw.execute("COMMIT") if raw.in_transaction else None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("update request_event set service_request_id = hex(randomblob(16))")
        raw.execute("PRAGMA foreign_keys = ON")
    flask(town, "backup", tmp_path / "a.backup")

    for kind in OTHER:
        target = empty(kind)
        assert "the database refused it" in refusal(target, "restore", tmp_path / "a.backup")
        assert not any(all_rows(target).values())


def test_a_backup_never_overwrites_a_file_and_is_readable_by_its_owner_only(
    town: Servicekonto, tmp_path: Path
) -> None:
    path = tmp_path / "a.backup"
    flask(town, "backup", path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert "exists already" in refusal(town, "backup", path)


def test_a_backup_under_a_key_that_is_gone_is_refused(town: Servicekonto, tmp_path: Path) -> None:
    flask(town, "backup", tmp_path / "a.backup")
    config = town.config["SERVICEKONTO"]
    key = dataclasses.replace(config.master_keys[0], key_id="other")
    town.config["SERVICEKONTO"] = dataclasses.replace(config, master_keys=(key,))

    assert "does not name the key 'test'" in refusal(town, "restore", tmp_path / "a.backup", "--verify-only")


def test_in_a_folder_backups_get_names_and_old_ones_go(town: Servicekonto, tmp_path: Path) -> None:
    old = tmp_path / "servicekonto-2026-01-01T023000Z.backup"
    foreign = tmp_path / "notes-2020-01-01.txt"
    killed = tmp_path / "servicekonto-2026-01-02T023000Z.backup.part"
    for path in (old, killed, foreign):
        path.touch()

    told = flask(town, "backup", tmp_path, "--keep", 30)

    assert "2 old backups deleted" in told
    assert not old.exists() and not killed.exists() and foreign.exists()
    assert len(list(tmp_path.glob("servicekonto-*.backup"))) == 1


def test_a_full_disk_is_told_plainly_and_leaves_no_half_backup(
    town: Servicekonto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Writer, "close", full)

    assert "Error: [Errno 28] No space left on device" in refusal(town, "backup", tmp_path / "a.backup")
    assert not list(tmp_path.glob("a.backup*"))
