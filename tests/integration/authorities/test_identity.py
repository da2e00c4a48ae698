"""An identity document is seen at the counter, and what it says is known more surely from then on."""

from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, events, factors
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.authorities import identity
from servicekonto.authorities.identity_models import DocumentKind, IdentityCheck
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, InvalidInputError, NotFoundError, ThrottledError
from servicekonto.data_protection.commands import consents
from servicekonto.data_protection.purposes import Purpose
from servicekonto.notifications.models import Mail
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.factors import create_passkey, create_totp
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.published import Published

NAMES = ("family_name", "given_names", "birth_date")
VALUES: dict[str, object] = {
    "family_name": "Müßig-Groß",
    "given_names": "Jörg",
    "birth_date": "1980-02-29",
    "address": {"street": "Weg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"},
    "phone": "+496181123456",
}
CARD = DocumentKind.IDENTITY_CARD


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def citizen() -> Account:
    account = create_account(values=VALUES)
    create_totp(account)
    return account


@pytest.fixture
def officer() -> StaffMember:
    return create_staff_member(roles=(Role.IDENTITY_OFFICER,))


def code_of(account: Account) -> str:
    with unit_of_work():
        return identity.new_code(account, at=SOME_DAY).code or ""


def begin(account: Account, officer: StaffMember) -> IdentityCheck:
    code = code_of(account)
    with unit_of_work():
        return identity.begin(code, by=officer, at=SOME_DAY)


def confirm(
    check: IdentityCheck, officer: StaffMember, names: tuple[str, ...] = NAMES, document: DocumentKind = CARD
) -> None:
    with unit_of_work():
        seen = identity.state_of(check.account)
        identity.confirm(check, names, document, seen=seen, by=officer, at=SOME_DAY)


def levels(account: Account) -> dict[str, AssuranceLevel]:
    db.session.expire_all()
    return {attribute.name: attribute.level for attribute in account.attributes}


def test_what_the_document_says_is_substantial(citizen: Account, officer: StaffMember) -> None:
    confirm(begin(citizen, officer), officer)

    found = levels(citizen)
    assert {found[name] for name in NAMES} == {AssuranceLevel.SUBSTANTIAL}
    assert {found["address"], found["phone"]} == {AssuranceLevel.BASIC}


def test_who_where_when_and_by_which_document_is_kept(citizen: Account, officer: StaffMember) -> None:
    trail = Trail()
    check = begin(citizen, officer)
    confirm(check, officer)

    (entry,) = [entry for entry in trail.entries if entry.action.value == "attribute.verified"]
    assert (entry.actor_id, entry.authority_id, entry.account_id) == (
        officer.account_id,
        officer.authority_id,
        citizen.id,
    )
    assert entry.payload == {"names": sorted(NAMES), "level": "substantial", "document_kind": "identity_card"}
    assert (check.done_at, check.staff_account_id) == (SOME_DAY, officer.account_id)


def test_the_owner_is_told(citizen: Account, officer: StaffMember) -> None:
    with Published.of(events.IdentityVerified) as published:
        confirm(begin(citizen, officer), officer)

    assert published.one(events.IdentityVerified).subject_id == citizen.id
    newest = sa.select(Mail).order_by(Mail.id.desc()).limit(1)
    assert db.session.scalars(newest).one().template == "identity_verified"


def test_at_the_first_lift_the_owner_confirms_the_others(
    client: PageClient, citizen: Account, officer: StaffMember
) -> None:
    """TR-03160-1 § 5.1: a stranger may have planted an address before."""
    confirm(begin(citizen, officer), officer)
    assert {attribute.name for attribute in identity.to_confirm(citizen)} == {"address", "phone"}

    sign_in(client, citizen)
    page = client.get("/konto/identitaet")
    assert "Stimmen Ihre übrigen Angaben?" in page.text
    page.form("/konto/identitaet/uebrige").submit(client)

    db.session.expire_all()
    assert identity.to_confirm(citizen) == []


def test_a_later_lift_asks_no_more(citizen: Account, officer: StaffMember) -> None:
    confirm(begin(citizen, officer), officer)
    with unit_of_work():
        identity.confirm_others(citizen, at=SOME_DAY)

    confirm(begin(citizen, officer), officer, (*NAMES, "address"))

    assert identity.to_confirm(citizen) == []
    assert levels(citizen)["address"] is AssuranceLevel.SUBSTANTIAL


def test_a_code_works_once_and_for_thirty_minutes(citizen: Account, officer: StaffMember) -> None:
    code = code_of(citizen)
    with pytest.raises(NotFoundError), unit_of_work():
        identity.begin(code, by=officer, at=SOME_DAY + identity.VALIDITY)
    with unit_of_work():
        identity.begin(code, by=officer, at=SOME_DAY)
    with pytest.raises(NotFoundError), unit_of_work():
        identity.begin(code, by=officer, at=SOME_DAY)


def test_a_new_code_ends_the_old_one(citizen: Account, officer: StaffMember) -> None:
    old = code_of(citizen)
    code_of(citizen)

    with pytest.raises(NotFoundError), unit_of_work():
        identity.begin(old, by=officer, at=SOME_DAY)


