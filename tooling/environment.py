"""The virtual environment in .venv: made, filled from the hash-locked requirements, and reused."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tooling import ROOT
from tooling.terminal import SetupError

VENV = ROOT / ".venv"
RUNTIME_LOCK = ROOT / "requirements.txt"
DEVELOPMENT_LOCK = ROOT / "requirements-dev.txt"

_CONNECTION_SIGNS = (
    "newconnectionerror", "connecttimeout", "readtimeout", "connection refused", "connection broken",
    "name resolution", "sslerror", "proxyerror", "enotfound", "econnrefused", "econnreset", "etimedout",
    "eai_again", "certificate", "http error 5", "client error", "server error", "could not fetch url",
    "from versions: none",  # everything locked is published
)  # fmt: skip
_UNREACHABLE_GERMAN = """Die Paketquelle ist nicht erreichbar.
Bitte prüfen: Netz und Namensauflösung; Proxy (HTTPS_PROXY); Zertifikate (Paket ca-certificates);
eigene Paketquellen in pip.conf, .npmrc oder PIP_INDEX_URL. Danach denselben Befehl noch einmal geben."""
_UNREACHABLE_ENGLISH = """The package registry cannot be reached.
Please check: network and name resolution; proxy (HTTPS_PROXY); certificates (package ca-certificates);
registries of your own in pip.conf, .npmrc or PIP_INDEX_URL. Then give the same command again."""


def check_venv_available(modules: Sequence[str] = ("venv", "ensurepip")) -> None:
    """Debian ships them apart from Python itself."""
    if all(importlib.util.find_spec(name) for name in modules):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    raise SetupError(
        "Diesem Python fehlt das Modul venv (oder ensurepip).\n"
        f"Unter Debian und Ubuntu: apt-get install python3-venv (heißt auch {package})",
        "This Python lacks the module venv (or ensurepip).\n"
        f"On Debian and Ubuntu: apt-get install python3-venv (also called {package})",
    )


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def site_packages_of(venv: Path) -> Path:
    return venv / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def is_installed(lock: Path, venv: Path = VENV) -> bool:
    return _works(venv) and read_stamp(_stamp(lock, venv)) == digest(lock)


def install(lock: Path, venv: Path = VENV) -> None:
    """Plain pip, every file checked against its hash. Nothing happens to an environment that has it all."""
    if is_installed(lock, venv):
        return
    if not _works(venv):
        _create(venv)
    command = [str(python_of(venv)), "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "-r", str(lock)]
    run_quietly(command, "Python-Pakete", "Python packages")
    _stamp(lock, venv).write_text(digest(lock))


def run_quietly(
    command: list[str], german: str, english: str, *, cwd: Path = ROOT, environ: dict[str, str] | None = None
) -> str:
    """Runs a program of the set-up and returns its output. Raises SetupError with what to check."""
    done = subprocess.run(
        command, cwd=cwd, env=environ, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode == 0:
        return done.stdout
    details = "\n".join(done.stdout.splitlines()[-25:])
    if looks_like_no_connection(done.stdout):
        raise SetupError(f"{german}: {_UNREACHABLE_GERMAN}", f"{english}: {_UNREACHABLE_ENGLISH}", details)
    raise SetupError(f"{german}: fehlgeschlagen.", f"{english}: failed.", details)


def looks_like_no_connection(output: str) -> bool:
    lowered = output.lower()
    return any(sign in lowered for sign in _CONNECTION_SIGNS)


def digest(*files: Path) -> str:
    """Names and contents of the files, in the order given."""
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def read_stamp(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.is_file() else None


def _stamp(lock: Path, venv: Path) -> Path:
    return venv / f".installed-{lock.stem}"


def _works(venv: Path) -> bool:
    """False for a half-made environment, and after Python itself was replaced by another version."""
    python = python_of(venv)
    if not os.access(python, os.X_OK) or not (site_packages_of(venv) / "pip").is_dir():
        return False
    return (venv / "pyvenv.cfg").is_file()


def _create(venv: Path) -> None:
    check_venv_available()
    run_quietly(
        [sys.executable, "-m", "venv", "--clear", str(venv)], "Virtuelle Umgebung", "Virtual environment"
    )
