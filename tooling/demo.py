"""The demonstration: its keys, its database and its data below build/demo."""

import base64
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tooling import BUILD, ROOT
from tooling.environment import VENV, digest, python_of, read_stamp, run_quietly
from tooling.terminal import Steps

FOLDER = BUILD / "demo"
DATABASE = FOLDER / "servicekonto.sqlite3"
ACCOUNTS = FOLDER / "accounts.json"
_DATA_STAMP = FOLDER / ".data"

_PREPARE = (["db", "upgrade"], ["catalogue", "publish"], ["authorities", "import"])


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    database_url: str | None
    seed: bool
    with_example: bool = False

    @property
    def base_url(self) -> str:
        """localhost also when bound elsewhere: plain http is only allowed on the machine itself."""
        return os.environ.get("SERVICEKONTO_BASE_URL") or f"http://localhost:{self.port}"


def environment(options: Options) -> dict[str, str]:
    """Never the keys, the mode or the database that happen to be in the environment."""
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if options.database_url is None:
        environ.pop("SERVICEKONTO_MIGRATION_DATABASE_URL", None)
    return environ | {
        "SERVICEKONTO_MODE": "demo",
        "SERVICEKONTO_BASE_URL": options.base_url,
        "SERVICEKONTO_DATABASE_URL": options.database_url or f"sqlite:///{DATABASE}",
        "SERVICEKONTO_MASTER_KEY": "demo:" + kept_key(FOLDER / "master-key"),
        "SERVICEKONTO_SECRET_KEY": kept_key(FOLDER / "secret-key"),
    }


def kept_key(file: Path) -> str:
    """32 random bytes in base64, made once, readable by the owner only."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(base64.b64encode(secrets.token_bytes(32)).decode())
    return file.read_text()


def remove_database() -> None:
    for file in (*FOLDER.glob(f"{DATABASE.name}*"), _DATA_STAMP, ACCOUNTS):
        file.unlink(missing_ok=True)


def prepare_data(options: Options, environ: dict[str, str], steps: Steps) -> None:
    """All of it is repeatable, hence done whenever anything may have changed."""
    wanted = data_state(options)
    if wanted is not None and read_stamp(_DATA_STAMP) == wanted:
        steps.skip("Datenbank")
        if options.seed:
            steps.skip("Demodaten")
        return
    _DATA_STAMP.unlink(missing_ok=True)
    with steps.step("Datenbank"):
        for command in _PREPARE:
            _flask(command, environ)
    if options.seed:
        with steps.step("Demodaten"):
            _flask(["seed", "--demo", "--json", str(ACCOUNTS)], environ)
    stamp = data_state(options)
    if stamp is not None:
        _DATA_STAMP.write_text(stamp)


def data_state(options: Options) -> str | None:
    """What the data were made from, and the database they are in. None: cannot be known, so never skip."""
    if options.database_url is not None or not DATABASE.exists():
        return None
    seeded = ACCOUNTS.exists() if options.seed else "unseeded"
    database = f"{DATABASE.stat().st_ino} {_migration_in_database()} {seeded}"
    return f"{digest(*_sources())} {database} {options.base_url}"


def _sources() -> Iterator[Path]:
    for folder in ("servicekonto", "migrations"):
        for file in sorted((ROOT / folder).rglob("*")):
            is_source = file.is_file() and "__pycache__" not in file.parts and "static" not in file.parts
            if is_source:
                yield file
    yield ROOT / "config.py"


def _migration_in_database() -> str:
    connection = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
    try:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchall())
    except sqlite3.Error:
        return "none"
    finally:
        connection.close()


def _flask(arguments: list[str], environ: dict[str, str]) -> None:
    name = "flask " + " ".join(arguments)
    run_quietly(
        [str(python_of(VENV)), "-m", "flask", "--app", "wsgi", *arguments], name, name, environ=environ
    )
