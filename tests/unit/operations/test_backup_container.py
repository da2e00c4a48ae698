import dataclasses
import io
import random

import pytest

from config import Config, MasterKey
from servicekonto.operations.backup import container
from servicekonto.operations.backup.container import BackupError, Writer, new_header, read_header, read_lines
from tests.conftest import test_environment
from tests.support.databases import DatabaseUrls

URL = "sqlite:///unused"
CONFIG = Config.from_environment(test_environment(DatabaseUrls(URL, URL)))
DICE = random.Random(20261123)  # noqa: S311 - no secret
LINES = [DICE.randbytes(40).hex().encode() for _ in range(200)]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "CHUNK", 1000)


def written(config: Config = CONFIG) -> bytes:
    file = io.BytesIO()
    header = new_header(config, migration="0001", created_at="2026-11-23T09:00:00+00:00", rows=len(LINES))
    writer = Writer(file, header, config)
    for line in LINES:
        writer.write(line + b"\n")
    writer.close()
    return file.getvalue()


def read(data: bytes, config: Config = CONFIG) -> list[bytes]:
    return list(read_lines(io.BytesIO(data), config))


def chunk_starts(data: bytes) -> list[int]:
    file = io.BytesIO(data)
    read_header(file)
    starts = []
    while file.tell() < len(data):
        starts.append(file.tell())
        length = int.from_bytes(file.read(4), "big")
        file.seek(length, io.SEEK_CUR)
    return starts


@pytest.mark.usefixtures("small_chunks")
def test_what_was_written_over_many_chunks_is_read_back() -> None:
    data = written()

    assert len(chunk_starts(data)) > 5
    assert read(data) == LINES


def test_two_backups_of_the_same_rows_have_nothing_in_common() -> None:
    first, second = written(), written()

    assert first[-200:] != second[-200:]
    assert not any(line in first for line in LINES)


@pytest.mark.usefixtures("small_chunks")
def test_a_backup_that_is_cut_off_anywhere_is_refused() -> None:
    data = written()
    lengths = {*chunk_starts(data), *DICE.sample(range(len(data)), 60), 0, len(data) - 1}

    for length in lengths:
        with pytest.raises(BackupError):
            read(data[:length])


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_left_out_or_moved_is_refused() -> None:
    data = written()
    first, second, third, *_rest = chunk_starts(data)

    with pytest.raises(BackupError, match="damaged"):
        read(data[:first] + data[second:])
    with pytest.raises(BackupError, match="damaged"):
        read(data[:first] + data[second:third] + data[first:second] + data[third:])


@pytest.mark.usefixtures("small_chunks")
def test_every_changed_byte_is_noticed() -> None:
    data = written()

    header = range(chunk_starts(data)[0])
    for position in (*header, *DICE.sample(range(len(data)), 200)):
        changed = bytearray(data)
        changed[position] ^= DICE.choice((0x01, 0x10, 0x80))
        with pytest.raises(BackupError):
            read(bytes(changed))


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(BackupError):
        read(written() + b"\0")


def test_an_older_master_key_that_is_still_named_opens_the_backup() -> None:
    data = written()
    newer = MasterKey(key_id="newer", key=bytes(range(32)))
    rotated = dataclasses.replace(CONFIG, master_keys=(newer, *CONFIG.master_keys))

    assert read(data, rotated) == LINES


def test_an_unknown_master_key_is_named() -> None:
    data = written()
    other = dataclasses.replace(CONFIG, master_keys=(MasterKey(key_id="other", key=bytes(range(32))),))

    with pytest.raises(BackupError, match="'test'"):
        read(data, other)


def test_another_key_under_the_same_name_does_not_open_it() -> None:
    data = written()
    other = dataclasses.replace(CONFIG, master_keys=(MasterKey(key_id="test", key=bytes(range(32))),))

    with pytest.raises(BackupError, match="damaged"):
        read(data, other)


def test_another_secret_key_is_refused_before_anything_is_read() -> None:
    data = written()
    other = dataclasses.replace(CONFIG, secret_key=bytes(range(32)))

    with pytest.raises(BackupError, match="SECRET_KEY"):
        read(data, other)


def test_some_other_file_is_no_backup() -> None:
    with pytest.raises(BackupError, match="no backup"):
        read(b"%PDF-1.7")
