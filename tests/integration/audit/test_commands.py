# ruff: noqa: S608 - these statements are what somebody with the database in their hands would send
"""``flask audit``, and the file that says every hour how far the chains are."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import AuditKey
from servicekonto.audit.sealer import seal_waiting
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.core.ids import new_id
from servicekonto.jobs.queue import JobContext, JobError
from servicekonto.operations.audit_trail import tasks
from servicekonto.web.application import Servicekonto
from tests.conftest import application
from tests.integration.audit.trails import AT, OURS, THEIRS, chain, sealed_trail, tamper, write
from tests.integration.operations.restoring import empty_application, flask, inside, refusal
from tests.support.databases import DatabaseUrls

ALL_OF_OURS_BEHIND_3 = f"where number > 3 and authority_id in ('{OURS}', '{OURS.hex}')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "checkpoints"
    found.mkdir()
    return found


@pytest.fixture
def app(own_urls: DatabaseUrls, folder: Path) -> Iterator[Servicekonto]:
    app = application(own_urls, audit_checkpoints=folder)
    sealed_trail(app)
    with inside(app):
        yield app
        db.session.remove()
        db.engine.dispose()


def hourly(*, hour: int = 0) -> None:
    job = JobContext(
        id=new_id(),
        kind="audit.checkpoint",
        payload={},
        attempt=1,
        owner=new_id(),
        at=AT + timedelta(hours=hour),
    )
    tasks.write_checkpoint(job)


def test_a_whole_trail_is_whole(app: Servicekonto, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"

    flask(app, "audit", "checkpoint", "--to", file)

    assert "10 entries in 3 chains, 0 broken" in flask(app, "audit", "verify", "--checkpoint", file)
    assert "Without a checkpoint nobody can see" in flask(app, "audit", "verify")


def test_a_checkpoint_says_where_each_chain_ends(app: Servicekonto) -> None:
    ends = [json.loads(line) for line in flask(app, "audit", "checkpoint").splitlines()]

    found = {end["authority_id"]: (end["number"], end["count"], end["hash"]) for end in ends}
    assert found == {
        str(name) if name else None: (len(chain(name)), len(chain(name)), (chain(name)[-1].hash or b"").hex())
        for name in (OURS, THEIRS, None)
    }
    assert all(end["at"] and end["key_id"] == "secret-key" and len(end["signature"]) == 64 for end in ends)


def test_what_is_broken_is_named_and_the_command_fails(app: Servicekonto, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    flask(app, "audit", "checkpoint", "--to", file)
    third = chain(THEIRS)[2].id
    tamper(
        app,
        f"delete from audit_entry {ALL_OF_OURS_BEHIND_3}",
        "update audit_entry set object_kind = 'offer' where number = 3"
        f" and authority_id in ('{THEIRS}', '{THEIRS.hex}')",
    )

    told = refusal(app, "audit", "verify", "--checkpoint", file)

    assert f"{OURS}: entry 4 (gone) is missing, a checkpoint has seen it" in told
    assert f"{THEIRS}: entry 3 ({third}) was changed" in told
    assert "2 broken" in told


def test_entries_that_nobody_seals_make_it_fail(app: Servicekonto, monkeypatch: pytest.MonkeyPatch) -> None:
    write(OURS)
    flask(app, "audit", "verify")
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert "1 entries wait for their seal" in refusal(app, "audit", "verify")


@pytest.mark.parametrize(
    "change",
    [("count", "10"), ("hash", "x"), ("key_id", "2027a"), ("signature", ""), ("more", "1"), ("at", "x")],
)
def test_a_checkpoint_that_was_changed_is_refused(
    app: Servicekonto, tmp_path: Path, change: tuple[str, str]
) -> None:
    file = tmp_path / "checkpoint"
    flask(app, "audit", "checkpoint", "--to", file)
    name, value = change
    first, *others = file.read_text().splitlines()
    file.write_text("\n".join([json.dumps(json.loads(first) | {name: value}), *others]) + "\n")

    assert "checkpoint, line 1: not ours, or changed since" in refusal(
        app, "audit", "verify", "--checkpoint", file
    )


@pytest.mark.parametrize(
    "text", ["\n", "[]\n", "{}\n", '"x"\n', "\x00\xff\n", "null\n", '{"signature": 1}\n']
)
def test_a_file_that_is_no_checkpoint_is_refused(app: Servicekonto, tmp_path: Path, text: str) -> None:
    file = tmp_path / "checkpoint"
    file.write_bytes(text.encode("latin-1"))

    assert "line 1: not ours" in refusal(app, "audit", "verify", "--checkpoint", file)


def test_every_hour_a_file_says_how_far_the_chains_are_and_the_newest_is_what_verify_looks_at(
    app: Servicekonto, folder: Path
) -> None:
    hourly()
    write(OURS)
    seal_waiting(at=AT)
    hourly(hour=1)

    assert [file.name for file in sorted(folder.iterdir())] == [
        "audit-20261129T090000Z.jsonl",
        "audit-20261129T100000Z.jsonl",
    ]
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    tamper(app, f"delete from audit_entry {ALL_OF_OURS_BEHIND_3}")
    assert "entry 4 (gone) is missing" in refusal(app, "audit", "verify")


def test_no_file_is_written_over_what_the_last_one_knew_better(app: Servicekonto, folder: Path) -> None:
    hourly()
    tamper(app, f"delete from audit_entry {ALL_OF_OURS_BEHIND_3}")

    with pytest.raises(JobError, match="differs from the last checkpoint"):
        hourly(hour=1)

    assert len(list(folder.iterdir())) == 1


def test_a_damaged_last_file_stops_the_next_one(app: Servicekonto, folder: Path) -> None:
    hourly()
    next(folder.iterdir()).write_text("x\n")

    with pytest.raises(JobError, match="damaged"):
        hourly(hour=1)


def test_without_a_folder_nothing_is_written(own_urls: DatabaseUrls, folder: Path) -> None:
    with inside(application(own_urls)):
        hourly()

    assert list(folder.iterdir()) == []


def test_a_new_key_reads_the_checkpoints_of_the_old_one(
    app: Servicekonto, own_urls: DatabaseUrls, folder: Path
) -> None:
    hourly()
    rotated = application(own_urls, audit_keys=(AuditKey(key_id="2027a", key=bytes(range(32))),))
    with inside(rotated):
        write(OURS)
        seal_waiting(at=AT)

        (file,) = folder.iterdir()
        assert "0 broken" in flask(rotated, "audit", "verify", "--checkpoint", file)


def test_a_restored_backup_has_whole_chains_and_ends_where_the_old_checkpoint_says(
    app: Servicekonto, database_kind: str, shared_folder: Path, tmp_path: Path
) -> None:
    checkpoint, backup = tmp_path / "checkpoint", tmp_path / "backup"
    flask(app, "audit", "checkpoint", "--to", checkpoint)
    flask(app, "backup", backup)
    empty = empty_application(database_kind, shared=shared_folder, folder=tmp_path / "restored")

    with inside(empty):
        flask(empty, "restore", backup)

        assert "0 broken" in flask(empty, "audit", "verify", "--checkpoint", checkpoint)
        db.engine.dispose()
