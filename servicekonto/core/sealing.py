"""Personal data at rest: AES-256-GCM under a data key per owner, wrapped by a master key kept elsewhere.

An owner row (an account, a request) mixes in ``HasDataKey``; its own sealed columns and those of its child
rows use that key. Deleting the wrapped key deletes the data, in every backup too. The additional
authenticated data is ``table|column|row id``: a ciphertext moved to another row or column does not open.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Mapped, mapped_column

from config import MasterKey
from servicekonto.core.settings import derive, settings

T = TypeVar("T")

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class UnknownMasterKeyError(Exception):
    """A row was sealed under a master key that the configuration does not name."""


class HasDataKey:
    """Mixin for rows that own personal data. ``wrapped_key`` None: nothing sealed yet, or deleted."""

    if TYPE_CHECKING:
        __tablename__: str
        id: Mapped[UUID]
    wrapped_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    def key_owner(self) -> "HasDataKey":
        return self

    def data_key(self) -> AESGCM | None:
        """None when the key was deleted or never made."""
        cached: tuple[bytes, AESGCM] | None = self.__dict__.get("_data_key")
        wrapped = self.wrapped_key
        if wrapped is None:
            return None
        if cached is None or cached[0] != wrapped:
            cached = (wrapped, AESGCM(_unwrap(wrapped, _key_aad(self))))
            self.__dict__["_data_key"] = cached
        return cached[1]

    def ensured_data_key(self) -> AESGCM:
        if self.wrapped_key is None:
            self.wrapped_key = _wrap(os.urandom(32), _key_aad(self))
        key = self.data_key()
        assert key is not None  # noqa: S101 - for the type checker
        return key

    def destroy_data_key(self) -> None:
        """After the commit nobody can read what was sealed with it."""
        self.wrapped_key = None

    def rewrap_data_key(self) -> bool:
        """Wrap the key with the master key in use. False when it already is."""
        wrapped = self.wrapped_key
        if wrapped is None or _wrapping_key_id(wrapped) == settings().master_keys[0].key_id:
            return False
        self.wrapped_key = _wrap(_unwrap(wrapped, _key_aad(self)), _key_aad(self))
        return True


@dataclass(frozen=True)
class Codec(Generic[T]):
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


class Sealed(Generic[T]):
    """Reads and writes a bytes column in clear. The row offers ``key_owner()``."""

    is_sealed = True

    def __init__(self, column: str, codec: Codec[T]) -> None:
        self.column = column
        self._codec = codec

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[T]": ...
    @overload
    def __get__(self, row: Any, owner: type) -> T | None: ...
    def __get__(self, row: Any | None, owner: type) -> "Sealed[T] | T | None":
        if row is None:
            return self
        sealed = getattr(row, self.column)
        key = row.key_owner().data_key()
        if sealed is None or key is None:
            return None
        return self._codec.decode(_open(key, sealed, self._aad(row)))

    def __set__(self, row: Any, value: T | None) -> None:
        if value is None:
            setattr(row, self.column, None)
            return
        key = row.key_owner().ensured_data_key()
        setattr(row, self.column, _seal(key, self._codec.encode(value), self._aad(row)))

    def _aad(self, row: Any) -> bytes:
        return f"{row.__tablename__}|{self.column}|{row.id}".encode()


class NewKey:
    """The data key of a row that is written without its model. ``wrapped`` goes into ``wrapped_key``."""

    def __init__(self, table: str, row_id: UUID) -> None:
        key = os.urandom(32)
        self.wrapped = _wrap(key, f"{table}|wrapped_key|{row_id}".encode())
        self._key = AESGCM(key)

    def seal(self, clear: bytes, *, table: str, column: str, row_id: UUID) -> bytes:
        return _seal(self._key, clear, f"{table}|{column}|{row_id}".encode())


class KnownKey:
    """The data key of a row that was read without its model. ``wrapped`` None: it was deleted, and nothing
    opens any more.
    """

    def __init__(self, table: str, row_id: UUID, wrapped: bytes | None) -> None:
        aad = f"{table}|wrapped_key|{row_id}".encode()
        self._key = AESGCM(_unwrap(wrapped, aad)) if wrapped is not None else None

    def open(self, sealed: bytes | None, *, table: str, column: str, row_id: UUID) -> bytes | None:
        if sealed is None or self._key is None:
            return None
        return _open(self._key, sealed, f"{table}|{column}|{row_id}".encode())


def sealed_text(column: str) -> Sealed[str]:
    return Sealed(column, Codec(str.encode, bytes.decode))


def sealed_bytes(column: str) -> Sealed[bytes]:
    return Sealed(column, Codec(bytes, bytes))


def sealed_json(column: str) -> Sealed[Any]:
    return Sealed(column, Codec(to_json, json.loads))


def blind_index(purpose: str, value: str) -> bytes:
    """Keyed fingerprint for look-ups by exact value; the same value gives another one for another purpose."""
    return hmac.digest(derived_key("blind index"), f"{purpose}\x1f{value}".encode(), "sha256")


def pepper(text: str) -> bytes:
    """What is hashed instead of the password itself: worthless to somebody who has only the database."""
    return hmac.digest(derived_key("password pepper"), text.encode(), "sha256")


def token_hash(token: str) -> bytes:
    """Random tokens of 256 bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def derived_key(purpose: str) -> bytes:
    """An independent 32-byte key for one purpose (HKDF-SHA256 of the secret key)."""
    return derive(settings().secret_key, purpose)


def sealed_for_address(purpose: str, text: str, *, reader: UUID) -> str:
    """For a page whose address would have to carry a name: only this reader's pages can open it again."""
    sealed = _seal(AESGCM(derived_key(purpose)), text.encode(), reader.bytes)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened_from_address(purpose: str, sealed: str, *, reader: UUID) -> str | None:
    """None when somebody else or nobody sealed it."""
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        return _open(AESGCM(derived_key(purpose)), raw, reader.bytes).decode()
    except (ValueError, InvalidTag):
        return None


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _seal(key: AESGCM, clear: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + nonce + key.encrypt(nonce, clear, aad)


def _open(key: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    return key.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], aad)


def _wrap(data_key: bytes, aad: bytes) -> bytes:
    master = settings().master_keys[0]
    key_id = master.key_id.encode()
    return bytes([len(key_id)]) + key_id + _seal(AESGCM(master.key), data_key, aad)


def _unwrap(wrapped: bytes, aad: bytes) -> bytes:
    length = wrapped[0]
    return _open(AESGCM(_master_key(_wrapping_key_id(wrapped)).key), wrapped[1 + length :], aad)


def _wrapping_key_id(wrapped: bytes) -> str:
    return wrapped[1 : 1 + wrapped[0]].decode()


def _master_key(key_id: str) -> MasterKey:
    for master in settings().master_keys:
        if master.key_id == key_id:
            return master
    raise UnknownMasterKeyError(key_id)


def _key_aad(row: HasDataKey) -> bytes:
    return f"{row.__tablename__}|wrapped_key|{row.id}".encode()
