"""A service that must know surely who asks: the identity first, then the sign-in."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts.factor_models import TotpCredential
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.catalogue.commands import publish
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.service_requests.models import ServiceRequest
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_totp
from tests.builders.requests import SERVICE, create_draft, create_registry
from tests.support.client import PageClient
from tests.support.page import Page

BEGIN = f"/antraege/neu/{SERVICE}"
NAME = "applicant.given_names"
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


@pytest.fixture
def erika() -> Account:
    return known_as(SUBSTANTIAL)


@pytest.fixture
def app_code(erika: Account) -> TotpCredential:
    return create_totp(erika)


@pytest.fixture
def draft(erika: Account, app_code: TotpCredential) -> ServiceRequest:
    """Of the substantial service; its owner has begun it and come back with less."""
    return create_draft(erika, at=clock.now())


def page_of(draft: ServiceRequest) -> str:
    return f"/antraege/{draft.id}/seite/ihre-angaben"


def confirms(client: PageClient, credential: TotpCredential) -> Page:
    page = client.get("/anmelden/bestaetigen")
    answer = page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(credential))
    return client.follow(answer)


@pytest.mark.parametrize("way", ["weiter", "seite/ihre-angaben", "pruefen"])
def test_a_draft_is_resumed_at_the_level_of_its_service(
    client: PageClient, erika: Account, draft: ServiceRequest, app_code: TotpCredential, way: str
) -> None:
    path = f"/antraege/{draft.id}/{way}"
    sign_in(client, erika, level=LOW)

    assert client.client.get(path).location == "/anmelden/bestaetigen"

    shown = confirms(client, app_code).path
    assert shown == path or (way == "weiter" and shown.startswith(f"/antraege/{draft.id}/"))


def test_what_was_typed_when_the_level_was_lost_is_there_again(
    client: PageClient, erika: Account, draft: ServiceRequest, app_code: TotpCredential
) -> None:
    sign_in(client, erika, level=SUBSTANTIAL)
    form = client.get(page_of(draft)).form(page_of(draft))
    sign_in(client, erika, level=LOW)

    answer = form.submit(client, {NAME: "Wilhelmine Ottilie"})
    assert answer.location == "/anmelden/bestaetigen"
    db.session.expire_all()
    assert (draft.input or {})["applicant"]["given_names"] != "Wilhelmine Ottilie"

    page = confirms(client, app_code)
    assert page.path == page_of(draft)
    assert page.form(page_of(draft)).values[NAME] == ["Wilhelmine Ottilie"]
    assert "Ihre Eingaben sind noch da" in page.messages


def test_a_script_saves_nothing_below_the_level_and_is_told_so(
    client: PageClient, erika: Account, draft: ServiceRequest
) -> None:
    sign_in(client, erika, level=SUBSTANTIAL)
    page = client.get(page_of(draft))
    note, fields = page.select_one("[data-autosave]"), page.form(page_of(draft)).values
    typed = {**fields, NAME: ["Wilhelmine Ottilie"], "basis": [str(note["data-basis"])]}

    sign_in(client, erika, level=LOW)
    answer = client.client.post(
        str(note["data-autosave"]), data=typed, headers={"Accept": "application/json"}
    )

    assert answer.status_code == 403
    db.session.expire_all()
    assert (draft.input or {})["applicant"]["given_names"] != "Wilhelmine Ottilie"
    sign_in(client, erika, level=SUBSTANTIAL)
    answer = client.client.post(
        str(note["data-autosave"]), data=typed, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200


def test_whose_identity_is_no_longer_verified_learns_how_to_do_that_and_keeps_the_draft(
    client: PageClient, erika: Account, draft: ServiceRequest
) -> None:
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.BASIC
    sign_in(client, erika, level=SUBSTANTIAL)

    assert client.client.get(page_of(draft)).location == "/konto/identitaet"
    assert db.session.scalars(sa.select(ServiceRequest.id)).all() == [draft.id]


def test_what_was_typed_when_the_identity_was_lost_is_kept_too(
    client: PageClient, erika: Account, draft: ServiceRequest
) -> None:
    sign_in(client, erika, level=SUBSTANTIAL)
    form = client.get(page_of(draft)).form(page_of(draft))
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.BASIC
    assert form.submit(client, {NAME: "Wilhelmine Ottilie"}).location == "/konto/identitaet"

    with unit_of_work():
        erika.attributes[0].level = SUBSTANTIAL

    assert client.get(page_of(draft)).form(page_of(draft)).values[NAME] == ["Wilhelmine Ottilie"]


def test_throwing_a_draft_away_shows_nothing_of_it_and_needs_no_level(
    client: PageClient, erika: Account, draft: ServiceRequest
) -> None:
    sign_in(client, erika, level=LOW)

    client.get(f"/antraege/{draft.id}/loeschen").form("/loeschen").submit(client)

    assert db.session.scalars(sa.select(ServiceRequest.id)).all() == []


def test_a_foreign_draft_does_not_exist_at_any_level(client: PageClient, draft: ServiceRequest) -> None:
    stranger = known_as(SUBSTANTIAL)
    create_totp(stranger)
    for level in (LOW, SUBSTANTIAL):
        sign_in(client, stranger, level=level)
        client.get(page_of(draft), status=404)
