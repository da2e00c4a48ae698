"""The same form sent twice does one thing: with threads and real commits on both databases."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs.models import Job
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.models import RequestEvent, ServiceRequest
from servicekonto.web.application import Servicekonto
from servicekonto.web.idempotency import IdempotencyKey
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import create_draft, put_birth_certificates_online
from tests.support.threads import at_the_same_time

SUBMITS = 20


class Browser:
    """Somebody with a complete draft, on a database of their own."""

    def __init__(self, app: Servicekonto) -> None:
        self.app = app
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context(), scoped(SYSTEM):
            put_birth_certificates_online()
            account = create_account()
            self.draft_id: UUID = create_draft(account).id
            self.token = sign_in(app.test_client(), account)

    def client(self) -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie("servicekonto", self.token, domain="localhost")
        return client

    def submit(self, key: str | None) -> TestResponse:
        form = {"idempotency_key": key} if key is not None else {}
        return self.client().post(f"/antraege/{self.draft_id}/einreichen", data=form)

    def start(self, key: str) -> TestResponse:
        form = {"idempotency_key": key, "neu": "1"}
        return self.client().post("/antraege/neu/geburtsurkunde", data=form)

    def count(self, what: type) -> int:
        with self.app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
            return db.session.scalar(sa.select(sa.func.count()).select_from(what)) or 0

    def change(self, **answers: object) -> None:
        with self.app.app_context(), scoped(SYSTEM), unit_of_work():
            drafts.save(db.session.get_one(ServiceRequest, self.draft_id), answers, at=SOME_DAY)


@pytest.fixture
def browser(committed_app: Servicekonto) -> Browser:
    return Browser(committed_app)


def test_twenty_submits_of_one_form_make_one_request(browser: Browser) -> None:
    key = str(uuid4())

    answers = at_the_same_time(lambda _number: browser.submit(key), times=SUBMITS)

    assert {(answer.status_code, answer.location) for answer in answers} == {
        (303, f"/antraege/{browser.draft_id}/eingang")
    }
    assert browser.count(ServiceRequest) == 1
    with browser.app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        kinds = list(db.session.scalars(sa.select(RequestEvent.kind).order_by(RequestEvent.sequence)))
        jobs = sorted(
            db.session.scalars(sa.select(Job.kind).where(Job.kind.in_(["make_receipt", "send_mail"])))
        )
    assert kinds == ["created", "submitted", "received"]
    assert jobs == ["make_receipt", "send_mail"]


def test_twenty_starts_with_one_key_make_one_draft(browser: Browser) -> None:
    key = str(uuid4())

    answers = at_the_same_time(lambda _number: browser.start(key), times=SUBMITS)

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert browser.count(ServiceRequest) == 2


def test_submits_of_two_open_tabs_make_one_request(browser: Browser) -> None:
    answers = at_the_same_time(lambda _number: browser.submit(str(uuid4())), times=8)

    assert {answer.status_code for answer in answers} == {303}
    assert browser.count(ServiceRequest) == 1
    assert browser.count(RequestEvent) == 3


@pytest.mark.parametrize("key", [None, "", "no uuid", "01890000"])
def test_without_a_key_nothing_is_done(browser: Browser, key: str | None) -> None:
    answer = browser.submit(key)

    assert answer.status_code == 428
    assert (browser.count(IdempotencyKey), browser.count(RequestEvent)) == (0, 1)


def test_a_form_that_was_refused_may_use_its_key_again(browser: Browser) -> None:
    key = str(uuid4())
    browser.change(purpose="")
    assert browser.submit(key).status_code == 422
    assert browser.count(IdempotencyKey) == 0

    browser.change(purpose="marriage")

    assert browser.submit(key).status_code == 303


def test_what_became_of_a_form_can_be_asked(browser: Browser) -> None:
    key = str(uuid4())
    assert browser.client().get(f"/vorgang/{key}").status_code == 404

    browser.submit(key)

    answer = browser.client().get(f"/vorgang/{key}")
    assert (answer.status_code, answer.location) == (303, f"/antraege/{browser.draft_id}/eingang")


def test_the_key_of_somebody_else_says_nothing(browser: Browser) -> None:
    key = str(uuid4())
    browser.submit(key)
    with browser.app.app_context(), scoped(SYSTEM):
        browser.token = sign_in(browser.app.test_client(), create_account())

    assert browser.client().get(f"/vorgang/{key}").status_code == 404
    assert browser.submit(key).status_code == 404


def test_a_key_belongs_to_one_form(browser: Browser) -> None:
    """Otherwise somebody would believe that the second form was sent too."""
    key = str(uuid4())
    browser.start(key)

    assert browser.submit(key).status_code == 409