def test_only_the_clerk_who_began_goes_on(citizen: Account, officer: StaffMember) -> None:
    check, other = begin(citizen, officer), create_staff_member(roles=(Role.IDENTITY_OFFICER,))

    with pytest.raises(NotFoundError):
        identity.begun(check.id, by=other, at=SOME_DAY)
    with pytest.raises(NotFoundError):
        identity.begun(check.id, by=officer, at=SOME_DAY + timedelta(minutes=31))


def test_without_a_second_factor_nothing_is_verified(client: PageClient) -> None:
    account = create_account(values=VALUES)
    with pytest.raises(ConflictError), unit_of_work():
        identity.new_code(account, at=SOME_DAY)

    sign_in(client, account)
    assert "Richten Sie zuerst einen zweiten Faktor ein" in client.get("/konto/identitaet").text


def test_a_copied_passkey_alone_does_not_protect_what_is_verified(client: PageClient) -> None:
    account = create_account(values=VALUES)
    create_passkey(account, is_synced=True)
    with pytest.raises(ConflictError), unit_of_work():
        identity.new_code(account, at=SOME_DAY)

    sign_in(client, account)
    assert "Das schützt geprüfte Angaben nicht gut genug" in client.get("/konto/identitaet").text


def test_a_factor_removed_before_the_counter_leaves_nothing_to_confirm(
    citizen: Account, officer: StaffMember
) -> None:
    check = begin(citizen, officer)
    with unit_of_work():
        factors.remove_all_second(citizen, by=citizen, at=SOME_DAY)

    with pytest.raises(ConflictError):
        confirm(check, officer)


def test_nobody_confirms_themselves(officer: StaffMember) -> None:
    create_totp(officer.account)
    with unit_of_work():
        consents.give(officer.account, Purpose.PERMANENT_STORAGE, by=officer.account, at=SOME_DAY)
        commands.save_personal_data(officer.account, VALUES, by=officer.account, at=SOME_DAY)

    with pytest.raises(NotFoundError):
        begin(officer.account, officer)


@pytest.mark.parametrize(
    ("names", "document"),
    [
        ((), CARD),
        (("family_name",), CARD),
        ((*NAMES, "phone"), CARD),
        ((*NAMES, "address"), DocumentKind.PASSPORT),
        ((*NAMES, "birth_name"), CARD),
        ((*NAMES, "nonsense"), CARD),
    ],
)
def test_only_what_the_document_shows_and_at_least_who_it_is(
    citizen: Account, officer: StaffMember, names: tuple[str, ...], document: DocumentKind
) -> None:
    check = begin(citizen, officer)

    with pytest.raises(InvalidInputError):
        confirm(check, officer, names, document)
    assert set(levels(citizen).values()) == {AssuranceLevel.BASIC}


def test_pressing_twice_confirms_once(citizen: Account, officer: StaffMember) -> None:
    check = begin(citizen, officer)
    confirm(check, officer)

    with pytest.raises(ConflictError):
        confirm(check, officer)


def test_guessing_codes_is_throttled(officer: StaffMember) -> None:
    for _number in range(10):
        with unit_of_work(), suppress(NotFoundError):
            identity.begin("7K3F9QXM2H", by=officer, at=SOME_DAY)

    with pytest.raises(ThrottledError), unit_of_work():
        identity.begin("7K3F9QXM2H", by=officer, at=SOME_DAY)


def test_without_a_name_there_is_no_code(client: PageClient) -> None:
    nobody = create_account()
    create_totp(nobody)
    with pytest.raises(InvalidInputError), unit_of_work():
        identity.new_code(nobody, at=SOME_DAY)

    sign_in(client, nobody)
    assert "Code holen" not in client.get("/konto/identitaet").text


def test_both_sides_on_their_pages(client: PageClient, citizen: Account, officer: StaffMember) -> None:
    sign_in(client, citizen)
    client.get("/konto/identitaet").form("/konto/identitaet/code").submit(client)
    code = client.get("/konto/identitaet").select_one(".sk-code--large").get_text()
    counter = PageClient(client.app)
    sign_in(counter, officer.account)

    page = counter.follow(counter.get("/behoerde/identitaet").form("/identitaet").submit(counter, code=code))
    assert "Müßig-Groß" in page.text and "29.02.1980" in page.text.replace("29. Februar 1980", "29.02.1980")
    page.form(page.path).submit(counter, document="identity_card", names=list(NAMES))

    assert "geprüft, substanziell" in client.get("/konto/identitaet").text
    assert clock.now() - citizen.created_at > timedelta(0)


def test_what_was_changed_after_the_clerk_had_looked_is_not_confirmed(
    client: PageClient, citizen: Account, officer: StaffMember
) -> None:
    """The document says Jörg, and somebody at home types another name before the clerk presses the button."""
    check = begin(citizen, officer)
    with unit_of_work():
        check.expires_at = clock.now() + identity.VALIDITY
    sign_in(client, officer.account)
    page = client.get(f"/behoerde/identitaet/{check.id}")
    with unit_of_work():
        commands.save_personal_data(citizen, {"given_names": "Max"}, by=citizen, at=clock.now())

    answer = page.form(page.path).submit(client, document="identity_card", names=list(NAMES))

    assert answer.status_code == 409
    assert set(levels(citizen).values()) == {AssuranceLevel.BASIC}


def test_other_staff_has_no_such_page(client: PageClient) -> None:
    sign_in(client, create_staff_member(roles=(Role.CLERK,)).account)

    client.get("/behoerde/identitaet", status=403)
