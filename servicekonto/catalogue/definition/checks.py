"""What a schema cannot say: unique ids, conditions that look back at fields which can have the value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from servicekonto.catalogue.definition.conditions import Comparison, Condition, comparisons
from servicekonto.catalogue.definition.fields import (
    ChoiceField,
    CompositeField,
    CountryField,
    DateField,
    DeclarationField,
    FileField,
    MonthGridField,
    MultipleChoiceField,
    MunicipalityField,
    NumberField,
    RepeatField,
    TextField,
    YesNoField,
)
from servicekonto.catalogue.definition.fields.choices import countries
from servicekonto.catalogue.definition.model import Definition
from servicekonto.catalogue.definition.prefills import ACCOUNT_ATTRIBUTES
from servicekonto.catalogue.definition.sources import Path
from servicekonto.catalogue.definition.texts import Text

Problem = tuple[Path, str]

# Names and ids the pages of the application use themselves.
_RESERVED = frozenset({"csrf_token", "idempotency_key", "action", "inhalt", "fehler", "hinweis", "titel"})


@dataclass
class Names:
    """The fields a condition at some place can name: earlier ones, inner group first."""

    fields: dict[str, Any]
    outer: "Names | None" = None

    def find(self, path: str) -> Any:
        """The field, or None. Nothing is found inside a repeated group: which row would it be?"""
        name, _, rest = path.partition(".")
        field = self.fields.get(name)
        if field is None:
            return self.outer.find(path) if self.outer else None
        for part in rest.split(".") if rest else []:
            if not isinstance(field, CompositeField) or isinstance(field, RepeatField):
                return None
            field = next((piece for piece in field.parts if piece.id == part), None)
        return field


def problems_of(definition: Definition) -> Iterator[Problem]:
    yield from _unique("pages", definition.pages)
    yield from _unique("checks", definition.checks)
    yield from _unique("signers", definition.signers)
    names = Names({})
    for number, page in enumerate(definition.pages):
        path: Path = ("pages", number)
        yield from _condition(page.visible_if, (*path, "visible_if"), names)
        yield from _fields(page.fields, (*path, "fields"), names)
    yield from _about_fields(definition, names)
    yield from _checks(definition, names)
    yield from _incomplete_texts(definition)


def publishing_problems_of(definition: Definition) -> list[Problem]:
    """What this release cannot do yet."""
    message = "files cannot be uploaded yet; remove the field, or load the definition as a draft"
    return [
        (path, message)
        for number, page in enumerate(definition.pages)
        for path, field in _all_fields(page.fields, ("pages", number, "fields"))
        if isinstance(field, FileField)
    ]


def _all_fields(fields: tuple[Any, ...], path: Path) -> Iterator[tuple[Path, Any]]:
    for number, field in enumerate(fields):
        yield (*path, number), field
        if isinstance(field, CompositeField):
            yield from _all_fields(field.parts, (*path, number, "fields"))


def _unique(name: str, entries: tuple[Any, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        if entry.id in seen:
            yield (name, number, "id"), f"'{entry.id}' is used twice; give it another id"
        seen.add(entry.id)


def _fields(fields: tuple[Any, ...], path: Path, names: Names) -> Iterator[Problem]:
    """Walks in reading order and makes each field known only after its own condition was looked at."""
    for number, field in enumerate(fields):
        here = (*path, number)
        if field.id in names.fields:
            yield (*here, "id"), f"'{field.id}' is used twice; give it another id"
        if field.id in _RESERVED:
            yield (*here, "id"), f"'{field.id}' is reserved; give it another id"
        yield from _condition(field.visible_if, (*here, "visible_if"), names)
        yield from _prefill(field, here)
        if isinstance(field, CompositeField):
            yield from _fields(field.parts, (*here, "fields"), Names({}, names))
        if isinstance(field, MonthGridField):
            for position, column in enumerate(field.columns):
                yield from _condition(column.visible_if, (*here, "columns", position, "visible_if"), names)
        names.fields[field.id] = field


def _prefill(field: Any, path: Path) -> Iterator[Problem]:
    if field.prefill is None:
        return
    attribute = field.prefill.partition(".")[2]
    if field.type == "person":
        if attribute:
            yield (*path, "prefill"), "a person is prefilled as a whole; write 'account'"
    elif attribute not in ACCOUNT_ATTRIBUTES:
        known = ", ".join(sorted(ACCOUNT_ATTRIBUTES))
        yield (*path, "prefill"), f"write account.<attribute> with one of: {known}"


def _condition(condition: Condition | None, path: Path, names: Names) -> Iterator[Problem]:
    if condition is None:
        return
    for place, comparison in comparisons(condition, path):
        field = names.find(comparison.field)
        if field is None:
            yield (*place, "field"), f"there is no earlier field '{comparison.field}'"
            continue
        yield from _operator(comparison, field, place, names)


def _operator(comparison: Comparison, field: Any, path: Path, names: Names) -> Iterator[Problem]:
    name = "in" if comparison.operator == "one_of" else comparison.operator
    if name not in field.operators:
        known = ", ".join(sorted(field.operators)) or "none"
        yield (*path, name), f"'{name}' is not possible for a field of type {field.type} (possible: {known})"
        return
    if name.endswith("_field"):
        other = names.find(comparison.operand)
        if other is None or type(other) is not type(field):
            yield (*path, name), f"there is no earlier field '{comparison.operand}' of type {field.type}"
        return
    possible = _possible_values(field)
    wanted = comparison.operand if name == "in" else (comparison.operand,)
    if name in ("equals", "in", "contains") and possible is not None:
        for value in wanted:
            if value not in possible:
                yield (*path, name), f"'{value}' is no value of '{comparison.field}' ({_listed(possible)})"


def _possible_values(field: Any) -> set[str] | None:
    if isinstance(field, ChoiceField | MultipleChoiceField):
        return {option.value for option in field.options}
    if isinstance(field, YesNoField):
        return {"yes", "no"}
    if isinstance(field, DeclarationField):
        return {"yes"}
    if isinstance(field, CountryField):
        return set(countries("de"))
    return None


def _listed(values: set[str]) -> str:
    return ", ".join(sorted(values)[:8]) + (", …" if len(values) > 8 else "")


def _about_fields(definition: Definition, names: Names) -> Iterator[Problem]:
    """Names of fields outside the pages: competence, age, signers, fees."""
    place = definition.competence.place
    if place and not isinstance(names.find(place), MunicipalityField):
        yield ("competence", "place"), f"'{place}' must be a field of type municipality"
    age = definition.minimum_age
    if age and not isinstance(names.find(age.field), DateField):
        yield ("minimum_age", "field"), f"'{age.field}' must be a field of type date"
    for number, signer in enumerate(definition.signers):
        yield from _condition(signer.when, ("signers", number, "when"), names)
        if signer.name_field and not isinstance(names.find(signer.name_field), TextField):
            yield ("signers", number, "name_field"), f"'{signer.name_field}' must be a field of type text"
    yield from _fees(definition, names)


def _fees(definition: Definition, names: Names) -> Iterator[Problem]:
    facts = definition.facts
    yield from _unique_fees(definition)
    for number, exemption in enumerate(facts.fee_exemptions):
        yield from _condition(exemption.when, ("facts", "fee_exemptions", number, "when"), names)
    for number, fee in enumerate(facts.fees):
        path: Path = ("facts", "fees", number)
        yield from _condition(fee.condition, (*path, "condition"), names)
        for position, exemption in enumerate(fee.exemptions):
            yield from _condition(exemption.when, (*path, "exemptions", position, "when"), names)
        for position, field_path in enumerate(fee.units.fields if fee.units else ()):
            if not isinstance(names.find(field_path), NumberField | RepeatField | MultipleChoiceField):
                message = f"'{field_path}' must be a field of type number, repeat or multiple_choice"
                yield (*path, "units", "fields", position), message


def _unique_fees(definition: Definition) -> Iterator[Problem]:
    for path, problem in _unique("fees", definition.facts.fees):
        yield ("facts", *path), problem


def _checks(definition: Definition, names: Names) -> Iterator[Problem]:
    order = {page.id: number for number, page in enumerate(definition.pages)}
    pages = {name: order[page_id] for name, page_id in definition.page_of_field.items()}
    for number, check in enumerate(definition.checks):
        path: Path = ("checks", number)
        yield from _condition(check.when, (*path, "when"), names)
        yield from _condition(check.require, (*path, "require"), names)
        if names.find(check.at) is None:
            yield (*path, "at"), f"there is no field '{check.at}'"
            continue
        shown_on = pages[check.at.partition(".")[0]]
        for condition in check.conditions:
            for _, comparison in comparisons(condition):
                name = comparison.field.partition(".")[0]
                if pages.get(name, 0) > shown_on:
                    yield (*path, "at"), f"'{name}' is asked on a later page; show the message there"


def _incomplete_texts(definition: Definition) -> Iterator[Problem]:
    if "en" not in definition.languages:
        return
    for path, text in _texts_of(definition, ()):
        if text.en is None:
            yield path, "has no English text ('en'), but 'languages' promises it"


def _texts_of(part: Any, path: Path) -> Iterator[tuple[Path, Text]]:
    if isinstance(part, Text):
        yield path, part
    elif isinstance(part, tuple):
        for number, entry in enumerate(part):
            yield from _texts_of(entry, (*path, number))
    elif isinstance(part, Mapping):
        for key, entry in part.items():
            yield from _texts_of(entry, (*path, str(key)))
    elif hasattr(type(part), "model_fields"):
        for name in type(part).model_fields:
            yield from _texts_of(getattr(part, name), (*path, name))
