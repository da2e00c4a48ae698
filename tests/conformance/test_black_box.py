"""These tests know the application by its addresses alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def test_nothing_here_imports_the_application() -> None:
    found = {
        f"{file.relative_to(FOLDER)}: {name}"
        for file in FOLDER.rglob("*.py")
        for name in _imported(ast.parse(file.read_text()))
        if name.split(".")[0] == "servicekonto"
    }

    assert not found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
