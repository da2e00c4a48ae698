"""Looking documents up. No reader is asked for: everybody sees the same."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicekonto.core.db import db
from servicekonto.core.sealing import blind_index
from servicekonto.proofs.models import DocumentProof


def by_code(code: str) -> DocumentProof | None:
    """``code`` in its written form."""
    return _first(DocumentProof.code_index == code_index(code))


def by_sha512(sha512: str) -> DocumentProof | None:
    return _first(DocumentProof.sha512 == sha512)


def code_index(code: str) -> bytes:
    return blind_index("document_proof.code", code)


def _first(condition: sa.ColumnElement[bool]) -> DocumentProof | None:
    query = sa.select(DocumentProof).options(joinedload(DocumentProof.authority)).where(condition)
    return db.session.scalar(query.order_by(DocumentProof.dated).limit(1))
