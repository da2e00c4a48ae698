"""A file that is verified is hashed while it arrives and stored nowhere, not even in a temporary file."""

import hashlib
import io
import re
from typing import TYPE_CHECKING

from servicekonto.core.ids import normalise_proof_code

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MAX_BYTES = 10 * 1024 * 1024

_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1024  # readers accept other bytes in front of it
_CODE = re.compile(rb"PR-(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]")
_CODE_BYTES = 19


class UploadedFile(io.BytesIO):
    """Written to in pieces and keeps none of them: there is nothing to read.

    No parser touches the content: the code stands in the open part of our files.
    """

    def __init__(self) -> None:
        super().__init__()
        self._hash = hashlib.sha512()
        self._start = b""
        self._tail = b""
        self.size = 0
        self.code: str | None = None

    def write(self, piece: "ReadableBuffer", /) -> int:
        data = bytes(piece)
        self._hash.update(data)
        self.size += len(data)
        if len(self._start) < _MAGIC_WITHIN:
            self._start = (self._start + data)[:_MAGIC_WITHIN]
        if self.code is None:
            self._look_for_code(self._tail + data)
        self._tail = (self._tail + data)[1 - _CODE_BYTES :]
        return len(data)

    @property
    def sha512(self) -> str:
        return self._hash.hexdigest()

    @property
    def is_pdf(self) -> bool:
        return _MAGIC in self._start

    def _look_for_code(self, data: bytes) -> None:
        for match in _CODE.finditer(data):
            self.code = self.code or normalise_proof_code(match[0].decode())
