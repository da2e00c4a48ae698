"""Configuration: read from the environment once, typed, frozen. Unsafe combinations stop the start."""

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

PROJECT_ROOT = Path(__file__).resolve().parent
_PREFIX = "SERVICEKONTO_"
DERIVED_AUDIT_KEY = "secret-key"
_LOOPBACK_NAMES = {"localhost"}


Choice = TypeVar("Choice", bound=StrEnum)


class ConfigError(Exception):
    """The message names the variable and says what to do."""


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class SyncedPasskeyLevel(StrEnum):
    """What a passkey proves that may have been copied to other devices. TR-03107-1 § 4.2 forbids copies of a
    key above *normal*, so low unless the operator has decided otherwise.
    """

    LOW = "low"
    SUBSTANTIAL = "substantial"


@dataclass(frozen=True, kw_only=True)
class MasterKey:
    """Wraps data keys (AES-256). ``key_id`` stands beside every wrapped key: keys can be rotated."""

    key_id: str
    key: bytes


@dataclass(frozen=True, kw_only=True)
class AuditKey:
    """Chains the audit trail. ``key_id`` stands in every entry sealed with it."""

    key_id: str
    key: bytes


@dataclass(frozen=True, kw_only=True)
class Config:
    """``master_keys``: the first is in use, the others only open what was sealed with them. So with
    ``audit_keys``; without any, the trail is chained with a key derived from the secret.
    """

    mode: Mode
    base_url: str
    database_url: str
    migration_database_url: str
    master_keys: tuple[MasterKey, ...]
    secret_key: bytes
    audit_keys: tuple[AuditKey, ...]
    audit_checkpoints: Path | None
    smtp_url: str | None
    mail_from: str
    trusted_proxies: int
    asset_root: Path
    official_label: str | None
    operator_name: str
    contact_email: str
    metrics_host: str
    metrics_port: int
    argon2_concurrency: int
    argon2_memory_kib: int
    argon2_passes: int
    synced_passkey_level: SyncedPasskeyLevel

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def uses_https(self) -> bool:
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """Raises ConfigError; the first problem found is the message."""
        read = _Reader(environ)
        mode = read.choice("MODE", Mode)
        if mode is Mode.PRODUCTION and environ.get("FLASK_DEBUG", "").lower() not in {"", "0", "false", "no"}:
            raise ConfigError("FLASK_DEBUG must not be set in production")
        database_url = _database_url(read.text("DATABASE_URL"))
        config = cls(
            mode=mode,
            base_url=read.text("BASE_URL").rstrip("/"),
            database_url=database_url,
            migration_database_url=_database_url(read.optional("MIGRATION_DATABASE_URL") or database_url),
            master_keys=_master_keys(read.text("MASTER_KEY")),
            secret_key=_key("SECRET_KEY", read.text("SECRET_KEY")),
            audit_keys=_audit_keys(read.optional("AUDIT_KEY")),
            audit_checkpoints=_folder("AUDIT_CHECKPOINTS", read.optional("AUDIT_CHECKPOINTS")),
            smtp_url=read.optional("SMTP_URL"),
            mail_from=read.optional("MAIL_FROM") or "servicekonto@localhost",
            trusted_proxies=read.number("TRUSTED_PROXIES", default=0, at_least=0),
            asset_root=Path(read.optional("ASSET_ROOT") or default_asset_root()),
            official_label=read.optional("OFFICIAL_LABEL"),
            operator_name=read.optional("OPERATOR_NAME") or "Betreiber dieser Installation",
            contact_email=read.optional("CONTACT_EMAIL") or "kontakt@example.org",
            metrics_host=read.optional("METRICS_HOST") or "127.0.0.1",
            metrics_port=_metrics_port(read, environ),
            argon2_concurrency=read.number("ARGON2_CONCURRENCY", default=4, at_least=1),
            argon2_memory_kib=read.number("ARGON2_MEMORY_KIB", default=19 * 1024, at_least=8),
            argon2_passes=read.number("ARGON2_PASSES", default=2, at_least=1),
            synced_passkey_level=read.choice("SYNCED_PASSKEY_LEVEL", SyncedPasskeyLevel, default="low"),
        )
        _refuse_unsafe(config)
        return config


def default_asset_root() -> Path:
    """Where ``dev.py`` puts the packages of this lock file: a new lock file means a new folder."""
    lock = (PROJECT_ROOT / "package-lock.json").read_bytes()
    return PROJECT_ROOT / "build" / "oberflaeche" / hashlib.sha256(lock).hexdigest()


def _metrics_port(read: "_Reader", environ: Mapping[str, str]) -> int:
    """0: nobody wants them."""
    port = read.number("METRICS_PORT", default=0, at_least=0)
    if port and not Path(environ.get("PROMETHEUS_MULTIPROC_DIR", "/nowhere")).is_dir():
        raise ConfigError(f"{_PREFIX}METRICS_PORT needs an existing folder in PROMETHEUS_MULTIPROC_DIR")
    return port


