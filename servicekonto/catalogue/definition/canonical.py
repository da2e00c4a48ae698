"""A definition as JSON that never differs for the same content, its hash, and its JSON Schema."""

import hashlib
import json

from servicekonto.catalogue.definition.fields import object_schema
from servicekonto.catalogue.definition.fields.base import Schema
from servicekonto.catalogue.definition.model import Definition


def canonical_json(definition: Definition) -> str:
    """Keys sorted, defaults left out: a new optional key of the format does not change old versions."""
    data = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def definition_hash(definition: Definition) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_json(definition).encode()).hexdigest()


def definition_from_json(text: str) -> Definition:
    """The definition a stored version holds."""
    return Definition.model_validate_json(text)


def json_schema(definition: Definition) -> Schema:
    """JSON Schema 2020-12 of complete answers (``Evaluation.values``)."""
    fields = tuple(field for page in definition.pages for field in page.fields)
    schema = object_schema(fields)
    conditional = {f.id for page in definition.pages if page.visible_if for f in page.fields}
    required = [name for name in schema.get("required", []) if name not in conditional]
    return schema | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:servicekonto:{definition.key}:{definition.version}",
        "title": definition.names.name.de,
        "required": required,
    }
