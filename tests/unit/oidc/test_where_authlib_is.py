"""Authlib's integration into Flask is known to one module.

That Authlib itself is known to ``oidc`` alone is a contract of import-linter, which sees packages of others
as a whole.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import servicekonto

PACKAGE = Path(servicekonto.__file__).parent


def imported_by(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_one_module_knows_the_integration_into_flask() -> None:
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if any(name.startswith("authlib.integrations") for name in imported_by(file))
    }

    assert found == {"oidc/server.py"}
