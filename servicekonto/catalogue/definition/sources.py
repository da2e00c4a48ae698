"""YAML as nodes that know their line. Every scalar stays a string: no ``no`` → False, no octal postcodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
MAX_BYTES = 500_000


class DefinitionError(Exception):
    """Says file, line and what to do, one problem per line of the message."""


class SourceError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Source:
    """The data of a file and the line of every place in it."""

    data: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of this place, or of the nearest one around it that is written in the file.

        Names of union members inside a pydantic path stand for no place and are skipped.
        """
        known: Path = ()
        for step in path:
            if (*known, step) in self.lines:
                known = (*known, step)
        return self.lines.get(known, 1)


def parse(text: str) -> Source:
    """Raises SourceError for anything that is no plain tree of mappings, lists and strings."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SourceError(
            1, f"the file is larger than {MAX_BYTES} bytes; a definition is a few hundred lines"
        )
    try:
        _refuse_aliases(text)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "put texts with , : # ? or quotation marks into quotes"
        raise SourceError(
            mark.line + 1 if mark else 1, f"is no valid YAML: {error.problem}; {hint}"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceError(1, f"is no valid YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(root, yaml.MappingNode):
        raise SourceError(1, "must be a mapping: begin with 'key: …'")
    builder = _Builder()
    try:
        return Source(builder.build(root, ()), builder.lines)
    except RecursionError:
        raise SourceError(1, "is nested too deeply") from None


def _refuse_aliases(text: str) -> None:
    """An alias can contain itself or grow a small file into gigabytes."""
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent):
            raise SourceError(_line(event), "aliases are not supported; use 'blocks'")


class _Builder:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.blocks: dict[str, yaml.Node] = {}

    def build(self, root: yaml.MappingNode, path: Path) -> Any:
        """``blocks`` are taken out first; ``{type: block, use: parent}`` becomes a group with its fields."""
        entries = self._entries(root)
        blocks = entries.pop("blocks", None)
        if blocks is not None:
            if not isinstance(blocks, yaml.MappingNode):
                raise SourceError(_line(blocks), "'blocks' must be a mapping: name → list of fields")
            self.blocks = self._entries(blocks)
        self.lines[path] = _line(root)
        return {key: self._value(node, (*path, key)) for key, node in entries.items()}

    def _entries(self, node: yaml.MappingNode) -> dict[str, yaml.Node]:
        entries: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise SourceError(_line(key_node), "a key must be a plain word")
            if key_node.value in entries:
                raise SourceError(_line(key_node), f"'{key_node.value}' is given twice; keep one of them")
            entries[key_node.value] = value_node
        return entries

    def _value(self, node: yaml.Node, path: Path, *, inside_blocks: tuple[str, ...] = ()) -> Any:
        self.lines[path] = _line(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, inside_blocks)
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return [self._value(item, (*path, i), inside_blocks=inside_blocks) for i, item in items]
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path, inside_blocks: tuple[str, ...]) -> dict[str, Any]:
        entries = self._entries(node)
        used = entries.get("type")
        block = ""
        if isinstance(used, yaml.ScalarNode) and used.value == "block":
            block = self._expand(node, entries)
            if block in inside_blocks:
                raise SourceError(_line(node), f"block '{block}' uses itself")
        inside = (*inside_blocks, block) if block else inside_blocks
        return {key: self._value(part, (*path, key), inside_blocks=inside) for key, part in entries.items()}

    def _expand(self, node: yaml.MappingNode, entries: dict[str, yaml.Node]) -> str:
        use = entries.pop("use", None)
        name = use.value if isinstance(use, yaml.ScalarNode) else ""
        if name not in self.blocks:
            known = ", ".join(sorted(self.blocks)) or "none is defined"
            raise SourceError(_line(use or node), f"there is no block '{name}' under 'blocks' ({known})")
        entries["type"] = yaml.ScalarNode("tag:yaml.org,2002:str", "group", node.start_mark, node.end_mark)
        entries["fields"] = self.blocks[name]
        return name


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1
