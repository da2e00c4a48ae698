"""A page of a draft saves itself; and what is new shows without reloading."""

import time
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Route, expect

from servicekonto.authorities.models import Authority
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.postbox import commands as postbox
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.application import Servicekonto
from tests.browser import birth_certificate
from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import Visitor
from tests.support.server import Server

SAVED = "Gespeichert um"
PATIENCE = 5  # seconds: the browser sends it while it leaves


@pytest.fixture
def citizen(visit: Visit, sign_in_somebody_new: SignIn) -> Visitor:
    visitor = visit()
    sign_in_somebody_new(visitor)
    draft = birth_certificate.begin(visitor)
    return visitor.open(f"{draft}/seite/ihre-angaben")


def another_tab(visitor: Visitor) -> Visitor:
    return Visitor(visitor.page.context.new_page()).open(visitor.path)


def test_a_pause_in_typing_saves_without_complaining(citizen: Visitor) -> None:
    citizen.fill("Vornamen", "Klara")

    expect(citizen.page.locator(".sk-saved")).to_contain_text(SAVED)
    assert citizen.errors == []
    assert another_tab(citizen).value("Vornamen") == "Klara"


def test_leaving_the_page_saves_at_once(citizen: Visitor) -> None:
    path = citizen.path
    citizen.fill("Vornamen", "Käthe")

    citizen.open("/hilfe")

    deadline = time.monotonic() + PATIENCE
    while citizen.open(path).value("Vornamen") != "Käthe":
        assert time.monotonic() < deadline, "what was typed is lost"


def test_a_failure_is_said_and_made_good(citizen: Visitor) -> None:
    note = citizen.page.locator(".sk-saved")

    def fail(route: Route) -> None:
        route.abort()

    citizen.page.route("**/zwischenstand", fail)
    citizen.fill("Vornamen", "Klara")
    expect(note).to_contain_text("Nicht gespeichert")

    citizen.page.unroute("**/zwischenstand")

    expect(note).to_contain_text(SAVED, timeout=10_000)


def test_a_stale_tab_does_not_overwrite_the_newer_one(citizen: Visitor) -> None:
    other = another_tab(citizen)
    other.fill("Vornamen", "Neu")
    expect(other.page.locator(".sk-saved")).to_contain_text(SAVED)

    citizen.page.bring_to_front()
    citizen.fill("Vornamen", "Alt")

    expect(citizen.page.locator(".sk-saved")).to_contain_text("in einem anderen Fenster")
    assert another_tab(citizen).value("Vornamen") == "Neu"


def test_a_new_status_shows_politely(visit: Visit, server: Server, application: Servicekonto) -> None:
    citizen = visit().sign_in_as(server.people["citizens"][0])
    citizen.open("/antraege/").page.locator("section:nth-of-type(2) article a").first.click()
    with citizen.page.expect_response("**/antraege/stand*"):
        citizen.page.reload()
    request_id = citizen.path.rpartition("/")[2]
    with application.app_context(), scoped(SYSTEM), unit_of_work():
        found = db.session.get_one(ServiceRequest, UUID(request_id))
        found.updated_at = clock.now()

    citizen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(citizen.page.get_by_role("status").filter(has_text="Es gibt etwas Neues.")).to_be_visible()
    assert citizen.page.get_by_role("link", name="Seite neu laden").is_visible()


def test_news_in_the_postbox_are_counted_without_reloading(
    citizen: Visitor, application: Servicekonto
) -> None:
    draft_id = UUID(citizen.path.split("/")[2])
    badge = citizen.page.get_by_role("navigation", name="Hauptnavigation").locator(".sk-count")
    with citizen.page.expect_response("**/antraege/stand*"):
        citizen.open("/antraege/")
    assert badge.count() == 0
    with application.app_context(), scoped(SYSTEM), unit_of_work():
        write_message(db.session.get_one(ServiceRequest, draft_id))

    citizen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(badge).to_have_text("1 neu")
    citizen.open("/postfach/").follow("Probe")
    citizen.open("/antraege/")
    assert badge.count() == 0


def write_message(about: ServiceRequest) -> None:
    postbox.provide(
        account_id=about.account_id,
        sender=db.session.scalars(sa.select(Authority).limit(1)).one(),
        service_request_id=about.id,
        subject="Probe",
        body="Nur zur Probe.",
        document_kind=None,
        at=clock.now(),
    )
