"""The running demonstration and people with browsers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from werkzeug.routing import Map

from config import Config
from servicekonto import create_app
from servicekonto.accounts import passwords
from servicekonto.accounts.commands import create_account
from servicekonto.accounts.models import AccountKind
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.browser.visitor import PASSWORD, Visitor
from tests.conftest import test_environment
from tests.support.browser import context
from tests.support.databases import sqlite_urls
from tests.support.server import Server, running_server

Visit = Callable[..., Visitor]
SignIn = Callable[[Visitor], str]
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(test_environment(sqlite_urls(folder)), folder) as server:
        yield server


@pytest.fixture(scope="session")
def server_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web server and the worker connect as the restricted role."""
    from tests.support.postgres import new_database  # noqa: PLC0415 - starts the database

    folder = tmp_path_factory.mktemp("server-on-postgresql")
    with running_server(test_environment(new_database()), folder) as server:
        yield server


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens a browser of its own for somebody; options as for ``tests.support.browser.context``."""
    with ExitStack() as stack:

        def open_browser(**options: object) -> Visitor:
            options = {"base_url": server.base_url, **options}
            opened = stack.enter_context(context(browser, **options))  # type: ignore[arg-type]
            return Visitor(opened.new_page())

        yield open_browser


@pytest.fixture(scope="session")
def application(server: Server) -> Servicekonto:
    """What the server runs, here in this process."""
    return create_app(Config.from_environment(server.environ))


@pytest.fixture
def sign_in_somebody_new(application: Servicekonto) -> SignIn:
    """Without registering: one network may do that a few times an hour only. Returns the address."""

    def sign_in(visitor: Visitor) -> str:
        email = f"{uuid4().hex[:12]}@example.org"
        with application.app_context(), scoped(SYSTEM):
            encoded_hash = passwords.hash_password(PASSWORD)
            with unit_of_work():
                create_account(
                    email, kind=AccountKind.CITIZEN, encoded_hash=encoded_hash, by=None, at=clock.now()
                )
        visitor.sign_in(email)
        return email

    return sign_in


@pytest.fixture(scope="session")
def url_map(application: Servicekonto) -> Map:
    return application.url_map