def _refuse_unsafe(config: Config) -> None:
    parts = urlsplit(config.base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{_PREFIX}BASE_URL must be a full address such as https://konto.example.org")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ConfigError(f"{_PREFIX}BASE_URL: http is only allowed on this machine itself; use https")
    if config.smtp_url and urlsplit(config.smtp_url).scheme not in {"smtp", "starttls", "smtps"}:
        raise ConfigError(f"{_PREFIX}SMTP_URL must start with smtp://, starttls:// or smtps://")
    if config.mode is Mode.PRODUCTION:
        _refuse_unsafe_production(config)
    elif config.official_label:
        raise ConfigError(f"{_PREFIX}OFFICIAL_LABEL: a demonstration is no official website")


def _refuse_unsafe_production(config: Config) -> None:
    if not config.uses_https:
        raise ConfigError(f"{_PREFIX}BASE_URL must start with https:// in production")
    if not config.database_url.startswith("postgresql"):
        raise ConfigError(f"{_PREFIX}DATABASE_URL must be PostgreSQL in production")
    _refuse_unsafe_database(config)
    if not config.smtp_url:
        raise ConfigError(f"{_PREFIX}SMTP_URL is missing: without it nobody is notified")
    smtp = urlsplit(config.smtp_url)
    if smtp.scheme == "smtp" and not _is_loopback(smtp.hostname or ""):
        raise ConfigError(f"{_PREFIX}SMTP_URL: smtp:// is not encrypted; use starttls:// or smtps://")
    if config.argon2_memory_kib < 19 * 1024 or config.argon2_passes < 2:
        raise ConfigError(f"{_PREFIX}ARGON2_MEMORY_KIB/ARGON2_PASSES are below 19 MiB and 2 passes")


def _refuse_unsafe_database(config: Config) -> None:
    urls = {"DATABASE_URL": config.database_url, "MIGRATION_DATABASE_URL": config.migration_database_url}
    for name, url in urls.items():
        if not (_is_on_this_machine(url) or parse_qs(urlsplit(url).query).get("sslmode") == ["verify-full"]):
            raise ConfigError(
                f"{_PREFIX}{name}: the database is on another machine; "
                "add ?sslmode=verify-full&sslrootcert=FILE, or nothing keeps the way to it secret"
            )
    if len(set(urls.values())) == 2 and len({urlsplit(url).username for url in urls.values()}) == 1:
        raise ConfigError(
            f"{_PREFIX}MIGRATION_DATABASE_URL must name the owner role; "
            f"{_PREFIX}DATABASE_URL the restricted role of the application"
        )


def _is_on_this_machine(database_url: str) -> bool:
    """Also through a socket, which is a folder or no host at all."""
    parts = urlsplit(database_url)
    hosts = [parts.hostname or "", *parse_qs(parts.query).get("host", ())]
    return all(not host or host.startswith("/") or _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` both mean psycopg 3."""
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise ConfigError(f"{_PREFIX}DATABASE_URL must be sqlite:///… or postgresql://…")
    return url


def _master_keys(text: str) -> tuple[MasterKey, ...]:
    return tuple(MasterKey(key_id=key_id, key=key) for key_id, key in _named_keys("MASTER_KEY", text))


def _audit_keys(text: str | None) -> tuple[AuditKey, ...]:
    keys = _named_keys("AUDIT_KEY", text) if text else []
    if any(key_id == DERIVED_AUDIT_KEY for key_id, _key_itself in keys):
        raise ConfigError(
            f"{_PREFIX}AUDIT_KEY: the key derived from the secret is called {DERIVED_AUDIT_KEY}"
        )
    return tuple(AuditKey(key_id=key_id, key=key) for key_id, key in keys)


def _named_keys(name: str, text: str) -> list[tuple[str, bytes]]:
    """``2026a:BASE64`` or several of them separated by commas, the one in use first."""
    keys = []
    for entry in text.split(","):
        key_id, separator, encoded = entry.strip().partition(":")
        if not separator or not re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", key_id):
            raise ConfigError(f"{_PREFIX}{name} must look like 2026a:BASE64")
        keys.append((key_id, _key(name, encoded)))
    if len({key_id for key_id, _key_itself in keys}) != len(keys):
        raise ConfigError(f"{_PREFIX}{name} names one key id twice")
    return keys


def _folder(name: str, text: str | None) -> Path | None:
    if text and not Path(text).is_dir():
        raise ConfigError(f"{_PREFIX}{name} must be an existing folder")
    return Path(text) if text else None


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ConfigError(f"{_PREFIX}{name} is not base64") from error
    if len(key) != 32:
        raise ConfigError(f"{_PREFIX}{name} must be 32 random bytes in base64 (openssl rand -base64 32)")
    if len(set(key)) < 8:
        raise ConfigError(f"{_PREFIX}{name} is not random")
    return key


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def optional(self, name: str) -> str | None:
        return self._environ.get(_PREFIX + name, "").strip() or None

    def text(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            raise ConfigError(f"{_PREFIX}{name} is missing")
        return value

    def choice(self, name: str, options: type[Choice], *, default: str | None = None) -> Choice:
        try:
            return options(self.optional(name) or default or self.text(name))
        except ValueError as error:
            raise ConfigError(f"{_PREFIX}{name} must be one of: {', '.join(options)}") from error

    def number(self, name: str, *, default: int, at_least: int) -> int:
        text = self.optional(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or int(text) < at_least:
            raise ConfigError(f"{_PREFIX}{name} must be a whole number, at least {at_least}")
        return int(text)
