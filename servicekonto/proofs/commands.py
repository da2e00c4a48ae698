"""Making documents verifiable."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from servicekonto.accounts import throttle
from servicekonto.authorities.models import Authority
from servicekonto.core.db import db
from servicekonto.core.ids import new_proof_code
from servicekonto.core.settings import settings
from servicekonto.files.documents import Verification
from servicekonto.proofs import queries
from servicekonto.proofs.models import DocumentProof
from servicekonto.proofs.uploads import UploadedFile


class Verdict(StrEnum):
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Comparison:
    """CHANGED: the file is none of ours, but says the ``code`` of ``proof``."""

    verdict: Verdict
    proof: DocumentProof | None = None
    code: str | None = None


def new_verification() -> Verification:
    """What is printed on a document that is about to be made. It proves nothing until ``record``."""
    code = new_proof_code()
    base = urlsplit(settings().base_url)
    return Verification(
        code=code,
        url=f"{settings().base_url}/pruefen/{code}",
        page=f"{base.netloc}{base.path}/pruefen",
    )


def look_up(code: str, *, address: str | None, at: datetime) -> DocumentProof | None:
    """``code`` in its written form. Guessing is throttled: ThrottledError."""
    attempt = throttle.proof_code_attempt(address=address)
    throttle.record(attempt, at=at)
    proof = queries.by_code(code)
    if proof is not None:
        throttle.forgive(attempt, at=at)
    return proof


def compare(file: UploadedFile, *, address: str | None, at: datetime) -> Comparison:
    """Is the file one of ours, byte for byte? ThrottledError."""
    throttle.record(throttle.proof_file_attempt(address=address), at=at)
    proof = queries.by_sha512(file.sha512)
    same_code = queries.by_code(file.code) if file.code else None
    if proof is not None:
        return Comparison(Verdict.UNCHANGED, proof, file.code if same_code is proof else None)
    if same_code is not None:
        return Comparison(Verdict.CHANGED, same_code, file.code)
    return Comparison(Verdict.UNKNOWN)


def record(*, code: str, sha512: str, kind: str, authority: Authority, dated: datetime) -> None:
    """In the unit of work that stores the document."""
    db.session.add(
        DocumentProof(
            code_index=queries.code_index(code),
            sha512=sha512,
            kind=kind,
            authority_id=authority.id,
            dated=dated,
        )
    )
    db.session.flush()
