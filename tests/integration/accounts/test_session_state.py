"""What the warning before the end of a session asks the server."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import create_account, sign_in
from tests.support.client import PageClient

IDLE = timedelta(minutes=60)
ADDRESS = "/konto/sitzung"


def last_seen() -> object:
    return db.session.scalar(sa.select(LoginSession.last_seen_at))


def extend(client: PageClient) -> dict[str, object]:
    token = str(client.get("/hilfe").select("input[name=csrf_token]")[0]["value"])
    answer = client.client.post(ADDRESS, data={"csrf_token": token})
    return dict(answer.get_json())


@pytest.mark.parametrize("path", [ADDRESS, "/antraege/stand"])
def test_asking_does_not_extend_the_session(client: PageClient, path: str) -> None:
    sign_in(client, create_account(), at=clock.now() - timedelta(minutes=57))
    before = last_seen()

    answer = client.client.get(path)

    db.session.expire_all()
    assert answer.status_code == 200
    assert last_seen() == before


def test_it_says_how_long_is_left(client: PageClient) -> None:
    sign_in(client, create_account(), at=clock.now() - timedelta(minutes=57))

    state = client.client.get(ADDRESS).get_json()

    assert 170 <= state["seconds"] <= 180
    assert state["can_extend"] is True


def test_one_click_extends_it(client: PageClient) -> None:
    sign_in(client, create_account(), at=clock.now() - timedelta(minutes=57))
    token = str(client.get("/abmelden").select("form[action='/abmelden'] input[name=csrf_token]")[0]["value"])
    with unit_of_work():  # opening the page was a use of the session too
        db.session.execute(sa.update(LoginSession).values(last_seen_at=clock.now() - timedelta(minutes=57)))

    state = client.client.post(ADDRESS, data={"csrf_token": token}).get_json()

    assert 3590 <= state["seconds"] <= 3600
    assert client.client.get(ADDRESS).get_json()["seconds"] > 3500


def test_nothing_goes_beyond_the_absolute_limit(client: PageClient) -> None:
    sign_in(client, create_account())
    with unit_of_work():
        db.session.execute(
            sa.update(LoginSession).values(
                authenticated_at=clock.now() - timedelta(hours=12) + timedelta(minutes=4),
                last_seen_at=clock.now() - timedelta(minutes=2),
            )
        )

    state = extend(client)

    assert state["can_extend"] is False
    assert 230 <= int(str(state["seconds"])) <= 240


def test_after_the_end_a_script_gets_a_plain_answer(client: PageClient) -> None:
    sign_in(client, create_account(), at=clock.now() - IDLE)

    answer = client.client.get(ADDRESS)

    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_the_page_carries_the_seconds_it_has_left(client: PageClient) -> None:
    sign_in(client, create_account(), at=clock.now() - timedelta(seconds=30))

    seconds = int(str(client.get("/konto").select_one("#sitzung")["data-seconds"]))

    assert seconds == pytest.approx(IDLE.total_seconds() - 30, abs=3)
    assert client.get("/konto").select("script[src*='session.js']")
