"""Conditions as data: ``{field, equals}`` and its like, combined by ``all``, ``any`` and ``not``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from servicekonto.catalogue.definition import dates
from servicekonto.catalogue.definition.dates import DateBound
from servicekonto.catalogue.definition.texts import Model, Whole

FieldPath = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)
]


class Comparison(Model):
    """One field, exactly one operator. A field without an answer fulfils only ``empty``."""

    field: FieldPath
    equals: str | None = None
    one_of: tuple[str, ...] | None = Field(default=None, alias="in", min_length=1)
    contains: str | None = None
    empty: Literal["true"] | None = None
    not_empty: Literal["true"] | None = None
    before: DateBound | None = None
    after: DateBound | None = None
    before_field: FieldPath | None = None
    after_field: FieldPath | None = None
    equals_field: FieldPath | None = None
    older_than_years: Whole | None = Field(default=None, ge=0, le=200)
    younger_than_years: Whole | None = Field(default=None, ge=0, le=200)
    at_least: Whole | None = None
    at_most: Whole | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        given = self.model_fields_set - {"field"}
        if len(given) != 1:
            raise ValueError(f"needs exactly one operator beside 'field', has {len(given)}")
        return self

    @property
    def operator(self) -> str:
        return next(iter(self.model_fields_set - {"field"}))

    @property
    def operand(self) -> Any:
        return getattr(self, self.operator)


class AllOf(Model):
    conditions: tuple["Condition", ...] = Field(alias="all", min_length=1)


class AnyOf(Model):
    conditions: tuple["Condition", ...] = Field(alias="any", min_length=1)


class Negation(Model):
    condition: "Condition" = Field(alias="not")


_KINDS = {"all": "all of", "any": "any of", "not": "negation"}
_CLASSES: dict[type, str] = {AllOf: "all of", AnyOf: "any of", Negation: "negation"}


def _kind(data: Any) -> str:
    if isinstance(data, Mapping):
        return next((kind for key, kind in _KINDS.items() if key in data), "comparison")
    return _CLASSES.get(type(data), "comparison")


Condition = Annotated[
    Annotated[Comparison, Tag("comparison")]
    | Annotated[AllOf, Tag("all of")]
    | Annotated[AnyOf, Tag("any of")]
    | Annotated[Negation, Tag("negation")],
    Discriminator(_kind),
]
AllOf.model_rebuild()
AnyOf.model_rebuild()
Negation.model_rebuild()


@dataclass(frozen=True)
class Scope:
    """The answers a condition can see: those of its own group first, then those around it."""

    values: Mapping[str, Any]
    declared: frozenset[str]
    outer: "Scope | None" = None

    def get(self, path: str) -> Any:
        name, _, rest = path.partition(".")
        if name not in self.declared:
            return self.outer.get(path) if self.outer else None
        value = self.values.get(name)
        for part in rest.split(".") if rest else []:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def holds(condition: Condition, scope: Scope, today: date) -> bool:
    match condition:
        case AllOf():
            return all(holds(part, scope, today) for part in condition.conditions)
        case AnyOf():
            return any(holds(part, scope, today) for part in condition.conditions)
        case Negation():
            return not holds(condition.condition, scope, today)
    value = scope.get(condition.field)
    if condition.operator in ("empty", "not_empty"):
        return (value is None) == (condition.operator == "empty")
    if value is None:
        return False
    operand = condition.operand
    if condition.operator.endswith("_field"):
        operand = scope.get(operand)
    return operand is not None and _compare(value, condition.operator, operand, today)


def _compare(value: Any, operator: str, operand: Any, today: date) -> bool:
    if operator in ("equals", "equals_field"):
        return comparable(value) == comparable(operand)
    if operator == "one_of":
        return comparable(value) in operand
    if operator == "contains":
        return isinstance(value, list) and operand in value
    if operator in ("at_least", "at_most"):
        return _compare_amount(value, operator, operand)
    return _compare_date(value, operator, operand, today)


def comparable(value: Any) -> str:
    """A value as a definition writes it: ``yes``/``no`` for booleans, the key of a place."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return str(value.get("key", ""))
    return str(value)


def _compare_amount(value: Any, operator: str, operand: int) -> bool:
    amount = len(value) if isinstance(value, list) else value
    if not isinstance(amount, int | float):
        return False
    return amount >= operand if operator == "at_least" else amount <= operand


def _compare_date(value: Any, operator: str, operand: Any, today: date) -> bool:
    day = date.fromisoformat(value)
    match operator:
        case "older_than_years":
            return dates.age_on(day, today) >= int(operand)
        case "younger_than_years":
            return dates.age_on(day, today) < int(operand)
        case "before" | "before_field":
            return day < dates.resolve(operand, today)
        case _:
            return day > dates.resolve(operand, today)


def comparisons(
    condition: Condition, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Comparison]]:
    """Every comparison inside with the place where it is written."""
    match condition:
        case AllOf() | AnyOf():
            key = "all" if isinstance(condition, AllOf) else "any"
            for position, part in enumerate(condition.conditions):
                yield from comparisons(part, (*path, key, position))
        case Negation():
            yield from comparisons(condition.condition, (*path, "not"))
        case _:
            yield path, condition


def fields_of(comparison: Comparison) -> list[str]:
    other = comparison.operand if comparison.operator.endswith("_field") else None
    return [comparison.field, *([other] if other else [])]
