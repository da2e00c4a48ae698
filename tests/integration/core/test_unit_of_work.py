"""Returning commits, raising rolls back, a GET changes nothing: with real commits on both databases."""

import threading

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from servicekonto.catalogue.models import Service
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.support.testing_views import ERRORS
from tests.support.testing_views import bp as testing_views

KEY = "written-by-a-test"


@pytest.fixture
def visitor(committed_app: Servicekonto) -> FlaskClient:
    committed_app.register_blueprint(testing_views)
    committed_app.config["WTF_CSRF_ENABLED"] = False
    return committed_app.test_client()


def is_written(app: Servicekonto) -> bool:
    with app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        return db.session.scalar(sa.select(Service.id).where(Service.key == KEY)) is not None


def test_a_returned_answer_commits_even_if_it_is_an_error_page(
    committed_app: Servicekonto, visitor: FlaskClient
) -> None:
    assert visitor.post(f"/_testing/returns-422?key={KEY}").status_code == 422

    assert is_written(committed_app)


@pytest.mark.parametrize("path", ["aborts", *(f"raises/{name}" for name in ERRORS)])
def test_a_raised_answer_rolls_back(committed_app: Servicekonto, visitor: FlaskClient, path: str) -> None:
    committed_app.testing = False  # a bug is answered, not raised

    assert visitor.post(f"/_testing/{path}?key={KEY}").status_code in {403, 404, 409, 422, 500, 503}

    assert not is_written(committed_app)


@pytest.mark.parametrize("path", ["returns-422", "swallows"])
def test_a_get_physically_cannot_write(committed_app: Servicekonto, visitor: FlaskClient, path: str) -> None:
    committed_app.testing = False

    answer = visitor.get(f"/_testing/{path}?key={KEY}")

    assert "written" not in answer.text
    assert not is_written(committed_app)


@pytest.mark.parametrize("path", ["may-write", "own"])
def test_a_get_that_is_marked_writes(committed_app: Servicekonto, visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(f"/_testing/{path}?key={KEY}")

    assert answer.text in {"written", "open: False"}
    assert is_written(committed_app)


def test_after_a_get_the_same_connection_writes_again(
    committed_app: Servicekonto, visitor: FlaskClient
) -> None:
    committed_app.testing = False
    for _ in range(3):
        visitor.get(f"/_testing/swallows?key={KEY}")

    assert visitor.post(f"/_testing/returns-422?key={KEY}").status_code == 422
    assert is_written(committed_app)


def test_a_reader_does_not_wait_for_a_writer(committed_app: Servicekonto) -> None:
    writing, done = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with committed_app.app_context(), scoped(SYSTEM), unit_of_work():
            db.session.add(Service(key=KEY, slug=KEY))
            db.session.flush()
            writing.set()
            done.wait(10)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    writing.wait(10)
    assert not is_written(committed_app)
    done.set()
    writer.join()

    assert is_written(committed_app)


def test_reading_leaves_nothing_behind_on_a_connection_that_is_used_again(
    committed_app: Servicekonto,
) -> None:
    with committed_app.app_context():
        with unit_of_work(read_only=True):
            db.session.execute(sa.text("select 1"))

        with db.engine.begin() as connection:
            connection.execute(sa.text("delete from service where key = 'nothing'"))
