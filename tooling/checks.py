"""What ``dev.py check`` looks at before the tests run. Every check runs, so that one run shows everything."""

import subprocess
import time

from tooling import ROOT
from tooling.environment import VENV, python_of

_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: dict[str, list[str]] = {
    "ruff": ["-m", "ruff", "check", "--output-format", "concise"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", _LINT_IMPORTS],
    "djlint": ["-m", "djlint", "templates", "--lint", "--quiet"],
    "Übersetzungen": ["-m", "tooling.translations"],
}


def run_all() -> list[str]:
    """Names of the checks that failed; what they said is printed."""
    failed = []
    for name, arguments in CHECKS.items():
        print(f"{name} …", end=" ", flush=True)
        started = time.monotonic()
        command = [str(python_of(VENV)), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        print(f"{'Fehler' if done.returncode else 'gut'} ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout, flush=True)
    return failed
