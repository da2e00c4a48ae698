"""The running demonstration: a free port, the web server and the worker, and what is printed about them."""

import errno
import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

from tooling import demo, example
from tooling.demo import Options
from tooling.environment import VENV, python_of
from tooling.processes import Supervisor
from tooling.terminal import SetupError, Steps, table

READY_SECONDS = 60
HEADER_READ_TIMEOUT_MS = 10_000
_GROUPS = {"citizens": "Bürgerinnen und Bürger", "staff": "Behörden", "operators": "Betrieb"}


def free_port(host: str, port: int, *, is_fixed: bool = False) -> int:
    """The port, or one the kernel chooses for 0. Raises SetupError when it cannot be had. ``is_fixed``: no
    other would do.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise _unavailable(host, port, error, is_fixed=is_fixed) from error
        return int(listener.getsockname()[1])


def _unavailable(host: str, port: int, error: OSError, *, is_fixed: bool) -> SetupError:
    if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
        return SetupError(
            f"Die Adresse {host} gibt es auf diesem Rechner nicht ({error.strerror}).",
            f"This machine has no address {host} ({error.strerror}).",
        )
    if is_fixed:
        return SetupError(
            f"Port {port} auf {host} ist nicht frei ({error.strerror}).\n"
            "Die Beispiel-Website braucht ihn: Mit dieser Adresse ist sie im Servicekonto registriert.",
            f"Port {port} on {host} is not available ({error.strerror}).\n"
            "The example website needs it: with this address it is registered in Servicekonto.",
        )
    with socket.create_server(("127.0.0.1", 0)) as other:
        suggestion = f"python3 dev.py run --port {other.getsockname()[1]}"
    return SetupError(
        f"Port {port} auf {host} ist nicht frei ({error.strerror}).\nEin freier: {suggestion}",
        f"Port {port} on {host} is not available ({error.strerror}).\nA free one: {suggestion}",
    )


def serve(options: Options, environ: dict[str, str], steps: Steps) -> None:
    """Returns after Ctrl-C or SIGTERM, with everything stopped."""
    python = str(python_of(VENV))
    web = [python, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "16"]
    web += ["--http1-header-read-timeout", str(HEADER_READ_TIMEOUT_MS), "--no-ws"]
    web += ["--host", options.host, "--port", str(options.port), "wsgi:app"]
    worker = [python, "-m", "flask", "--app", "wsgi", "worker"]
    accounts = _read_accounts(options)
    with Supervisor() as supervisor:
        supervisor.start("Webserver", web, environ=environ, log=demo.FOLDER / "web.log")
        supervisor.start("Worker", worker, environ=environ, log=demo.FOLDER / "worker.log")
        if options.with_example:
            _start_example(supervisor, options, accounts)
        with steps.step("Webserver und Worker"):
            is_ready = supervisor.wait_for(lambda: _all_answer(options), seconds=READY_SECONDS)
        if is_ready:
            print(summary(options, accounts), flush=True)
            supervisor.watch()
        print("\nWird beendet (noch einmal Strg+C: sofort) …", flush=True)
    print("Beendet.", flush=True)


def _start_example(supervisor: Supervisor, options: Options, accounts: dict[str, Any]) -> None:
    environ = example.environment(example.client_of(accounts, options), issuer=options.base_url)
    log = demo.FOLDER / "example.log"
    supervisor.start("Beispiel-Website", example.command(options.host), environ=environ, log=log)


def _all_answer(options: Options) -> bool:
    if not _answers(options.host, options.port, "/readyz", urlsplit(options.base_url).netloc):
        return False
    return not options.with_example or _answers(
        options.host, example.PORT, "/", urlsplit(example.BASE_URL).netloc
    )


def _answers(host: str, port: int, path: str, name: str) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _read_accounts(options: Options) -> dict[str, Any]:
    if not options.seed or not demo.ACCOUNTS.exists():
        return {}
    accounts: dict[str, Any] = json.loads(demo.ACCOUNTS.read_text(encoding="utf-8"))
    return accounts


def summary(options: Options, accounts: dict[str, Any]) -> str:
    """The address and who can sign in there. ``accounts``: what ``flask seed --json`` writes."""
    lines = ["", f"Servicekonto läuft: {options.base_url}/   (Strg+C beendet)"]
    if options.with_example:
        lines.append(f"Beispiel-Website, die Leute darüber anmeldet: {example.BASE_URL}/")
    known = [(key, account) for key in _GROUPS for account in accounts.get(key, [])]
    if not known:
        return "\n".join(lines)
    lines += ["", "Demokonten, alle Personen sind erfunden (E-Mail, Passwort, wer):"]
    rows = table([_account_row(account) for _key, account in known]).split("\n")
    group = None
    for (key, _account), row in zip(known, rows, strict=True):
        if key != group:
            lines.append(f" {_GROUPS[key]}")
            group = key
        lines.append(row)
    return "\n".join(lines)


def _account_row(account: dict[str, Any]) -> tuple[str, ...]:
    parts = [
        account.get("name"),
        account.get("authority"),
        *account.get("units", []),
        *account.get("roles", []),
    ]
    return account["email"], account["password"], " · ".join(str(part) for part in parts if part)
