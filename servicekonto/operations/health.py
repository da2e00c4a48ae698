"""Is the process alive, and can it serve? No details for strangers: only ready or not."""

import functools

import sqlalchemy as sa
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from config import PROJECT_ROOT
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.core.settings import settings
from servicekonto.jobs.queries import queue_age
from servicekonto.operations import database_role
from servicekonto.web.access import public

OLDEST_JOB = 15 * 60  # seconds; a worker that is gone shows here

bp = Blueprint("health", __name__)


@bp.get("/livez")
@public
def livez() -> ResponseReturnValue:
    return jsonify(status="alive")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Database reachable, migrated to what this code expects, and deferred work moving."""
    try:
        ready = _migrated() and _is_safe() and queue_age(clock.now()) < OLDEST_JOB
    except SQLAlchemyError:
        ready = False
    return jsonify(status="ready" if ready else "not ready"), 200 if ready else 503


def _is_safe() -> bool:
    return settings().is_demo or database_role.is_restricted()


def _migrated() -> bool:
    version: str | None = db.session.scalar(sa.text("select version_num from alembic_version"))
    return version == expected_head()


@functools.cache
def expected_head() -> str | None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
