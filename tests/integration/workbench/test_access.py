"""Who sees which request: everybody else gets the same 404 on every address of it as for an unknown one."""

from uuid import UUID, uuid4

import pytest

from servicekonto.accounts.models import Account, AccountKind
from servicekonto.authorities.commands import deactivate_staff_member
from servicekonto.authorities.kinds import Role
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.support.answers import without_ids
from tests.support.client import PageClient

UNKNOWN = UUID("01890000-0000-7000-8000-000000000000")


def strangers() -> dict[str, Account]:
    """Everybody who has no business with a request at Hanau's registry office."""
    all_roles = list(Role)
    return {
        "clerk of another authority": create_staff_member(authority="kassel", roles=all_roles).account,
        "clerk of another unit": create_staff_member(units=["passport_office"], roles=all_roles).account,
        "clerk of no unit": create_staff_member(units=[], roles=all_roles).account,
        "administrator": create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR]).account,
        "another citizen": create_account(),
        "operator": create_account(kind=AccountKind.OPERATOR),
        "staff without an authority": create_account(kind=AccountKind.STAFF),
    }


def addresses(app: Servicekonto, request_id: UUID) -> list[tuple[str, str]]:
    """Every address of a request, on both sides."""
    words = {"page_id": "beziehung", "kind": "receipt"}
    found = []
    for rule in app.url_map.iter_rules():
        if "request_id" in rule.arguments:
            values = {name: words.get(name) for name in rule.arguments} | {"request_id": request_id}
            built = rule.build(values)
            assert built is not None
            found += [(method, built[1]) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.DECISION_PROPOSED])
def test_strangers_get_the_same_404_as_for_an_unknown_id(
    app: Servicekonto, client: PageClient, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    existing = create_service_request(status=status, registry=create_registry())
    targets = list(zip(addresses(app, existing.id), addresses(app, UNKNOWN), strict=True))
    assert len(targets) > 15

    for name, stranger in strangers().items():
        sign_in(client, stranger)
        for (method, address), (_method, unknown) in targets:
            form = {
                "idempotency_key": str(uuid4()),
                "outcome": "granted",
                "reasons": "Weil es so richtig ist.",
            }
            answers = [client.client.open(path, method=method, data=form) for path in (address, unknown)]

            assert [answer.status_code for answer in answers] == [404, 404], f"{name}: {method} {address}"
            assert without_ids(answers[0].text) == without_ids(answers[1].text), f"{name}: {method} {address}"


def test_pages_that_everybody_knows_say_that_one_may_not(client: PageClient) -> None:
    registry = create_registry()
    for account, page in (
        (create_account(), "/behoerde/"),
        (create_account(), "/betrieb/"),
        (registry.clerk.account, "/betrieb/"),
        (create_account(kind=AccountKind.OPERATOR), "/antraege/"),
        (create_account(kind=AccountKind.OPERATOR), "/behoerde/"),
    ):
        sign_in(client, account)
        assert client.get(page, status=403).h1 == "Das dürfen Sie hier nicht"


def test_a_draft_is_seen_by_nobody_at_the_authority(client: PageClient) -> None:
    registry, draft = create_registry(), create_draft()
    sign_in(client, registry.clerk.account)

    client.get(f"/behoerde/antraege/{draft.id}", status=404)
    assert client.get("/behoerde/").select(f"a[href*='{draft.id}']") == []


def test_somebody_whose_membership_ended_sees_nothing_any_more(client: PageClient) -> None:
    registry = create_registry()
    received = create_service_request(registry=registry)
    sign_in(client, registry.clerk.account)
    assert client.get(f"/behoerde/antraege/{received.id}").h1

    with unit_of_work():
        deactivate_staff_member(registry.clerk, by=None, at=SOME_DAY)

    for path in (f"/behoerde/antraege/{received.id}", "/behoerde/"):
        assert client.client.get(path).location == "/anmelden"
