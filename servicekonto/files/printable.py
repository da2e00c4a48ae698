"""Text that a PDF/A can show: every character must have a glyph, and none may disguise the others."""

import functools
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

_NEVER_SHOWN = {"Cc", "Cs", "Co", "Cn"}  # control characters, halves of pairs, private use, unassigned
# Marks that turn text round or hide: what is read must be what is stored.
_DISGUISES = {
    *"\u200b\u200e\u200f\u061c\u2060\ufeff",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
_LATIN = range(0x20, 0x250)


def clean(text: str) -> str:
    """Line breaks stay, tabs become spaces, what cannot be seen goes."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(char for char in text if char == "\n" or not _is_invisible(char))


def with_known_characters(text: str, font: Path | None) -> str:
    """Characters that ``font`` (or without one: Latin) lacks become ``[U+4E2D]``."""
    known = _characters(font) if font is not None else frozenset(_LATIN)
    return "".join(char if char == "\n" or ord(char) in known else f"[U+{ord(char):04X}]" for char in text)


def in_every_text(change: Callable[[str], str], data: Any) -> Any:
    """The same JSON value with every text changed; keys are ours and stay."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {name: in_every_text(change, value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [in_every_text(change, value) for value in data]
    return data


def _is_invisible(char: str) -> bool:
    return char in _DISGUISES or unicodedata.category(char) in _NEVER_SHOWN


@functools.cache
def _characters(font: Path) -> frozenset[int]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
