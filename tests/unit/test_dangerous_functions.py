"""What the application does not use at all, and the few modules that may use the rest.

Read from the source: whoever needs one of these adds a row here and says why in the review.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import PROJECT_ROOT

FILES = [PROJECT_ROOT / "config.py", PROJECT_ROOT / "wsgi.py", *(PROJECT_ROOT / "servicekonto").rglob("*.py")]
SCRIPTS = sorted((PROJECT_ROOT / "servicekonto/web/static").glob("*.js"))

# Programs, code out of text, objects out of bytes, XML, archives, clients for other websites.
NOWHERE = {
    *("subprocess", "pty", "multiprocessing", "ctypes", "cffi", "code", "codeop", "runpy"),
    *("pickle", "marshal", "shelve", "dill", "xml", "lxml", "defusedxml", "tarfile", "tempfile"),
    *("requests", "httpx", "aiohttp", "urllib3", "urllib.request", "ftplib", "telnetlib"),
    *("ldap", "ldap3", "memcache", "redis"),
}
ONLY_IN = {
    "socket": {
        "servicekonto/jobs/worker.py",  # the name of this machine
        "servicekonto/oidc/outgoing.py",  # where a connection goes is decided there
    },
    "http.client": {"servicekonto/oidc/outgoing.py"},
    "smtplib": {"servicekonto/notifications/smtp.py"},
    "psycopg": {"servicekonto/core/connections.py", "servicekonto/web/errors.py"},
    "yaml": {"servicekonto/catalogue/definition/sources.py", "servicekonto/authorities/rules.py"},
    "zipfile": {"servicekonto/data_protection/archive.py"},  # only written
    "random": {
        "servicekonto/jobs/queue.py",  # SystemRandom, for pauses
        *(f"servicekonto/operations/demo/{name}.py" for name in ("seed", "requests")),
        *(f"servicekonto/operations/demo/volume/{name}.py" for name in ("sources", "rows")),
    },
}
CALLS_NOWHERE = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.full_load", "yaml.unsafe_load"),
    *("render_template_string", "pickle.loads", "hashlib.md5", "hashlib.sha1"),
}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts(module: str) -> set[str]:
    names = module.split(".")
    return {".".join(names[:length]) for length in range(1, len(names) + 1)}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_dangerous_modules_are_used_nowhere(trees: dict[str, ast.Module]) -> None:
    found = {
        (name, module) for name, tree in trees.items() for module in imports(tree) if parts(module) & NOWHERE
    }

    assert found == set()


def test_the_ways_out_and_weak_chance_are_used_in_these_files_only(trees: dict[str, ast.Module]) -> None:
    used = {module: {name for name, tree in trees.items() if module in imports(tree)} for module in ONLY_IN}

    assert used == ONLY_IN


def test_nothing_makes_code_or_objects_out_of_text(trees: dict[str, ast.Module]) -> None:
    calls = {
        (name, ast.unparse(node.func))
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }

    assert {(name, function) for name, function in calls if function in CALLS_NOWHERE} == set()


def test_yaml_makes_texts_lists_and_mappings_only(trees: dict[str, ast.Module]) -> None:
    loaders = {
        ast.unparse(keyword.value)
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"yaml.load", "yaml.compose", "yaml.parse"}
        for keyword in [*node.keywords, ast.keyword("Loader", ast.Name("none"))][:1]
    }

    assert loaders == {"yaml.BaseLoader"}


def test_a_parameter_is_read_from_the_address_or_from_the_form_never_from_either(
    trees: dict[str, ast.Module],
) -> None:
    read = {
        (name, ast.unparse(node))
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }

    assert {name for name, text in read if text in {"request.values", "flask.request.values"}} == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_make_no_markup_and_no_code_and_keep_one_switch_at_most(script: Path) -> None:
    text = script.read_text(encoding="utf-8")

    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert not re.findall(r"sessionStorage|indexedDB|document\.cookie|window\.postMessage|__proto__", text)
    assert set(re.findall(r"localStorage\.\w+\(([^,)]+)", text)) <= {"KEYS_ON"}
