import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from servicekonto.core import settings
from servicekonto.web.application import Servicekonto
from tests.support.mail_server import free_port


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def smtp_port(app: Servicekonto, database: None) -> Iterator[int]:
    """Where the application delivers mails. Nobody listens there yet."""
    port = free_port()
    with configured(app, smtp_url=f"smtp://127.0.0.1:{port}"):
        yield port


@contextmanager
def configured(app: Servicekonto, **changes: Any) -> Iterator[None]:
    """The application with other settings for a while."""
    before = settings.settings()
    settings.install(app, dataclasses.replace(before, **changes))
    yield
    settings.install(app, before)
