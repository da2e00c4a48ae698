"""The PDF compiler needs settings and nothing else of the application."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Config
from servicekonto.core import settings
from servicekonto.web import i18n
from tests.conftest import test_environment
from tests.support.databases import sqlite_urls


@pytest.fixture(params=["our fonts", "no fonts"])
def fonts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """With the fonts that the set-up makes, and where they are missing."""
    config = Config.from_environment(test_environment(sqlite_urls(tmp_path)))
    if request.param == "no fonts":
        config = dataclasses.replace(config, asset_root=tmp_path)
    app = Flask("files")
    settings.install(app, config)
    i18n.register(app)
    with app.app_context():
        yield request.param
