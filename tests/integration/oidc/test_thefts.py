"""A code or a refresh token that comes twice may be stolen: those who run the installation see it."""

import io
import json
from collections.abc import Callable, Iterator

import pytest

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import grants
from tests.builders.oidc import Website, code_for, create_website, offline_tokens
from tests.integration.operations.test_metrics import Counted
from tests.support.client import PageClient
from tests.support.log_lines import everything_logged

NUMBER = "servicekonto_reused_secrets_total"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    return create_website(offline_access=True)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, client: PageClient) -> Iterator[io.StringIO]:
    with everything_logged(monkeypatch) as written:
        yield written


def reuses(log: io.StringIO) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "secret_reused"]


def replay_a_code(client: PageClient, portal: Website) -> None:
    code = code_for(client, portal)
    assert [portal.exchange(client, code).status_code for _ in range(2)] == [200, 400]


def reuse_a_refresh_token(client: PageClient, portal: Website) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    assert [portal.refresh(client, token).status_code for _ in range(2)] == [200, 400]


@pytest.mark.parametrize(
    ("kind", "steal"),
    [("code", replay_a_code), ("refresh_token", reuse_a_refresh_token)],
    ids=["code", "refresh token"],
)
def test_it_is_counted_and_stands_in_the_log_with_the_website_and_without_the_person(
    client: PageClient,
    portal: Website,
    erika: Account,
    log: io.StringIO,
    kind: str,
    steal: Callable[[PageClient, Website], None],
) -> None:
    counted = Counted()

    steal(client, portal)

    assert counted.added(NUMBER, kind=kind) == 1
    (line,) = reuses(log)
    assert (line["level"], line["kind"], line["client_id"]) == ("warning", kind, portal.client.client_id)
    assert set(line) == {"event", "level", "timestamp", "kind", "client_id", "request_id"}
    assert str(erika.id) not in log.getvalue()


def test_whoever_tries_again_and_again_is_noted_once(
    client: PageClient, portal: Website, erika: Account, log: io.StringIO
) -> None:
    counted, code = Counted(), code_for(client, portal)

    for _ in range(5):
        portal.exchange(client, code)

    assert counted.added(NUMBER, kind="code") == 1
    assert len(reuses(log)) == 1


def test_what_only_ran_out_or_was_ended_is_no_theft(
    client: PageClient, portal: Website, erika: Account, log: io.StringIO
) -> None:
    counted, code = Counted(), code_for(client, portal)
    token = offline_tokens(client, portal)["refresh_token"]
    with unit_of_work():
        grants.withdraw_consent(erika, portal.client.id, at=clock.now())

    for answer in (portal.exchange(client, code), portal.refresh(client, token)):
        assert answer.status_code == 400

    assert counted.added(NUMBER, kind="code") == counted.added(NUMBER, kind="refresh_token") == 0
    assert reuses(log) == []


def test_a_code_whose_session_is_over_is_no_theft(
    client: PageClient, portal: Website, erika: Account, log: io.StringIO
) -> None:
    code = code_for(client, portal)
    page = client.get("/abmelden")
    client.follow(page.form().submit(client))

    assert portal.exchange(client, code).status_code == 400

    assert reuses(log) == []
