from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Config
from servicekonto.core import settings
from tests.conftest import test_environment
from tests.support.databases import sqlite_urls


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Flask]:
    """The configuration alone: keys, but neither database nor pages."""
    app = Flask("keys")
    settings.install(app, Config.from_environment(test_environment(sqlite_urls(tmp_path))))
    with app.app_context():
        yield app
