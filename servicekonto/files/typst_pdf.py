"""PDF out of typst templates: accessible (PDF/UA-1) and for the archive (PDF/A-3a) in one file.

Data goes in as JSON, never as markup: whatever a person typed comes out literally. Templates can read files
only in their own folder.
"""

import dataclasses
import functools
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import structlog
import typst

from servicekonto.core.settings import settings
from servicekonto.files import printable, qr_code
from servicekonto.files.documents import (
    DecisionData,
    DocumentData,
    IssuedDocumentData,
    PrintedFormData,
    ReceiptData,
)
from servicekonto.files.words import words

TEMPLATES = Path(__file__).parent / "typst"

_STANDARDS: "list[typst.PDFStandard]" = ["a-3a", "ua-1"]
_MAIN_FONT = "FiraSans-Regular.ttf"
_NO_GLYPH = "could not be displayed"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file inside the PDF, the machine-readable source of what is printed."""

    name: str
    data: bytes
    media_type: str
    description: str


def receipt_pdf(data: ReceiptData, *, answers: Attachment) -> bytes:
    return compile_pdf("receipt", data, attachments=[answers])


def decision_pdf(data: DecisionData) -> bytes:
    return compile_pdf("decision", data)


def printed_form_pdf(data: PrintedFormData) -> bytes:
    return compile_pdf("printed_form", data)


def compile_pdf(template: str, data: DocumentData, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Slow work (10 ms and more): never with a transaction open. The same input gives the same bytes.

    Characters that no font has are written as ``[U+4E2D]``; the attachment holds the original.
    """
    texts = printable.in_every_text(printable.clean, _as_json(data))
    ours = {
        "attachments": [_attached(attachment) for attachment in attachments],
        "qr": _qr_of(data),
        "words": words(data.language),
    }
    at = int(data.at.timestamp())
    try:
        return _compile(template, {**texts, **ours}, at)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
        log.info("pdf.characters_replaced", kind=template)
    with_known_characters = functools.partial(printable.with_known_characters, font=_main_font())
    texts = printable.in_every_text(with_known_characters, texts)
    return _compile(template, {**texts, **ours}, at)


def _compile(template: str, data: Mapping[str, Any], at: int) -> bytes:
    compiler, lock = _compiler(settings().asset_root / "fonts")
    with lock:  # one compilation at a time: the compiler refuses a second one
        pdf = compiler.compile(
            input=str(TEMPLATES / f"{template}.typ"),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            format="pdf",
            pdf_standards=_STANDARDS,
            timestamp=at,
        )
    return cast(bytes, pdf)


@functools.cache
def _compiler(fonts: Path) -> tuple[typst.Compiler, threading.Lock]:
    """One per process, made at first use (not before a fork). Without our fonts it uses those it carries."""
    paths = [str(fonts)] if fonts.is_dir() else []
    compiler = typst.Compiler(root=str(TEMPLATES), font_paths=paths, ignore_system_fonts=True)
    return compiler, threading.Lock()


def _main_font() -> Path | None:
    font = settings().asset_root / "fonts" / _MAIN_FONT
    return font if font.is_file() else None


def _as_json(data: DocumentData) -> dict[str, Any]:
    return {**dataclasses.asdict(data), "at": data.at.isoformat()}


def _qr_of(data: DocumentData) -> str | None:
    return qr_code.svg(data.verification.url) if isinstance(data, IssuedDocumentData) else None


def _attached(attachment: Attachment) -> dict[str, Any]:
    """Text stays text, which is compact; anything else travels as a list of numbers."""
    try:
        content: str | list[int] = attachment.data.decode()
    except UnicodeDecodeError:
        content = list(attachment.data)
    return {
        "name": attachment.name,
        "data": content,
        "media_type": attachment.media_type,
        "description": attachment.description,
        "sha512": hashlib.sha512(attachment.data).hexdigest(),
    }
