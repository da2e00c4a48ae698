"""Servicekonto: one account for everybody in Hessen, the account that knows deadlines."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import PROJECT_ROOT, Config
from servicekonto.composition import register_blueprints, register_commands, register_packages
from servicekonto.core import logs, settings
from servicekonto.core.connections import CONNECT_ARGS
from servicekonto.core.db import db
from servicekonto.operations import migrating, safety
from servicekonto.web import (
    assets,
    correlation,
    errors,
    i18n,
    idempotency,
    navigation,
    security,
    typed_text,
    uploads,
)
from servicekonto.web.application import Servicekonto

MAX_REQUEST_BYTES = 1024 * 1024  # forms only; uploads get a limit of their own
MAX_FORM_FIELDS = 2000
CONNECTIONS = 20  # at least one for each blocking thread of the server


def create_app(config: Config) -> Servicekonto:
    """The application, ready to serve. Raises ConfigError or stops with a message where it must not start."""
    logs.configure()
    safety.refuse_unsafe(config)
    app = Servicekonto(__name__, template_folder=str(PROJECT_ROOT / "templates"), static_folder=None)
    app.config.from_mapping(_flask_settings(config))
    app.jinja_env.lstrip_blocks = True  # fewer bytes, and the text is the same
    settings.install(app, config)
    db.init_app(app)
    migrating.register(app)
    _register_web(app, config)
    register_packages(app)
    register_blueprints(app)
    register_commands(app)
    _trust_proxies(app, config.trusted_proxies)
    return app


def _register_web(app: Flask, config: Config) -> None:
    uploads.register(app)
    correlation.register(app, trust_incoming=config.trusted_proxies > 0)
    security.register(app)
    typed_text.register(app)
    i18n.register(app)
    errors.register(app)
    assets.register(app, config.asset_root)
    navigation.register(app, config)
    app.jinja_env.globals.update(idempotency_field=idempotency.idempotency_field, demo_mode=config.is_demo)


def _trust_proxies(app: Flask, hops: int) -> None:
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _flask_settings(config: Config) -> dict[str, Any]:
    cookie = "servicekonto-form"
    return {
        "SECRET_KEY": settings.cookie_key(config),
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(config.database_url),
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_REQUEST_BYTES,
        "MAX_FORM_PARTS": MAX_FORM_FIELDS,
        "SESSION_COOKIE_NAME": f"__Host-{cookie}" if config.uses_https else cookie,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.uses_https,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the browser's session
        "TRAP_HTTP_EXCEPTIONS": False,
    }


def _engine_options(database_url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": CONNECTIONS}
    if database_url.startswith("postgresql"):
        options["connect_args"] = CONNECT_ARGS
    return options
