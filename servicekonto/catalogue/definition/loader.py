"""Reads definitions from files. A wrong one is refused with file, line and what to do."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from servicekonto.catalogue.definition.checks import problems_of, publishing_problems_of
from servicekonto.catalogue.definition.model import Definition
from servicekonto.catalogue.definition.sources import DefinitionError, Source, SourceError, parse


def load_definition(path: Path, *, for_publishing: bool = True) -> Definition:
    """Raises DefinitionError. A definition that needs what does not exist yet loads only as a draft."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DefinitionError(f"{path.name}:{line}: is not written in UTF-8") from None
    return parse_definition(text, path.name, for_publishing=for_publishing)


def load_definitions(folder: Path) -> dict[str, Definition]:
    """Every definition of a folder by its key; two with the same key, slug or version clash are refused."""
    found: dict[str, Definition] = {}
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        definition = load_definition(path)
        for name in (definition.key, "/" + definition.slug):
            if name in files:
                raise DefinitionError(f"{path.name}:1: '{name}' is used by {files[name]} already; change one")
            files[name] = path.name
        found[definition.key] = definition
    return found


def parse_definition(text: str, filename: str, *, for_publishing: bool = True) -> Definition:
    try:
        source = parse(text)
    except SourceError as error:
        raise DefinitionError(f"{filename}:{error.line}: {error.message}") from None
    try:
        definition = Definition.model_validate(source.data)
    except ValidationError as error:
        lines = [_line_of(source, filename, cause["loc"], _words(cause)) for cause in _causes(error.errors())]
        raise DefinitionError("\n".join(dict.fromkeys(lines))) from None
    problems = list(problems_of(definition))
    if for_publishing:
        problems += publishing_problems_of(definition)
    if problems:
        raise DefinitionError("\n".join(_line_of(source, filename, path, what) for path, what in problems))
    return definition


def _causes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """A list is not too short because one of its entries is wrong."""
    inside = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]


def _line_of(source: Source, filename: str, path: tuple[str | int, ...], what: str) -> str:
    named = ".".join(str(step) for step in path if (not isinstance(step, int)))
    return f"{filename}:{source.line_of(path)}: {named}: {what}" if named else f"{filename}:1: {what}"


_WORDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not known here; check the spelling or remove it",
    "union_tag_invalid": "there is no such type of field; the types are listed in docs/services.md",
    "union_tag_not_found": "needs a 'type'; the types are listed in docs/services.md",
    "string_too_short": "is empty; write a text or remove the key",
    "int_type": "must be a whole number",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list; begin each entry with '- '",
    "too_short": "needs at least one entry",
    "model_type": "must be a mapping with 'key: value' lines",
    "model_attributes_type": "must be a mapping with 'key: value' lines",
    "dict_type": "must be a mapping with 'key: value' lines",
    "string_type": "must be a text",
}


def _words(problem: ErrorDetails) -> str:
    """Pydantic's error in words that say what to do."""
    kind, message = problem["type"], problem["msg"]
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return f"'{problem['input']}' must match {problem['ctx']['pattern']}"
    return _WORDS.get(kind) or f"{message[:1].lower()}{message[1:]}"
