import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client import REGISTRY, generate_latest

from config import PROJECT_ROOT
from servicekonto.audit import Action, ObjectKind
from servicekonto.audit.models import AuditEntry
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import first_id_of
from servicekonto.jobs import queue
from servicekonto.jobs.worker import Worker
from servicekonto.operations.metrics.server import DatabaseCollector, forget_dead_processes
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.requests import create_draft, put_birth_certificates_online
from tests.conftest import test_environment
from tests.support.client import PageClient
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port

WAIT_SECONDS = 20


class Counted:
    """What has been added since it was made: other tests count too."""

    def __init__(self) -> None:
        self._before = self._samples()

    def added(self, name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return self._samples().get(key, 0.0) - self._before.get(key, 0.0)

    @staticmethod
    def _samples() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
        }


def test_requests_are_counted_by_group_and_status(client: PageClient) -> None:
    counted = Counted()

    client.get("/leistungen")
    client.get("/nichts", status=404)

    assert counted.added("servicekonto_requests_total", group="catalogue", status="200") == 1
    assert counted.added("servicekonto_requests_total", group="none", status="404") == 1
    assert counted.added("servicekonto_request_seconds_count", group="catalogue") == 1


def test_the_public_application_has_no_metrics(client: PageClient) -> None:
    client.get("/metrics", status=404)


def test_sign_ins_are_counted_by_their_result(client: PageClient) -> None:
    create_account(email="erika@example.org")
    counted = Counted()

    for password in (PASSWORD, *["falsch falsch falsch"] * 6):
        page = client.get("/anmelden")
        page.form("/anmelden").submit(client, email="erika@example.org", password=password)
        client.client.delete_cookie("servicekonto", domain="localhost")

    found = {
        result: counted.added("servicekonto_sign_ins_total", result=result)
        for result in ("ok", "failed", "throttled")
    }
    assert found == {"ok": 1, "failed": 5, "throttled": 1}


def test_a_submission_sent_twice_is_counted_once(client: PageClient) -> None:
    account = create_account()
    put_birth_certificates_online()
    draft = create_draft(account)
    sign_in(client, account)
    counted = Counted()

    form = client.get(f"/antraege/{draft.id}/pruefen").form("/einreichen")
    for _ in range(2):
        form.submit(client)

    assert counted.added("servicekonto_submissions_total") == 1


@pytest.mark.usefixtures("database")
def test_jobs_are_counted_by_kind_and_result(app: Servicekonto) -> None:
    with unit_of_work():
        queue.enqueue("send_mail", payload={"mail_id": "no-uuid"}, at=clock.now())
    counted = Counted()

    Worker(app).run_until_idle()

    assert counted.added("servicekonto_jobs_total", kind="send_mail", result="failed") == 1
    assert counted.added("servicekonto_jobs_total", kind="jobs.purge", result="done") == 1


@pytest.mark.usefixtures("database")
def test_what_waits_is_asked_of_the_database(app: Servicekonto) -> None:
    with unit_of_work():
        queue.enqueue("send_mail", payload={"mail_id": "x"}, at=clock.now() - timedelta(minutes=5))

    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in DatabaseCollector(app).collect()
        for sample in family.samples
    }

    assert found[("servicekonto_database_up",)] == 1
    assert 300 <= found[("servicekonto_queue_age_seconds",)] < 330
    assert found[("servicekonto_jobs_stored", "queued")] == 1


@pytest.mark.usefixtures("database")
def test_an_audit_entry_that_waits_for_its_seal_shows_in_the_numbers(app: Servicekonto) -> None:
    made_at = clock.now() - timedelta(minutes=7)
    with unit_of_work():
        add_unsealed_entry(made_at)

    found = {
        sample.name: sample.value for family in DatabaseCollector(app).collect() for sample in family.samples
    }

    assert 420 <= found["servicekonto_audit_unsealed_seconds"] < 450


def add_unsealed_entry(made_at: datetime) -> None:
    """``at`` lies years before: it is not what counts."""
    entry = AuditEntry(
        id=first_id_of(made_at),
        at=SOME_DAY - timedelta(days=900),
        action=Action.STAFF_DEACTIVATED,
        object_kind=ObjectKind.STAFF_MEMBER,
        object_id=first_id_of(made_at),
        payload={},
    )
    db.session.add(entry)


def test_no_address_no_name_and_no_id_is_in_the_numbers(client: PageClient) -> None:
    account = create_account(email="erika@example.org")
    draft = create_draft(account)
    sign_in(client, account)
    client.get(f"/antraege/{draft.id}/pruefen")

    told = generate_latest(REGISTRY).decode()

    for word in (str(draft.id), str(account.id), "erika", "Müßig", "/antraege"):
        assert word not in told


@pytest.mark.only("sqlite")
def test_counts_of_several_processes_are_added_up(
    committed_app: Servicekonto, own_urls: DatabaseUrls, tmp_path: Path
) -> None:
    folder, port = tmp_path / "counts", free_port()
    folder.mkdir()
    environ = os.environ | test_environment(own_urls)
    environ |= {"PROMETHEUS_MULTIPROC_DIR": str(folder), "SERVICEKONTO_METRICS_PORT": str(port)}
    visit = "from wsgi import app; c = app.test_client(); [c.get('/livez') for _ in range(3)]; input()"
    visitors = [_python(environ, "-c", visit) for _ in range(2)]
    try:
        _wait_for(lambda: len(list(folder.glob("histogram_*.db"))) == 2)
        visitors.append(_python(environ, "-m", "flask", "--app", "wsgi", "metrics"))
        _wait_for(lambda: _scrape(port))
        told = _scrape(port)
    finally:
        for visitor in visitors:
            visitor.terminate()
            visitor.communicate(timeout=WAIT_SECONDS)

    assert 'servicekonto_requests_total{group="health",status="200"} 6.0' in told
    assert "servicekonto_database_up 1.0" in told
    assert visitors[-1].returncode == 0


def test_files_of_processes_that_are_gone_are_deleted(tmp_path: Path) -> None:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    gone, mine = tmp_path / f"counter_{finished.pid}.db", tmp_path / f"counter_{os.getpid()}.db"
    for file in (gone, mine):
        file.touch()

    assert forget_dead_processes(tmp_path) == 1
    assert mine.exists() and not gone.exists()


def _python(environ: dict[str, str], *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, *arguments]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=environ, stdin=pipe, stdout=nothing, stderr=nothing
    )


def _scrape(port: int) -> str:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            told: bytes = answer.read()
            return told.decode()
    except (URLError, ConnectionError):
        return ""


def _wait_for(is_there: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_there():
        assert time.monotonic() < deadline
        time.sleep(0.1)
