"""Fields that ask for nothing (information) or for something that comes later (files)."""

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, Schema
from servicekonto.catalogue.definition.texts import Text, Whole


class _NoInput(BaseField):
    takes_input: ClassVar[bool] = False
    required: bool = False

    def read(self, form: FormReader, name: str) -> Any:
        return None

    def parse(self, raw: object, today: date) -> Any:
        return None

    def to_raw(self, value: Any) -> Any:
        return None

    def value_schema(self) -> Schema:
        return {}


class InformationField(_NoInput):
    """A notice between the questions; the label is its heading."""

    type: Literal["information"]
    text: Text
    tone: Literal["info", "success", "warning", "danger"] = "info"


class FileField(_NoInput):
    """Declared for later: the loader does not let it be published while there are no uploads."""

    type: Literal["file"]
    accept: tuple[Literal["pdf", "jpeg", "png", "tiff"], ...] = ("pdf", "jpeg", "png")
    max_megabytes: Whole = Field(default=10, ge=1, le=100)
    max_files: Whole = Field(default=1, ge=1, le=20)
