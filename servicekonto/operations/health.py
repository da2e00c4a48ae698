"""Is the process alive, and can it serve? No details for strangers: only ready or not."""

import functools

import sqlalchemy as sa
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from config import PROJECT_ROOT
from servicekonto.core.db import db
from servicekonto.core.settings import settings
from servicekonto.operations import safety
from servicekonto.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/livez")
@public
def livez() -> ResponseReturnValue:
    return jsonify(status="alive")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Database reachable and migrated to what this code expects.

    Deferred work that stands still does not take the website away from people: that is for the metrics.
    """
    try:
        ready = _migrated() and (settings().is_demo or safety.is_safe())
    except SQLAlchemyError:
        ready = False
    return jsonify(status="ready" if ready else "not ready"), 200 if ready else 503


def _migrated() -> bool:
    version: str | None = db.session.scalar(sa.text("select version_num from alembic_version"))
    return version == expected_head()


@functools.cache
def expected_head() -> str | None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
