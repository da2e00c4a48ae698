"""The website of ``dev.py run --with-example``: examples/relying_party, as a client of the demonstration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tooling import BUILD, ROOT, demo
from tooling.demo import Options
from tooling.environment import python_of
from tooling.terminal import SetupError

CLIENT_ID = "standesamtsportal-musterstadt"
PORT = 8124
# Not localhost: browsers give the cookies of a host to all its ports.
BASE_URL = f"http://127.0.0.1:{PORT}"
LOCK = ROOT / "examples" / "relying_party" / "requirements.txt"
VENV = BUILD / "example-venv"


def command(host: str, port: int = PORT, *, python: Path | None = None) -> list[str]:
    program = str(python or python_of(VENV))
    return [program, "-m", "flask", "--app", "relying_party", "run", "--host", host, "--port", str(port)]


def environment(
    client: Mapping[str, Any], *, issuer: str, base_url: str = BASE_URL, folder: Path = demo.FOLDER
) -> dict[str, str]:
    """What the site is told, and nothing of what Servicekonto knows. ``client``: of ``flask seed --json``."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "examples"),
        "PYTHONUNBUFFERED": "1",
        "SERVICEKONTO_ISSUER": issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "BASE_URL": base_url,
        "SECRET_KEY": demo.kept_key(folder / "example-key"),
        "SESSION_DATABASE": str(folder / "example.sqlite3"),
    }


def client_of(accounts: Mapping[str, Any], options: Options) -> Mapping[str, Any]:
    """Raises SetupError where the demonstration does not know the website."""
    for client in accounts.get("clients", []):
        if client["client_id"] == CLIENT_ID and f"{BASE_URL}/callback" in client["redirect_uris"]:
            found: Mapping[str, Any] = client
            return found
    again = "--fresh" if options.database_url is None else "eine neue Datenbank / a new database"
    raise SetupError(
        f"Die Demodaten kennen die Beispiel-Website nicht. Abhilfe: {again}, ohne --no-seed.",
        f"The demo data do not know the example website. Try: {again}, without --no-seed.",
    )
