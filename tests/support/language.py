"""Finds what is still German on an English page."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, Doctype, NavigableString

from tests.support.page import normalise

ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "content", "data-label", "data-copied")
_NO_TEXT = frozenset({"script", "style"})
# Words that are frequent in German and no English words, and letters English does not have.
_GERMAN = re.compile(
    r"\b(der|die|das|dem|den|des|und|oder|nicht|kein|keine|Sie|Ihr|Ihre|Ihren|Ihrem|ist|sind|wird|werden|wurde|für"
    r"|mit|von|vom|zum|zur|ein|eine|einen|einem|einer|auf|aus|bei|nach|noch|schon|hier|bitte|Antrag|Anträge|Behörde"
    r"|Behörden|Angaben|Leistung|Urkunde|Geburt|Stelle|Seite|Uhr|wählen|zurück|weiter|Januar|Februar|März|Juni|Juli"
    r"|Oktober|Dezember)\b|[äöüÄÖÜß]"
)


def german_on(html: str, *, known: frozenset[str]) -> list[str]:
    """What somebody who reads English would stumble over, without elements that say they are German.

    ``known``: what people typed and names that stay as they are. They are cut out before anything is judged.
    """
    soup = BeautifulSoup(html, "html.parser")
    names = sorted((normalise(name) for name in known if name.strip()), key=len, reverse=True)
    return [text for text in _texts(soup) if _is_german(text, names)]


def _texts(soup: BeautifulSoup) -> Iterator[str]:
    for element in soup.find_all(True):
        if not _is_marked_german(element):
            yield from _of_attributes(element)
            yield from _of_children(element)


def _of_attributes(element: Tag) -> Iterator[str]:
    for name in ATTRIBUTES:
        if element.has_attr(name):
            yield normalise(str(element[name]))
    if element.name == "input" and element.get("type") in {"submit", "button"}:
        yield normalise(str(element.get("value", "")))


def _of_children(element: Tag) -> Iterator[str]:
    for child in element.children if element.name not in _NO_TEXT else ():
        if isinstance(child, NavigableString) and not isinstance(child, Comment | Doctype):
            yield normalise(str(child))


def _is_marked_german(element: Tag) -> bool:
    marked = [ancestor["lang"] for ancestor in (element, *element.parents) if ancestor.has_attr("lang")]
    return bool(marked) and str(marked[0]).startswith("de")


def _is_german(text: str, names: list[str]) -> bool:
    if not _GERMAN.search(text):
        return False
    for name in names:
        text = text.replace(name, " ")
    return bool(_GERMAN.search(text))
