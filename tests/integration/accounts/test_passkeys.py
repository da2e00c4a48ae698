"""Passkeys, answered by an authenticator made of software that can be broken in every way."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from webauthn.helpers import bytes_to_base64url

from servicekonto.accounts import challenges
from servicekonto.accounts.factor_models import Passkey
from servicekonto.accounts.history_models import Method, Outcome, SignInRecord
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import create_account, sign_in
from tests.builders.factors import Authenticator, create_passkey, question
from tests.support.client import PageClient

NEW = "/konto/sicherheit/passkey/neu"
NEW_QUESTION = "/konto/sicherheit/passkey/optionen"


@pytest.fixture
def erika() -> Account:
    return create_account(email="erika@example.org")


def use(client: PageClient, answer: str) -> int:
    return client.get("/anmelden").form("/anmelden/passkey").submit(client, assertion=answer).status_code


def register(client: PageClient, authenticator: Authenticator) -> Any:
    answer = authenticator.create(question(client, NEW_QUESTION))
    return client.get(NEW).form("/passkey/neu").submit(client, answer=answer, name="Laptop")


def test_a_passkey_signs_in_without_an_address(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)

    assert use(client, authenticator.get(question(client))) == 303

    session = db.session.scalars(sa.select(LoginSession)).one()
    assert (session.account_id, session.level) == (erika.id, AssuranceLevel.SUBSTANTIAL)


@pytest.mark.parametrize(
    ("how", "level"),
    [
        ({}, AssuranceLevel.SUBSTANTIAL),
        ({"verifies_user": False}, AssuranceLevel.LOW),
        ({"is_synced": True}, AssuranceLevel.LOW),
    ],
)
def test_the_level_depends_on_the_kind_of_passkey(
    client: PageClient, erika: Account, how: dict[str, bool], level: AssuranceLevel
) -> None:
    _passkey, authenticator = create_passkey(erika, **how)

    use(client, authenticator.get(question(client)))

    assert db.session.scalars(sa.select(LoginSession)).one().level is level


def spoilt(part: str) -> Callable[[Authenticator, dict[str, Any]], str]:
    return lambda authenticator, asked: authenticator.get(asked, **{part: bytes(70)})


def with_changed(**attributes: Any) -> Callable[[Authenticator, dict[str, Any]], str]:
    def answer(authenticator: Authenticator, asked: dict[str, Any]) -> str:
        for name, value in attributes.items():
            setattr(authenticator, name, value)
        return authenticator.get(asked)

    return answer


def answered_to_another(authenticator: Authenticator, asked: dict[str, Any]) -> str:
    return authenticator.get({**asked, "challenge": bytes_to_base64url(bytes(32))})


def of_somebody_else(authenticator: Authenticator, asked: dict[str, Any]) -> str:
    stranger = create_account()
    return authenticator.get(asked, userHandle=stranger.id.bytes)


def without_owner(authenticator: Authenticator, asked: dict[str, Any]) -> str:
    answer = json.loads(authenticator.get(asked))
    del answer["response"]["userHandle"]
    return json.dumps(answer)


def made_for_registering(authenticator: Authenticator, asked: dict[str, Any]) -> str:
    return authenticator.create({**asked, "user": {"id": bytes_to_base64url(authenticator.user_handle)}})


BROKEN = {
    "signature": spoilt("signature"),
    "authenticator data": spoilt("authenticatorData"),
    "client data": spoilt("clientDataJSON"),
    "origin": with_changed(origin="http://evil.example"),
    "relying party": with_changed(rp_id="evil.example"),
    "counter": with_changed(sign_count=1),
    "challenge": answered_to_another,
    "owner": of_somebody_else,
    "no owner": without_owner,
    "kind": made_for_registering,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_answer_signs_nobody_in(client: PageClient, erika: Account, what: str) -> None:
    passkey, authenticator = create_passkey(erika)
    with unit_of_work():
        passkey.sign_count = 10
    authenticator.sign_count = 10

    assert use(client, BROKEN[what](authenticator, question(client))) == 422
    assert db.session.scalars(sa.select(LoginSession)).all() == []


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '"x"', "{" * 5000, '{"rawId": 1}', '{"response": {"clientDataJSON": "e30"}}'],
)
def test_what_is_no_answer_at_all_is_refused_in_the_same_way(client: PageClient, text: str) -> None:
    question(client)

    assert use(client, text) == 422


def test_an_answer_counts_once(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    answer = authenticator.get(question(client))
    cookie = client.client.get_cookie("servicekonto-form", domain="localhost")
    assert use(client, answer) == 303 and cookie is not None

    client.client.delete_cookie("servicekonto", domain="localhost")
    client.client.set_cookie("servicekonto-form", cookie.value, domain="localhost")

    assert use(client, answer) == 422


def test_another_browser_cannot_use_the_answer(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    answer = authenticator.get(question(client))

    assert use(PageClient(client.app), answer) == 422


def test_an_answer_that_comes_late_is_refused(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    answer = authenticator.get(question(client))

    with time_machine.travel(clock.now() + challenges.VALIDITY + timedelta(seconds=2)):
        assert use(client, answer) == 422


def test_two_tabs_may_wait_at_the_same_time(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    first = question(client)
    question(client)

    assert use(client, authenticator.get(first)) == 303


def test_a_locked_one_and_one_of_a_locked_account_sign_nobody_in(client: PageClient, erika: Account) -> None:
    passkey, authenticator = create_passkey(erika)
    with unit_of_work():
        passkey.locked_at = clock.now()
    assert use(client, authenticator.get(question(client))) == 422

    with unit_of_work():
        passkey.locked_at, erika.locked_at = None, clock.now()
    assert use(client, authenticator.get(question(client))) == 422


def test_a_new_passkey_counts_when_it_was_used(client: PageClient, erika: Account) -> None:
    sign_in(client, erika)
    authenticator = Authenticator()

    page = client.follow(register(client, authenticator))

    passkey = db.session.scalars(sa.select(Passkey)).one()
    assert passkey.confirmed_at is None and passkey.name == "Laptop"
    answer = authenticator.get(question(client))
    page.form(f"/passkey/{passkey.id}").submit(client, assertion=answer)
    db.session.expire_all()
    assert passkey.confirmed_at is not None


def test_one_that_was_not_used_yet_signs_nobody_in(client: PageClient, erika: Account) -> None:
    sign_in(client, erika)
    authenticator = Authenticator()
    register(client, authenticator)

    stranger = PageClient(client.app)

    assert use(stranger, authenticator.get(question(stranger))) == 422


def test_the_same_authenticator_is_not_registered_twice(client: PageClient, erika: Account) -> None:
    sign_in(client, erika)
    authenticator = Authenticator()
    register(client, authenticator)

    asked = question(client, NEW_QUESTION)

    assert [each["id"] for each in asked["excludeCredentials"]] == [
        bytes_to_base64url(authenticator.credential_id)
    ]


@pytest.mark.parametrize("attribute", [{"origin": "http://evil.example"}, {"rp_id": "evil.example"}])
def test_a_passkey_for_another_website_is_not_registered(
    client: PageClient, erika: Account, attribute: dict[str, str]
) -> None:
    sign_in(client, erika)

    assert register(client, Authenticator(**attribute)).status_code == 422  # type: ignore[arg-type]
    assert db.session.scalars(sa.select(Passkey)).all() == []


@pytest.mark.parametrize("transports", [1, True, None, "usb", {"usb": 1}, [1, ["usb"], "internal"]])
def test_whatever_is_said_about_its_ways_a_passkey_is_registered(
    client: PageClient, erika: Account, transports: object
) -> None:
    sign_in(client, erika)
    answer = json.loads(Authenticator().create(question(client, NEW_QUESTION)))
    answer["response"]["transports"] = transports

    page = client.get(NEW).form("/passkey/neu")
    assert page.submit(client, answer=json.dumps(answer), name="Laptop").status_code == 303


def test_the_question_is_the_same_for_everybody(client: PageClient, erika: Account) -> None:
    create_passkey(erika)

    asked = question(client)

    assert asked.get("allowCredentials", []) == []
    assert asked["rpId"] == "localhost"


def test_what_kind_of_copy_it_is_is_kept(client: PageClient, erika: Account) -> None:
    sign_in(client, erika)
    register(client, Authenticator(is_synced=True, verifies_user=False))

    passkey = db.session.scalars(sa.select(Passkey)).one()

    assert (passkey.is_backup_eligible, passkey.is_backed_up, passkey.verifies_user) == (True, True, False)


def records(account: Account) -> list[tuple[Outcome, Method]]:
    rows = db.session.scalars(
        sa.select(SignInRecord).where(SignInRecord.account_id == account.id).order_by(SignInRecord.id)
    )
    return [(row.outcome, row.method) for row in rows]


def test_a_refused_passkey_is_in_the_history_of_its_owner(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)

    assert use(client, spoilt("signature")(authenticator, question(client))) == 422
    assert use(client, authenticator.get(question(client))) == 303

    assert records(erika) == [(Outcome.REFUSED, Method.PASSKEY), (Outcome.SIGNED_IN, Method.PASSKEY)]
    assert "Abgewiesen mit einem Passkey" in client.get("/konto/anmeldungen").text


def test_a_locked_passkey_and_an_answer_to_no_question_are_refusals_too(
    client: PageClient, erika: Account
) -> None:
    passkey, authenticator = create_passkey(erika)
    use(client, answered_to_another(authenticator, question(client)))
    with unit_of_work():
        passkey.locked_at = clock.now()
    use(client, authenticator.get(question(client)))

    assert records(erika) == [(Outcome.REFUSED, Method.PASSKEY)] * 2


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "nonsense", '{"rawId": "AAAA"}'])
def test_a_passkey_of_nobody_leaves_no_row(client: PageClient, erika: Account, answer: str) -> None:
    assert use(client, answer) == 422
    use(client, Authenticator(credential_id=b"unknown").get(question(client)))

    assert records(erika) == []


def test_a_passkey_refused_at_a_step_up_is_noted_as_what_it_was(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    sign_in(client, erika)
    answer = spoilt("signature")(authenticator, question(client))

    client.get("/anmelden/bestaetigen").form("/anmelden/bestaetigen").submit(client, assertion=answer)

    assert records(erika) == [(Outcome.REFUSED, Method.PASSKEY)]
