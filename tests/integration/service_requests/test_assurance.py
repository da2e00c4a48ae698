"""A service that must know surely who asks: the identity first, then the sign-in."""

from datetime import timedelta

import pytest

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.catalogue.commands import publish
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from tests.builders.accounts import create_account, sign_in
from tests.builders.factors import create_totp
from tests.builders.requests import SERVICE, create_draft, create_registry
from tests.support.client import PageClient

BEGIN = f"/antraege/neu/{SERVICE}"
LOW, SUBSTANTIAL = AssuranceLevel.LOW, AssuranceLevel.SUBSTANTIAL


@pytest.fixture(autouse=True)
def substantial_service(database: None) -> None:
    create_registry()
    today = clock.today()
    definition = published_service(SERVICE, today).definition
    facts = definition.facts.model_copy(update={"assurance_level": "substantial"})
    changed = definition.model_copy(update={"facts": facts, "version": definition.version + 1})
    with unit_of_work():
        publish(changed, valid_from=today - timedelta(days=1), at=clock.now())


def begin(client: PageClient) -> str:
    page = client.get(f"/leistungen/{SERVICE}?ort=Hanau")
    return str(page.form(BEGIN).submit(client).location)


def known_as(level: AssuranceLevel) -> Account:
    account = create_account(values={"family_name": "Muster"})
    with unit_of_work():
        account.attributes[0].level = level
    return account


def test_whose_identity_is_not_verified_learns_how_to_do_that(client: PageClient) -> None:
    sign_in(client, known_as(AssuranceLevel.BASIC), level=SUBSTANTIAL)

    assert begin(client) == "/konto/identitaet"
    assert (
        "Für diese Leistung muss eine Behörde Ihren Ausweis gesehen haben"
        in client.get("/konto/identitaet").text
    )


def test_whose_sign_in_is_too_weak_is_asked_for_two_factors(client: PageClient) -> None:
    account = known_as(SUBSTANTIAL)
    create_totp(account)
    sign_in(client, account, level=LOW)

    assert begin(client) == "/anmelden/bestaetigen"


def test_who_has_no_second_factor_is_led_to_setting_one_up(client: PageClient) -> None:
    sign_in(client, known_as(SUBSTANTIAL), level=LOW)

    assert begin(client) == "/konto/sicherheit"


def test_who_is_known_and_has_signed_in_surely_begins(client: PageClient) -> None:
    sign_in(client, known_as(SUBSTANTIAL), level=SUBSTANTIAL)

    assert begin(client).endswith("/weiter")


def test_a_level_lost_while_typing_is_asked_for_before_sending(client: PageClient) -> None:
    account = known_as(SUBSTANTIAL)
    create_totp(account)
    sign_in(client, account, level=SUBSTANTIAL)
    draft = create_draft(account, at=clock.now())
    page = client.get(f"/antraege/{draft.id}/pruefen")

    sign_in(client, account, level=LOW)
    answer = page.form("/einreichen").submit(client)

    assert answer.location == "/anmelden/bestaetigen"
    assert draft.reference is None
