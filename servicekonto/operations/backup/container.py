"""The file around a backup: encrypted in chunks, so that damage and a missing end are noticed.

``SKBACKUP1\\n`` · length (4 bytes) · header (JSON, readable without the key) · chunks of a length (4 bytes)
and AES-256-GCM. The key of a file comes from a master key and the salt in the header (HKDF-SHA256). Nonce:
chunk number (11 bytes) and 1 for the last chunk, else 0, so none can be left out, moved or cut off (STREAM).
The header is authenticated with every chunk.
"""

import hmac
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config import Config
from servicekonto.core.settings import derive

MAGIC = b"SKBACKUP1\n"
CHUNK = 1024 * 1024
_TAG = 16
_LONGEST_HEADER = 4096


class BackupError(Exception):
    """The message tells the operator what is wrong with the file, the keys or the database."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """``secret``: fingerprint of the SECRET_KEY that the look-ups and passwords in the backup depend on."""

    key_id: str
    secret: str
    migration: str
    created_at: str
    rows: int
    salt: str


def new_header(config: Config, *, migration: str, created_at: str, rows: int) -> Header:
    return Header(
        key_id=config.master_keys[0].key_id,
        secret=_fingerprint(config),
        migration=migration,
        created_at=created_at,
        rows=rows,
        salt=os.urandom(32).hex(),
    )


class Writer:
    """Compresses and encrypts what it is given. Without ``close`` the file counts as cut off."""

    def __init__(self, file: BinaryIO, header: Header, config: Config) -> None:
        self._file = file
        self._header = json.dumps(asdict(header)).encode()
        self._cipher = _cipher(header, config)
        self._packer = zlib.compressobj(level=1)
        self._waiting = bytearray()
        self._number = 0
        file.write(MAGIC + len(self._header).to_bytes(4, "big") + self._header)

    def write(self, data: bytes) -> None:
        self._waiting += self._packer.compress(data)
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._waiting += self._packer.flush()
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        self._put(bytes(self._waiting), last=True)

    def _put(self, clear: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), clear, self._header)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """And its bytes as they are authenticated. Leaves the file at the first chunk."""
    if file.read(len(MAGIC)) != MAGIC:
        raise BackupError("this is no backup of Servicekonto")
    length = int.from_bytes(file.read(4), "big")
    raw = file.read(length) if length <= _LONGEST_HEADER else b""
    try:
        header = Header(**json.loads(raw))
        for written_in_hex in (header.salt, header.secret):
            bytes.fromhex(written_in_hex)
        return header, raw
    except (ValueError, TypeError) as error:
        raise BackupError("the header of the backup is damaged") from error


def read_lines(file: BinaryIO, config: Config) -> Iterator[bytes]:
    """The lines that were written. BackupError where the file is damaged, cut off or under another key."""
    header, raw = read_header(file)
    if not hmac.compare_digest(header.secret, _fingerprint(config)):
        raise BackupError("the backup was made with another SERVICEKONTO_SECRET_KEY: nobody could sign in")
    unpacker, rest = zlib.decompressobj(), b""
    for chunk in _chunks(file, _cipher(header, config), raw):
        *lines, rest = (rest + unpacker.decompress(chunk)).split(b"\n")
        yield from lines
    if rest or not unpacker.eof:
        raise BackupError("the content of the backup ends in the middle")


def _chunks(file: BinaryIO, cipher: AESGCM, header: bytes) -> Iterator[bytes]:
    number = 0
    size = file.read(4)
    while size:
        length = int.from_bytes(size, "big")
        sealed = file.read(length) if length <= CHUNK + _TAG else b""
        size = file.read(4)
        try:
            yield cipher.decrypt(_nonce(number, last=not size), sealed, header)
        except InvalidTag as error:
            raise BackupError("the backup is damaged or cut off") from error
        number += 1
    if not number:
        raise BackupError("the backup is damaged or cut off")


def _cipher(header: Header, config: Config) -> AESGCM:
    for master in config.master_keys:
        if master.key_id == header.key_id:
            salt = bytes.fromhex(header.salt)
            return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"servicekonto backup").derive(master.key))
    raise BackupError(f"SERVICEKONTO_MASTER_KEY does not name the key {header.key_id!r} of the backup")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _fingerprint(config: Config) -> str:
    return hmac.digest(derive(config.secret_key, "backup fingerprint"), b"secret key", "sha256").hex()
