"""What every field has in common, and how one answer becomes a value or a sentence that helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.conditions import Condition
from servicekonto.catalogue.definition.texts import Model, Slug, Text, Whole
from servicekonto.catalogue.definition.texts import gettext as _

Schema = dict[str, Any]


class InvalidAnswer(Exception):  # noqa: N818 - an answer, not a program, is wrong here
    """The answer cannot be used. ``part`` names a piece inside a structured answer."""

    def __init__(self, code: str, message: str, part: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.part = code, message, part


@dataclass(frozen=True)
class FormReader:
    """The names and texts of a posted form, whoever parsed it."""

    data: Mapping[str, list[str]]

    def has(self, name: str) -> bool:
        return name in self.data

    def showed_boxes(self, name: str) -> bool:
        """Boxes that are not ticked send nothing; a hidden input beside them says that they were there."""
        return name in self.data or f"{name}.shown" in self.data

    def line(self, name: str, limit: int) -> str:
        return clean_line(self.last(name), limit)

    def last(self, name: str) -> str:
        texts = self.data.get(name)
        return texts[-1] if texts else ""

    def all(self, name: str) -> list[str]:
        return list(self.data.get(name, ()))


class BaseField(Model):
    """Read from a form, parsed into a JSON-ready value, shown again, described as JSON Schema."""

    takes_input: ClassVar[bool] = True
    operators: ClassVar[frozenset[str]] = frozenset()

    id: Slug
    label: Text
    hint: Text | None = None
    help: Text | None = None
    required: bool = True
    visible_if: Condition | None = None
    prefill: str | None = Field(default=None, pattern=r"^account(\.[a-z_]+)?$")
    autocomplete: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9 -]{0,60}$")
    fim_id: str | None = Field(default=None, pattern=r"^[A-Z][0-9A-Za-z:.]{1,40}$")
    sensitive: bool = False

    def read(self, form: FormReader, name: str) -> Any:
        """The raw input, or None when the form did not contain the field at all."""
        return form.line(name, self.input_limit) if form.has(name) else None

    def parse(self, raw: object, today: date) -> Any:
        """The value, None when nothing was answered. Raises InvalidAnswer, nothing else."""
        raise NotImplementedError

    def to_raw(self, value: Any) -> Any:
        """The input somebody would have typed for this value."""
        return str(value)

    def show(self, value: Any) -> list[str]:
        """The value in lines for people."""
        return [str(value)]

    def value_schema(self) -> Schema:
        raise NotImplementedError

    def missing_message(self) -> str:
        return _("Bitte füllen Sie aus: „%(label)s“.", label=str(self.label))

    @property
    def parts(self) -> tuple[Any, ...]:
        """The fields inside, for those that have some."""
        return ()

    @property
    def always_present(self) -> bool:
        """Whether complete answers contain the field whatever else was answered."""
        return self.takes_input and self.required and self.visible_if is None

    @property
    def input_limit(self) -> int:
        """How many characters are kept: more than allowed, so that nothing is cut silently."""
        return 500


class LineField(BaseField):
    """A field typed into one line."""

    width: Whole | None = Field(default=None, ge=1, le=60)  # characters the input shows

    def parse(self, raw: object, today: date) -> Any:
        text = clean_line(raw, self.input_limit)
        return self.value_of(text, today) if text else None

    def value_of(self, text: str, today: date) -> Any:
        raise NotImplementedError

    def to_raw(self, value: Any) -> str:
        return clean_line(str(value), self.input_limit)


def date_of(text: object) -> date:
    """A value that was stored as ``2026-01-31``."""
    return date.fromisoformat(str(text))
