"""What is unsafe stops the start, with a message that names the variable."""

import base64
from pathlib import Path

import pytest

from config import Config, ConfigError, Mode
from tests.conftest import a_key, test_environment
from tests.support.databases import sqlite_urls

PRODUCTION = {
    "SERVICEKONTO_MODE": "production",
    "SERVICEKONTO_BASE_URL": "https://konto.example.org/",
    "SERVICEKONTO_DATABASE_URL": "postgresql://app@db/servicekonto?sslmode=verify-full",
    "SERVICEKONTO_MIGRATION_DATABASE_URL": "postgres://owner@db/servicekonto?sslmode=verify-full",
    "SERVICEKONTO_MASTER_KEY": f"2026b:{a_key('new')}, 2026a:{a_key('old')}",
    "SERVICEKONTO_SECRET_KEY": a_key("secret"),
    "SERVICEKONTO_SMTP_URL": "starttls://mail.example.org:587",
}
NOT_RANDOM = base64.b64encode(bytes(32)).decode()
TOO_SHORT = base64.b64encode(b"0123456789abcdef").decode()


def without(environ: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in environ.items() if key != f"SERVICEKONTO_{name}"}


def changed(environ: dict[str, str], name: str, value: str) -> dict[str, str]:
    return environ | {f"SERVICEKONTO_{name}": value}


def demo() -> dict[str, str]:
    return test_environment(sqlite_urls(Path("demo")))


def test_production_is_read_and_typed() -> None:
    config = Config.from_environment(PRODUCTION)

    assert config.mode is Mode.PRODUCTION and config.uses_https and not config.is_demo
    assert config.base_url == "https://konto.example.org"
    assert config.database_url == "postgresql+psycopg://app@db/servicekonto?sslmode=verify-full"
    assert config.migration_database_url == "postgresql+psycopg://owner@db/servicekonto?sslmode=verify-full"
    assert [key.key_id for key in config.master_keys] == ["2026b", "2026a"]
    assert (config.audit_keys, config.audit_checkpoints) == ((), None)
    assert (config.argon2_memory_kib, config.argon2_passes, config.trusted_proxies) == (19 * 1024, 2, 0)


def test_the_audit_trail_has_keys_of_its_own_and_a_folder_when_they_are_configured(tmp_path: Path) -> None:
    environ = changed(PRODUCTION, "AUDIT_KEY", f"2027a:{a_key('new')},2026a:{a_key('old')}")

    config = Config.from_environment(changed(environ, "AUDIT_CHECKPOINTS", str(tmp_path)))

    assert [key.key_id for key in config.audit_keys] == ["2027a", "2026a"]
    assert config.audit_checkpoints == tmp_path


