"""Fields made of fields."""

from collections.abc import Mapping
from typing import Any, ClassVar

from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, Schema
from servicekonto.catalogue.definition.fields.plain import PRESENCE


class CompositeField(BaseField):
    """Holds other fields; the engine walks through ``parts`` and keeps their values in a mapping."""

    operators: ClassVar[frozenset[str]] = PRESENCE

    @property
    def parts(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def read(self, form: FormReader, name: str) -> Any:
        read = {part.id: part.read(form, f"{name}.{part.id}") for part in self.parts}
        return {part: raw for part, raw in read.items() if raw is not None} or None

    @property
    def always_present(self) -> bool:
        return self.required and self.visible_if is None and any(part.always_present for part in self.parts)

    def check(self, value: Mapping[str, Any]) -> None:
        """What must hold between the parts. Raises InvalidAnswer."""

    def to_raw(self, value: Any) -> dict[str, Any]:
        given = value if isinstance(value, Mapping) else {}
        return {part.id: part.to_raw(given[part.id]) for part in self.parts if given.get(part.id) is not None}

    def value_schema(self) -> Schema:
        return object_schema(self.parts)


def object_schema(fields: tuple[Any, ...]) -> Schema:
    """An object with one property per field that takes input; conditional fields may be absent."""
    inputs = [field for field in fields if field.takes_input]
    schema: Schema = {
        "type": "object",
        "properties": {field.id: field.value_schema() | {"title": field.label.de} for field in inputs},
        "additionalProperties": False,
    }
    required = [field.id for field in inputs if field.always_present]
    return schema | ({"required": required} if required else {})
