"""What is refused leaves a line in the log: what, why, to which account. Nothing of what was typed."""

from collections.abc import Mapping
from typing import Any

from structlog.testing import capture_logs

from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft
from tests.support.client import PageClient


def refusals(entries: list[Any]) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if entry["event"] == "refused"]


def test_a_foreign_request_is_refused_and_noted(client: PageClient) -> None:
    foreign, account = create_draft().id, create_account()
    sign_in(client, account)

    with capture_logs() as entries:
        client.get(f"/antraege/{foreign}", status=404)

    (noted,) = refusals(entries)
    assert (noted["status"], noted["kind"]) == (404, "NotFoundError")
    assert (noted["endpoint"], noted["account_id"]) == ("service_requests.show", str(account.id))
    assert str(foreign) not in str(noted)


def test_a_page_for_others_is_refused_and_noted(client: PageClient) -> None:
    account = create_account()
    sign_in(client, account)

    with capture_logs() as entries:
        client.get("/betrieb/", status=403)

    assert [(noted["kind"], noted["account_id"]) for noted in refusals(entries)] == [
        ("Forbidden", str(account.id))
    ]


def test_a_form_without_its_token_is_noted(client: PageClient) -> None:
    with capture_logs() as entries:
        client.client.post("/anmelden", data={"email": "erika.mustermann@example.org"})

    (noted,) = refusals(entries)
    assert (noted["status"], noted["kind"], noted["account_id"]) == (403, "CSRFError", None)
    assert "erika" not in str(entries)


def test_guessing_that_is_throttled_is_noted(client: PageClient) -> None:
    form = client.get("/anmelden").form("/anmelden")

    with capture_logs() as entries:
        answers = [
            form.submit(client, email="erika.mustermann@example.org", password="falsch").status_code
            for _ in range(6)
        ]

    assert answers[-1] == 429
    assert [noted["kind"] for noted in refusals(entries)] == ["ThrottledError"]