@pytest.mark.parametrize("name", ["MODE", "BASE_URL", "DATABASE_URL", "MASTER_KEY", "SECRET_KEY"])
def test_what_has_no_safe_default_has_to_be_there(name: str) -> None:
    for environ in (without(PRODUCTION, name), changed(PRODUCTION, name, "  ")):
        with pytest.raises(ConfigError, match=name):
            Config.from_environment(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "test"),
        ("MODE", "PRODUCTION"),
        ("BASE_URL", "konto.example.org"),
        ("BASE_URL", "ftp://konto.example.org"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "http://konto.example.org"),
        ("BASE_URL", "http://localhost:8000"),
        ("DATABASE_URL", "mysql://app@db/servicekonto"),
        ("DATABASE_URL", "sqlite:////var/lib/servicekonto.sqlite3"),
        ("DATABASE_URL", "postgresql://app@db/servicekonto"),
        ("DATABASE_URL", "postgresql://app@db/servicekonto?sslmode=require"),
        ("DATABASE_URL", "postgresql://app@/servicekonto?host=db"),
        ("DATABASE_URL", "postgresql://app@localhost/servicekonto?host=db"),
        ("MIGRATION_DATABASE_URL", "postgresql://owner@db/servicekonto"),
        ("MIGRATION_DATABASE_URL", "postgresql://app@127.0.0.1/servicekonto"),
        ("MIGRATION_DATABASE_URL", "postgresql://app@/servicekonto?application_name=migration"),
        ("MASTER_KEY", a_key("without an id")),
        ("MASTER_KEY", "2026a:no base64!"),
        ("MASTER_KEY", f"2026a:{TOO_SHORT}"),
        ("MASTER_KEY", f"2026a:{NOT_RANDOM}"),
        ("MASTER_KEY", f"2026a:{a_key('x')},2026a:{a_key('y')}"),
        ("MASTER_KEY", f"{'x' * 33}:{a_key('x')}"),
        ("SECRET_KEY", TOO_SHORT),
        ("SECRET_KEY", NOT_RANDOM),
        ("SECRET_KEY", "geheim"),
        ("AUDIT_KEY", a_key("without an id")),
        ("AUDIT_KEY", f"2026a:{NOT_RANDOM}"),
        ("AUDIT_KEY", f"2026a:{a_key('x')},2026a:{a_key('y')}"),
        ("AUDIT_KEY", f"secret-key:{a_key('x')}"),
        ("AUDIT_CHECKPOINTS", "/nowhere/at/all"),
        ("SMTP_URL", ""),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://mail.example.org"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "many"),
        ("TRUSTED_PROXIES", "²"),
        ("ARGON2_MEMORY_KIB", "8"),
        ("ARGON2_PASSES", "1"),
        ("ARGON2_CONCURRENCY", "0"),
        ("METRICS_PORT", "9464"),
    ],
)
def test_an_unsafe_production_does_not_start(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_environment(changed(PRODUCTION, name, value))


@pytest.mark.parametrize(
    "database",
    [
        "postgresql://app@127.0.0.1/servicekonto",
        "postgresql://app@localhost:5433/servicekonto",
        "postgresql://app@/servicekonto?host=/run/postgresql",
        "postgresql:///servicekonto",
    ],
)
def test_on_this_machine_nothing_has_to_be_encrypted(database: str) -> None:
    environ = changed(without(PRODUCTION, "MIGRATION_DATABASE_URL"), "DATABASE_URL", database)

    assert Config.from_environment(changed(environ, "SMTP_URL", "smtp://localhost")).mode is Mode.PRODUCTION


def test_the_application_runs_without_knowing_the_owner_of_the_tables() -> None:
    config = Config.from_environment(without(PRODUCTION, "MIGRATION_DATABASE_URL"))

    assert config.migration_database_url == config.database_url


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_production_does_not_start_for_debugging(value: str) -> None:
    with pytest.raises(ConfigError, match="FLASK_DEBUG"):
        Config.from_environment(PRODUCTION | {"FLASK_DEBUG": value})

    assert Config.from_environment(PRODUCTION | {"FLASK_DEBUG": "0"}).mode is Mode.PRODUCTION


@pytest.mark.parametrize("cost", [("ARGON2_MEMORY_KIB", "1000000"), ("ARGON2_PASSES", "3")])
def test_much_of_one_cost_does_not_make_up_for_too_little_of_the_other(cost: tuple[str, str]) -> None:
    other = {"ARGON2_MEMORY_KIB": ("ARGON2_PASSES", "1"), "ARGON2_PASSES": ("ARGON2_MEMORY_KIB", "8")}[
        cost[0]
    ]

    with pytest.raises(ConfigError, match="ARGON2"):
        Config.from_environment(changed(changed(PRODUCTION, *cost), *other))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "127.8.9.1", "[::1]:8000"])
def test_a_demonstration_runs_on_plain_http_on_this_machine_itself(host: str) -> None:
    assert Config.from_environment(changed(demo(), "BASE_URL", f"http://{host}")).is_demo


@pytest.mark.parametrize("host", ["192.168.0.7", "localhost.example.org", "0.0.0.0"])  # noqa: S104
def test_a_demonstration_elsewhere_needs_https(host: str) -> None:
    with pytest.raises(ConfigError, match="BASE_URL"):
        Config.from_environment(changed(demo(), "BASE_URL", f"http://{host}"))


def test_a_demonstration_cannot_call_itself_official() -> None:
    with pytest.raises(ConfigError, match="OFFICIAL_LABEL"):
        Config.from_environment(changed(demo(), "OFFICIAL_LABEL", "Offizielle Website – Hessen"))


def test_a_message_never_quotes_a_secret() -> None:
    with pytest.raises(ConfigError) as refused:
        Config.from_environment(changed(PRODUCTION, "SECRET_KEY", "mein-geheimes-wort"))

    assert "mein-geheimes-wort" not in str(refused.value)
