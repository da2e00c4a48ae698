"""What the account knows already, laid into an empty form, with a note where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from servicekonto.catalogue.definition.fields import CompositeField, RepeatField
from servicekonto.catalogue.definition.model import Definition

ACCOUNT_ATTRIBUTES = frozenset(
    {"given_names", "family_name", "birth_name", "doctoral_degree", "birth_date", "birth_place"}
    | {"sex", "nationality", "address", "email", "phone", "tax_id"}
)


@dataclass(frozen=True)
class Prefill:
    input: dict[str, Any]
    sources: dict[str, str]  # path of the field → "account"


def prefill(definition: Definition, account_values: Mapping[str, object]) -> Prefill:
    """``account_values`` has the names of ``ACCOUNT_ATTRIBUTES``; unknown and empty ones are left out."""
    sources: dict[str, str] = {}
    parts = tuple(part for page in definition.pages for part in page.fields)
    return Prefill(_fill(parts, account_values, sources, ""), sources)


def _fill(
    parts: tuple[Any, ...], known: Mapping[str, object], sources: dict[str, str], prefix: str
) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for part in parts:
        path = prefix + part.id
        value = known.get(part.prefill.partition(".")[2]) if part.prefill else None
        if value:
            filled[part.id] = part.to_raw(value)
            sources[path] = "account"
        elif isinstance(part, CompositeField) and not isinstance(part, RepeatField):
            inner = _fill(part.parts, known, sources, path + ".")
            filled |= {part.id: inner} if inner else {}
    return filled


def to_input(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The raw input that evaluates to these values."""
    parts = {part.id: part for page in definition.pages for part in page.fields}
    return {name: parts[name].to_raw(value) for name, value in values.items() if name in parts}
