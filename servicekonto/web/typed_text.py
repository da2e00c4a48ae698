"""Text that nobody types: thousands of accents on one letter. Unicode normalisation sorts them in a time that
grows with the square of their number; a few hundred kB would stop a process for minutes.
"""

import unicodedata
from collections.abc import Iterator

from flask import Flask, abort, request

MOST_MARKS = 30  # one after the other: the Stream-Safe Text Format of UAX #15 § 13
# No marks themselves, but they fall apart into marks.
_FALL_APART = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")


def register(app: Flask) -> None:
    app.before_request(_refuse_piled_up_marks)


def has_piled_up_marks(text: str) -> bool:
    if text.isascii():
        return False
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) or char in _FALL_APART else 0
        if marks > MOST_MARKS:
            return True
    return False


def _refuse_piled_up_marks() -> None:
    """Before a view sees it: forms normalise what they read."""
    if any(has_piled_up_marks(text) for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    sources = [request.args] if request.method in {"GET", "HEAD"} else [request.args, request.form]
    for source in sources:
        for values in source.listvalues():
            yield from values
