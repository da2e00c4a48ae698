"""The documented proxy, as far as a bare machine can try it. The rest: ``benchmarks/slow_clients.py``."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.certificate import write_certificate
from benchmarks.slow_clients import CONFIGURATION, adapted, haproxy
from config import PROJECT_ROOT, Config
from servicekonto.core import clock
from tests.conftest import a_key

DEPLOY = PROJECT_ROOT / "deploy"


def test_the_trial_changes_only_addresses_and_paths(tmp_path: Path) -> None:
    documented = CONFIGURATION.read_text()

    tried = adapted(documented, 8443, 8001, tmp_path)

    assert len(documented.splitlines()) - len(tried.splitlines()) == 4
    assert "option http-buffer-request" in tried and "timeout http-request 5s" in tried


@pytest.mark.skipif(haproxy() is None, reason="HAProxy is not installed")
def test_haproxy_takes_the_documented_configuration(tmp_path: Path) -> None:
    write_certificate(tmp_path, "localhost", valid_for=timedelta(days=1), at=clock.now())
    path = tmp_path / "haproxy.cfg"
    path.write_text(adapted(CONFIGURATION.read_text(), 8443, 8001, tmp_path))

    done = subprocess.run(
        [str(haproxy()), "-c", "-f", str(path)], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_the_own_answers_of_the_proxy_have_headers_too() -> None:
    frontends = CONFIGURATION.read_text().split("\nfrontend ")[1:]

    assert len(frontends) == 2
    for frontend in frontends:
        rules = [line.strip() for line in frontend.splitlines() if "http-after-response" in line]
        assert any("X-Content-Type-Options nosniff" in rule for rule in rules)
        assert any("frame-ancestors 'none'" in rule for rule in rules)


def test_the_example_of_the_environment_starts_once_its_secrets_are_filled_in(tmp_path: Path) -> None:
    lines = (DEPLOY / "servicekonto.env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    example["SERVICEKONTO_MASTER_KEY"] = f"2026a:{a_key('master')}"
    example["SERVICEKONTO_SECRET_KEY"] = a_key("secret")
    example["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path)

    config = Config.from_environment(example)

    assert not config.is_demo and config.trusted_proxies == 1 and config.metrics_port == 9464


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda path: path.name)
def test_every_service_runs_without_rights_it_does_not_need(unit: Path) -> None:
    lines = unit.read_text().splitlines()

    for demanded in (
        "User=servicekonto",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "CapabilityBoundingSet=",
        "EnvironmentFile=/etc/servicekonto/servicekonto.env",
    ):
        assert demanded in lines


def test_no_service_knows_the_owner_of_the_tables() -> None:
    units = [path.read_text() for path in (DEPLOY / "systemd").iterdir()]
    environment = (DEPLOY / "servicekonto.env.example").read_text()
    of_the_owner = (DEPLOY / "servicekonto-owner.env.example").read_text()

    assert "servicekonto_owner:" in of_the_owner
    assert not any("servicekonto_owner" in text or "owner.env" in text for text in [*units, environment])
