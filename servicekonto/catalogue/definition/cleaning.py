"""What a browser may send, made harmless: control characters out, NFC, trimmed, cut to a limit."""

import re
import unicodedata

# Controls, lone surrogates, and the marks that turn the reading direction of what follows.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")


def clean_line(raw: object, limit: int) -> str:
    """One line. Anything that is no string counts as nothing typed."""
    return _SPACES.sub(" ", _clean(raw, limit)).strip()


def clean_text(raw: object, limit: int) -> str:
    """Several lines, with ``\\n`` between them."""
    text = _clean(raw, limit)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _clean(raw: object, limit: int) -> str:
    if not isinstance(raw, str):
        return ""
    text = raw[: 2 * limit].replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))[:limit]
