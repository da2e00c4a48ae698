"""A place in Hessen. It decides who is competent, so the engine asks for a known key, not for a spelling."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, InvalidAnswer, Schema
from servicekonto.catalogue.definition.fields.plain import TEXT_OPERATORS
from servicekonto.catalogue.definition.texts import gettext as _


class MunicipalityField(BaseField):
    """The text typed, and the key (Amtlicher Gemeindeschlüssel) that ``resolve_places`` found for it."""

    type: Literal["municipality"]
    operators: ClassVar[frozenset[str]] = TEXT_OPERATORS

    def read(self, form: FormReader, name: str) -> Any:
        if not form.has(f"{name}.text"):
            return None
        return {"text": form.line(f"{name}.text", 200), "choice": form.line(f"{name}.choice", 200)}

    def parse(self, raw: object, today: date) -> dict[str, str] | None:
        given = raw if isinstance(raw, Mapping) else {}
        text, key = clean_line(given.get("text"), 200), clean_line(given.get("key"), 12)
        if not text:
            return None
        if not (len(key) == 8 and key.startswith("06") and key.isascii() and key.isdigit()):
            message = _(
                "Bitte wählen Sie einen Ort in Hessen. Prüfen Sie die Schreibweise von „%(text)s“ "
                "oder geben Sie die Postleitzahl an.",
                text=text,
            )
            raise InvalidAnswer("place_unknown", message)
        return {"key": key, "name": clean_line(given.get("name"), 200) or text}

    def to_raw(self, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            return {"text": str(value)}
        name, key = str(value.get("name", "")), str(value.get("key", ""))
        return {"text": name, "key": key, "name": name}

    def show(self, value: Any) -> list[str]:
        return [str(value["name"])]

    def value_schema(self) -> Schema:
        name = {"type": "string", "minLength": 1, "maxLength": 200}
        return {
            "type": "object",
            "properties": {"key": {"type": "string", "pattern": "^06[0-9]{6}$"}, "name": name},
            "required": ["key", "name"],
            "additionalProperties": False,
        }

    def missing_message(self) -> str:
        return _("Bitte geben Sie einen Ort oder eine Postleitzahl an: „%(label)s“.", label=str(self.label))
