"""Asking again about single fields of answers that are fixed otherwise. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from servicekonto.catalogue.definition.evaluation import Evaluation
from servicekonto.catalogue.definition.fields import (
    AddressField,
    CompositeField,
    DeclarationField,
    PostcodePlaceField,
    RepeatField,
)
from servicekonto.catalogue.definition.model import Definition

ASKED_AS_A_WHOLE = (AddressField, PostcodePlaceField, RepeatField)


@dataclass(frozen=True)
class Askable:
    """A field one can ask about. ``label`` says what it belongs to: "Ihre Angaben: Vornamen"."""

    path: str
    label: str
    page_title: str


def askable(definition: Definition, visible: Collection[str]) -> list[Askable]:
    """The fields among the visible ones that take an answer, in the order of the form. No declarations."""
    return [
        question
        for page in definition.pages
        for question in _askable(page.fields, visible, str(page.title), "", "")
    ]


def narrowed(evaluation: Evaluation, paths: Collection[str]) -> Evaluation:
    """The same evaluation, showing only these fields, what is inside them and what they are inside of."""
    shown = (path for path in evaluation.visible if any(_related(path, asked) for asked in paths))
    return replace(evaluation, visible=frozenset(shown))


def within(path: str, paths: Collection[str]) -> bool:
    """Whether it is one of these fields or inside one."""
    return any(path == asked or path.startswith(asked + ".") for asked in paths)


def taken_over(base: Mapping[str, Any], typed: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """``base`` with the raw input at ``paths`` replaced by what was typed; everything else stays."""
    result = dict(base)
    for path in sorted(paths):
        raw = raw_at(typed, path)
        if raw is not None:
            result = _with(result, path.split("."), raw)
    return result


def raw_at(raw: Any, path: str) -> Any:
    for step in path.split("."):
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw


def _askable(
    parts: tuple[Any, ...], visible: Collection[str], page: str, prefix: str, group: str
) -> Iterator[Askable]:
    for part in parts:
        path, label = prefix + part.id, str(part.label)
        if path not in visible or not part.takes_input or isinstance(part, DeclarationField):
            continue
        named = f"{group}: {label}" if group else label
        if isinstance(part, CompositeField) and not isinstance(part, ASKED_AS_A_WHOLE):
            yield from _askable(part.parts, visible, page, path + ".", named)
        else:
            yield Askable(path, named, page)


def _related(path: str, asked: str) -> bool:
    return path == asked or path.startswith(asked + ".") or asked.startswith(path + ".")


def _with(raw: Mapping[str, Any], steps: list[str], value: Any) -> dict[str, Any]:
    first, *rest = steps
    inner = raw.get(first)
    if rest:
        value = _with(inner if isinstance(inner, Mapping) else {}, rest, value)
    return {**raw, first: value}
