"""Groups and repeated groups, and the union of every kind of field: they contain each other."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from servicekonto.catalogue.definition.fields.base import FormReader, Schema
from servicekonto.catalogue.definition.fields.blocks import AddressField, PersonField, PostcodePlaceField
from servicekonto.catalogue.definition.fields.choices import (
    ChoiceField,
    CountryField,
    DeclarationField,
    MultipleChoiceField,
    YesNoField,
)
from servicekonto.catalogue.definition.fields.composite import CompositeField, object_schema
from servicekonto.catalogue.definition.fields.dates import DateField
from servicekonto.catalogue.definition.fields.grid import MonthGridField
from servicekonto.catalogue.definition.fields.municipality import MunicipalityField
from servicekonto.catalogue.definition.fields.notes import FileField, InformationField
from servicekonto.catalogue.definition.fields.numbers import MoneyField, NumberField
from servicekonto.catalogue.definition.fields.plain import (
    PRESENCE,
    EmailField,
    IbanField,
    LongTextField,
    PhoneField,
    TaxIdField,
    TextField,
)
from servicekonto.catalogue.definition.texts import Text, Whole


class GroupField(CompositeField):
    type: Literal["group"]
    fields: tuple["AnyField", ...] = Field(min_length=1, max_length=60)

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.fields


class RepeatField(CompositeField):
    """The same fields as often as needed: children, household members, vehicles."""

    type: Literal["repeat"]
    operators: ClassVar[frozenset[str]] = PRESENCE | {"at_least", "at_most"}
    item_label: Text
    min_rows: Whole = Field(default=1, ge=0, le=50)
    max_rows: Whole = Field(default=10, ge=1, le=50)
    fields: tuple["AnyField", ...] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_rows > self.max_rows:
            raise ValueError("min_rows is greater than max_rows")
        return self

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.fields

    @property
    def always_present(self) -> bool:
        return self.visible_if is None and self.min_rows > 0

    def read(self, form: FormReader, name: str) -> Any:
        """A hidden input says how many rows were shown: a row of radio buttons may send nothing."""
        if not form.has(name):
            return None
        shown = form.line(name, 4)
        rows = min(int(shown), self.max_rows) if shown.isascii() and shown.isdigit() else 0
        return [self._read_row(form, f"{name}.{row}") for row in range(rows)]

    def _read_row(self, form: FormReader, name: str) -> dict[str, Any]:
        read = {part.id: part.read(form, f"{name}.{part.id}") for part in self.parts}
        return {part: raw for part, raw in read.items() if raw is not None}

    def to_raw(self, value: Any) -> Any:
        rows = value if isinstance(value, list) else []
        return [super(RepeatField, self).to_raw(row) for row in rows]

    def value_schema(self) -> Schema:
        return {
            "type": "array",
            "items": object_schema(self.parts),
            "minItems": self.min_rows,
            "maxItems": self.max_rows,
        }


AnyField = Annotated[
    TextField
    | LongTextField
    | EmailField
    | PhoneField
    | DateField
    | MoneyField
    | NumberField
    | IbanField
    | TaxIdField
    | PostcodePlaceField
    | AddressField
    | ChoiceField
    | MultipleChoiceField
    | YesNoField
    | CountryField
    | PersonField
    | MunicipalityField
    | GroupField
    | RepeatField
    | MonthGridField
    | InformationField
    | DeclarationField
    | FileField,
    Field(discriminator="type"),
]
GroupField.model_rebuild()
RepeatField.model_rebuild()
