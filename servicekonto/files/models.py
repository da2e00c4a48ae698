"""Documents handed out are kept byte for byte: what a person received can be shown again years later."""

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.sealing import sealed_bytes

PDF = "application/pdf"


class SealedDocument:
    """Mixin for a table of stored documents: the owner declares its columns and ``key_owner``.

    ``sha512`` is that of the clear bytes and is printed or published elsewhere; ``size`` likewise, in bytes.
    """

    file_name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha512: Mapped[str] = mapped_column(sa.String(128))
    data_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime]

    data = sealed_bytes("data_sealed")


def document_values(data: bytes, *, file_name: str, at: datetime, media_type: str = PDF) -> dict[str, Any]:
    """What every stored document says about its bytes: ``RequestDocument(kind=…, **document_values(…))``."""
    return {
        "file_name": file_name,
        "media_type": media_type,
        "size": len(data),
        "sha512": hashlib.sha512(data).hexdigest(),
        "data": data,
        "created_at": at,
    }
