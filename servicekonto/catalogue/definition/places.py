"""Turns the place somebody typed into a municipality, with a finder that the caller brings along."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.fields import CompositeField, MunicipalityField, RepeatField
from servicekonto.catalogue.definition.model import Page
from servicekonto.catalogue.definition.reading import Input, rows_of


@dataclass(frozen=True)
class Place:
    key: str  # Amtlicher Gemeindeschlüssel, eight digits
    name: str


@dataclass(frozen=True)
class PlaceAnswer:
    """The one place, or several to choose from (text that finds it → label), or a sentence that helps."""

    place: Place | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    message: str = ""


FindPlace = Callable[[str], PlaceAnswer]


@dataclass(frozen=True)
class ResolvedPlaces:
    input: Input
    answers: dict[str, PlaceAnswer]  # path → what there is to ask or to say; for ``form_page``


def resolve_places(page: Page, raw_input: Mapping[str, Any], find: FindPlace) -> ResolvedPlaces:
    """Puts key and name beside the text typed; both always come from the finder, never from the browser."""
    answers: dict[str, PlaceAnswer] = {}

    def resolve(path: str, raw: object) -> Input:
        given = raw if isinstance(raw, Mapping) else {}
        text, choice = (clean_line(given.get(name), 200) for name in ("text", "choice"))
        if not text:
            return {"text": ""}
        answer = find(text)
        if answer.place is None:
            answers[path] = answer
            if choice not in answer.choices:
                return {"text": text}
            answer = find(choice)
        typed = {"text": text} | ({"choice": choice} if path in answers else {})
        return typed | ({"key": answer.place.key, "name": answer.place.name} if answer.place else {})

    return ResolvedPlaces(dict(_resolve(page.fields, raw_input, resolve, "")), answers)


def _resolve(
    parts: tuple[Any, ...], raw: Mapping[str, Any], resolve: Callable[[str, object], Input], prefix: str
) -> Iterator[tuple[str, Any]]:
    known = {part.id: part for part in parts}
    for name, value in raw.items():
        yield name, _resolved(known.get(name), value, resolve, prefix + name)


def _resolved(part: Any, value: Any, resolve: Callable[[str, object], Input], path: str) -> Any:
    if isinstance(part, MunicipalityField):
        return resolve(path, value)
    if isinstance(part, RepeatField):
        rows = enumerate(rows_of(part, value))
        return [dict(_resolve(part.parts, row, resolve, f"{path}.{position}.")) for position, row in rows]
    if isinstance(part, CompositeField) and isinstance(value, Mapping):
        return dict(_resolve(part.parts, value, resolve, path + "."))
    return value
