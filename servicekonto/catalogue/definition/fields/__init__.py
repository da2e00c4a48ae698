"""Every kind of field a definition can use. To add one: a class, a line in the union, a macro."""

from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, InvalidAnswer, Schema
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
from servicekonto.catalogue.definition.fields.groups import AnyField, GroupField, RepeatField
from servicekonto.catalogue.definition.fields.municipality import MunicipalityField
from servicekonto.catalogue.definition.fields.notes import FileField, InformationField
from servicekonto.catalogue.definition.fields.numbers import MoneyField, NumberField
from servicekonto.catalogue.definition.fields.plain import (
    EmailField,
    IbanField,
    LongTextField,
    PhoneField,
    TaxIdField,
    TextField,
)

__all__ = [
    "AddressField",
    "AnyField",
    "BaseField",
    "ChoiceField",
    "CompositeField",
    "CountryField",
    "DateField",
    "DeclarationField",
    "EmailField",
    "FileField",
    "FormReader",
    "GroupField",
    "IbanField",
    "InformationField",
    "InvalidAnswer",
    "LongTextField",
    "MoneyField",
    "MonthGridField",
    "MultipleChoiceField",
    "MunicipalityField",
    "NumberField",
    "PersonField",
    "PhoneField",
    "PostcodePlaceField",
    "RepeatField",
    "Schema",
    "TaxIdField",
    "TextField",
    "YesNoField",
    "object_schema",
]
