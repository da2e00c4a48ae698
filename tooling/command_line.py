"""The commands of dev.py and the order of their steps."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from tooling import BUILD, ROOT, assets, checks, demo, example, server
from tooling.environment import (
    DEVELOPMENT_LOCK,
    RUNTIME_LOCK,
    VENV,
    install,
    is_installed,
    python_of,
)
from tooling.terminal import SetupError, Steps

DEFAULT_PORT = 8000
PYTHON_PACKAGES = "Python-Pakete"
_DATABASE_HELP = "use this database instead of SQLite below build/demo (demo data are put into it)"
_EXAMPLE_HELP = f"also a website that signs people in through Servicekonto: {example.BASE_URL}/"


def run(arguments: Sequence[str]) -> int:
    """Exit code of the command named in the arguments."""
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.command != "test":
        _parser().error("unrecognized arguments: " + " ".join(rest))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "run":
            return _run(options)
        if options.command == "screenshots":
            return _screenshots()
        return _test(rest) if options.command == "test" else _check()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nAbgebrochen.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Servicekonto: set up, run, test, check")
    commands = parser.add_subparsers(dest="command", required=True)
    run_command = commands.add_parser("run", help="the demonstration: web server and worker")
    run_command.add_argument("--host", default="127.0.0.1")
    run_command.add_argument("--port", type=_port, default=DEFAULT_PORT, help="0: any free one")
    run_command.add_argument("--database-url", metavar="URL", help=_DATABASE_HELP)
    run_command.add_argument("--fresh", action="store_true", help="delete the demo database first")
    run_command.add_argument("--no-seed", action="store_true", help="no demo accounts and requests")
    run_command.add_argument("--with-example", action="store_true", help=_EXAMPLE_HELP)
    commands.add_parser("test", help="all tests; arguments go to pytest", add_help=False)
    commands.add_parser("check", help="lint, types, import rules, templates, translations, then all tests")
    commands.add_parser("screenshots", help="the pictures in docs/images, from a new demonstration")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    _refuse_contradictions(options)
    chosen = demo.Options(
        host=options.host,
        port=server.free_port(options.host, options.port),
        database_url=options.database_url,
        seed=not options.no_seed,
        with_example=options.with_example,
    )
    if chosen.with_example:
        server.free_port(chosen.host, example.PORT, is_fixed=True)
    steps = Steps(total=4 + chosen.seed + chosen.with_example)
    with _only_one_set_up():
        _install_runtime(steps)
        if chosen.with_example:
            _install_example(steps)
        if options.fresh:
            demo.remove_database()
        environ = demo.environment(chosen)
        demo.prepare_data(chosen, environ, steps)
    server.serve(chosen, environ, steps)
    return 0


def _refuse_contradictions(options: argparse.Namespace) -> None:
    if options.fresh and options.database_url:
        raise SetupError(
            "--fresh löscht nur die eigene Demodatenbank, nie eine mit --database-url angegebene.",
            "--fresh deletes the demo database only, never one given with --database-url.",
        )
    if options.with_example and options.no_seed:
        raise SetupError(
            "--with-example braucht die Demodaten: Die Beispiel-Website ist dort angemeldet.",
            "--with-example needs the demo data: the example website is registered there.",
        )


def _test(pytest_arguments: Sequence[str]) -> int:
    with _only_one_set_up():
        _install_development(Steps(total=5))
    return _pytest(pytest_arguments)


def _check() -> int:
    with _only_one_set_up():
        _install_development(Steps(total=5))
    failed = checks.run_all()
    tests = _pytest([])
    if failed:
        print("\nNicht bestanden: " + ", ".join(failed), flush=True)
    return tests or bool(failed)


def _screenshots() -> int:
    with _only_one_set_up():
        _install_development(Steps(total=5))
    return subprocess.run(
        [str(python_of(VENV)), "-m", "tooling.screenshots"], cwd=ROOT, check=False
    ).returncode


def _install_runtime(steps: Steps) -> None:
    steps.make(PYTHON_PACKAGES, lambda: install(RUNTIME_LOCK), unless=is_installed(RUNTIME_LOCK))
    steps.make("Oberfläche (npm)", assets.install_interface, unless=assets.interface_folder().is_dir())


def _install_example(steps: Steps) -> None:
    """From its own requirements alone, as somebody who copies it has them."""
    steps.make(
        "Beispiel-Website",
        lambda: install(example.LOCK, example.VENV),
        unless=is_installed(example.LOCK, example.VENV),
    )


def _install_development(steps: Steps) -> None:
    name = "Python-Pakete für Prüfungen"
    steps.make(PYTHON_PACKAGES, lambda: install(RUNTIME_LOCK), unless=is_installed(RUNTIME_LOCK))
    steps.make(name, lambda: install(DEVELOPMENT_LOCK), unless=is_installed(DEVELOPMENT_LOCK))
    steps.make("Oberfläche (npm)", assets.install_interface, unless=assets.interface_folder().is_dir())
    steps.make("Prüfwerkzeuge (npm)", assets.install_test_tools, unless=assets.test_tools_folder().is_dir())
    steps.make("Browser", assets.unpack_browser, unless=not assets.needs_own_browser(os.environ))


def _pytest(arguments: Sequence[str]) -> int:
    """Two workers for the whole suite; whoever names tests gets exactly pytest.

    Each worker begins with one half of the tests: nearly all that need the browser are in the first.
    """
    command = [str(python_of(VENV)), "-m", "pytest", *(arguments or ["-n", "2", "--dist", "worksteal"])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


@contextmanager
def _only_one_set_up() -> Iterator[None]:
    """Two commands started at the same moment must not both fill .venv and build/."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Ein anderer Befehl richtet gerade ein; warte …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
