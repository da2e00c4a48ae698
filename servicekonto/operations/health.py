"""Is the process alive, and can it serve? No details for strangers: only ready or not."""

import functools
import re

import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from config import PROJECT_ROOT
from servicekonto.core.db import db
from servicekonto.core.settings import settings
from servicekonto.operations import safety
from servicekonto.web.access import public

bp = Blueprint("health", __name__)

_REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
_DOWN_REVISION = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)


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
    """The migration that no other one continues. Read from the files: a web server needs no Alembic."""
    texts = [file.read_text(encoding="utf-8") for file in (PROJECT_ROOT / "migrations/versions").glob("*.py")]
    return max(_all(_REVISION, texts) - _all(_DOWN_REVISION, texts), default=None)


def _all(name: re.Pattern[str], texts: list[str]) -> set[str]:
    return {found[1] for text in texts if (found := name.search(text))}
