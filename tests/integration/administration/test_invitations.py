from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import addresses
from servicekonto.accounts import queries as accounts
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.audit import Action
from servicekonto.authorities import invitations, queries
from servicekonto.authorities.events import StaffInvited
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffInvitation, StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError, ThrottledError
from servicekonto.notifications.models import Mail
from tests.builders.accounts import PASSWORD, create_account, encoded_hash, sign_in
from tests.builders.authorities import SOME_DAY, create_staff_member
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.page import Form
from tests.support.published import Published

STAFF = "/behoerde/verwaltung/beschaeftigte"
INVITE = f"{STAFF}/einladen"
EMAIL = "neu.beispiel@example.org"
NAME = "Nele Beispiel"


@pytest.fixture
def published() -> Iterator[Published]:
    with Published.of(StaffInvited) as published:
        yield published


def unit_id(key: str = "registry_office", authority: str = "hanau") -> str:
    return str(queries.get_unit(queries.get_authority(authority), key).id)


def filled(client: PageClient, **changes: object) -> Form:
    values = {"display_name": NAME, "email": EMAIL, "roles": ["clerk"], "units": [unit_id()]} | changes
    return client.get(INVITE).form(0).fill(values)


def token_of(published: Published) -> str:
    return published.of_type(StaffInvited)[-1].link_token


def invited(admin: StaffMember, **changes: object) -> StaffInvitation:
    hanau = admin.authority
    with unit_of_work():
        return invitations.invite(
            hanau,
            str(changes.get("email", EMAIL)),
            display_name=NAME,
            units=[queries.get_unit(hanau, "registry_office")],
            roles=[Role.CLERK],
            by=admin.account,
            at=changes.get("at") or clock.now(),  # type: ignore[arg-type]
        )


def test_whoever_is_invited_chooses_a_password_and_works_here(
    client: PageClient, admin: StaffMember, published: Published, trail: Trail
) -> None:
    listed = client.follow(filled(client).submit(client))
    assert NAME in listed.text and "Gilt bis" in listed.text
    link = f"/einladung/{token_of(published)}"
    newcomer = PageClient(client.app)

    page = newcomer.get(link)
    assert NAME in page.text and "Stadt Hanau" in page.text
    done = newcomer.follow(page.form(0).submit(newcomer, new_password=PASSWORD))

    assert done.h1 == "Anmelden"
    arrived = newcomer.follow(done.form("/anmelden").submit(newcomer, email=EMAIL, password=PASSWORD))
    assert arrived.h1 == "Anmeldung und Sicherheit"  # work begins with a second factor
    assert trail.actions == [Action.STAFF_INVITED, Action.INVITATION_ACCEPTED]
    invitation, acceptance = trail.entries
    member = db.session.get_one(StaffMember, invitation.object_id)
    assert acceptance.object_id == member.id
    assert (invitation.actor_id, acceptance.actor_id) == (admin.account_id, member.account_id)
    assert invitation.payload == {"roles": ["clerk"], "unit_ids": [unit_id()]}
    assert (member.display_name, member.account.kind) == (NAME, AccountKind.STAFF)
    assert member.roles == {Role.CLERK}
    assert db.session.scalar(sa.select(StaffInvitation.id)) is None


def test_the_link_goes_by_mail_to_an_address_without_an_account(
    client: PageClient, admin: StaffMember, published: Published
) -> None:
    filled(client).submit(client)

    mail = db.session.scalars(sa.select(Mail)).one()
    assert (mail.to, mail.account_id, mail.template) == (EMAIL, None, "staff_invitation")
    assert f"/einladung/{token_of(published)}" in (mail.body or "")
    assert NAME not in (mail.body or "")


def test_a_link_works_once_and_for_a_week(admin: StaffMember, published: Published) -> None:
    invited(admin, at=SOME_DAY)
    token = token_of(published)

    almost = SOME_DAY + timedelta(days=7) - timedelta(seconds=1)
    with pytest.raises(NotFoundError), unit_of_work():
        invitations.accept(token, encoded_hash=encoded_hash(PASSWORD), at=SOME_DAY + timedelta(days=7))
    with unit_of_work():
        invitations.accept(token, encoded_hash=encoded_hash(PASSWORD), at=almost)
    with pytest.raises(NotFoundError), unit_of_work():
        invitations.accept(token, encoded_hash=encoded_hash(PASSWORD), at=almost)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) == 2


@pytest.mark.parametrize("token", ["x", "A" * 43, "%F0%9F%98%80", "a" * 3000])
def test_an_invented_link_is_like_an_old_one(client: PageClient, token: str) -> None:
    assert client.get(f"/einladung/{token}", status=404).h1 == "Diese Einladung gilt nicht mehr"


def test_an_old_page_is_told_so_when_it_is_sent(
    client: PageClient, admin: StaffMember, published: Published
) -> None:
    invitation = invited(admin)
    newcomer = PageClient(client.app)
    form = newcomer.get(f"/einladung/{token_of(published)}").form(0)
    with unit_of_work():
        invitations.withdraw(invitations.get(invitation.id, admin.authority_id), by=None, at=SOME_DAY)

    answer = form.submit(newcomer, new_password=PASSWORD)

    assert newcomer.checked(answer, 404).h1 == "Diese Einladung gilt nicht mehr"


def test_a_weak_password_or_one_made_of_the_name_is_refused_and_leaves_the_link(
    client: PageClient, admin: StaffMember, published: Published, trail: Trail
) -> None:
    invited(admin)
    newcomer = PageClient(client.app)
    link = f"/einladung/{token_of(published)}"

    for weak in ("kurz", "nele-beispiel-2026", ""):
        answer = newcomer.get(link).form(0).submit(newcomer, new_password=weak)
        assert "new_password" in newcomer.checked(answer, 422).errors

    assert trail.actions == [Action.STAFF_INVITED]
    newcomer.get(link)


def test_the_answer_is_the_same_whether_the_address_has_an_account_or_not(
    client: PageClient, admin: StaffMember
) -> None:
    create_account(email="known@example.org")
    create_staff_member(authority="kassel", email="kassel@example.org")
    answers = []
    for who in ("unknown", "known", "kassel"):
        answer = filled(client, email=f"{who}@example.org").submit(client)
        page = client.follow(answer)
        answers.append((answer.status_code, answer.location, page.messages))
        assert f"{who}@example.org" in page.text

    assert len({str(answer) for answer in answers}) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 3


def test_only_the_owner_of_the_mailbox_learns_that_the_address_has_an_account(
    client: PageClient, admin: StaffMember, published: Published, trail: Trail
) -> None:
    citizen = create_account(email=EMAIL)
    invited(admin)
    newcomer = PageClient(client.app)
    link = f"/einladung/{token_of(published)}"

    assert newcomer.get(link, status=409).h1 == "Für diese Adresse gibt es schon ein Konto"
    token = client.client.get("/registrieren").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.client.post(link, data={"new_password": PASSWORD, "csrf_token": token})

    assert client.checked(answer, 409).h1 == "Für diese Adresse gibt es schon ein Konto"
    assert citizen.kind is AccountKind.CITIZEN
    assert trail.actions == [Action.STAFF_INVITED]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nicht@"}, "email"),
        ({"email": "a\x07b@example.org"}, "email"),
        ({"email": "a@example.org, b@example.org"}, "email"),
        ({"email": f"{'x' * 300}@example.org"}, "email"),
        ({"display_name": " "}, "display_name"),
        ({"display_name": "x" * 121}, "display_name"),
        ({"display_name": "Zeile\r\nBcc: a@example.org"}, "display_name"),
        ({"roles": []}, "roles"),
        ({"units": []}, "units"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_happens(
    client: PageClient, admin: StaffMember, trail: Trail, changes: dict[str, object], field: str
) -> None:
    page = client.checked(filled(client, **changes).submit(client), 422)

    assert list(page.errors) == [field]
    assert trail.entries == []
    assert db.session.scalar(sa.select(StaffInvitation.id)) is None


@pytest.mark.parametrize("forged", [{"roles": "king"}, {"units": "kassel"}, {"units": "'; drop table unit"}])
def test_roles_and_units_of_nobody_are_refused(
    client: PageClient, admin: StaffMember, trail: Trail, forged: dict[str, str]
) -> None:
    form = filled(client)
    sent = form.values | {
        name: [unit_id(authority="kassel") if value == "kassel" else value] for name, value in forged.items()
    }

    client.checked(client.open(INVITE, method="POST", data=sent), 422)

    assert trail.entries == []


def test_who_is_on_the_list_is_not_invited_again(client: PageClient, admin: StaffMember) -> None:
    filled(client).submit(client)

    again = client.checked(filled(client, email=EMAIL.upper()).submit(client), 422)
    member = client.checked(filled(client, email="ADA@example.org").submit(client), 422)

    assert "schon eingeladen" in again.errors["email"]
    assert "schon in Ihrer Liste" in member.errors["email"]


def test_the_same_form_sent_twice_invites_once(client: PageClient, admin: StaffMember, trail: Trail) -> None:
    form = filled(client)

    assert form.submit(client).location == form.submit(client).location
    assert trail.actions == [Action.STAFF_INVITED]


def test_sending_again_makes_a_new_link_and_ends_the_old_one(
    client: PageClient, admin: StaffMember, published: Published, trail: Trail
) -> None:
    filled(client).submit(client)
    old = token_of(published)

    client.follow(client.get(STAFF).form("/senden").submit(client))

    new = token_of(published)
    newcomer = PageClient(client.app)
    newcomer.get(f"/einladung/{old}", status=404)
    newcomer.get(f"/einladung/{new}")
    assert trail.actions == [Action.STAFF_INVITED, Action.INVITATION_SENT_AGAIN]


def test_a_mailbox_gets_five_invitations_a_day(admin: StaffMember, trail: Trail) -> None:
    with unit_of_work():
        invitation = invited(admin)
        for _ in range(4):
            invitations.send_again(invitation, by=admin.account, at=clock.now())

    with pytest.raises(ThrottledError), unit_of_work():
        invitations.send_again(invitation, by=admin.account, at=clock.now())

    assert len(trail.entries) == 5


def test_a_withdrawn_invitation_is_gone(
    client: PageClient, admin: StaffMember, published: Published, trail: Trail
) -> None:
    filled(client).submit(client)

    page = client.follow(client.get(STAFF).form("/zuruecknehmen").submit(client))

    assert NAME not in page.text
    PageClient(client.app).get(f"/einladung/{token_of(published)}", status=404)
    assert trail.actions == [Action.STAFF_INVITED, Action.INVITATION_WITHDRAWN]


def test_an_invitation_of_another_authority_is_not_there(
    client: PageClient, admin: StaffMember, trail: Trail
) -> None:
    stranger = create_staff_member(authority="kassel", roles=[Role.AUTHORITY_ADMINISTRATOR])
    invitation = invited(admin)
    other = PageClient(client.app)
    sign_in(other, stranger.account)
    token = other.get(INVITE).form(0).values["csrf_token"][0]

    for act in ("senden", "zuruecknehmen"):
        path = f"/behoerde/verwaltung/einladungen/{invitation.id}/{act}"
        answer = other.client.post(path, data={"csrf_token": token})
        assert other.checked(answer, 404).h1

    assert db.session.get(StaffInvitation, invitation.id) is not None
    assert trail.actions[-1] is Action.STAFF_INVITED
    assert EMAIL not in other.get(STAFF).text


def test_who_does_not_answer_is_forgotten_after_a_while(admin: StaffMember) -> None:
    invited(admin, at=SOME_DAY)

    invitations.purge(at=SOME_DAY + timedelta(days=36))
    assert len(invitations.open_invitations(admin.authority_id)) == 1
    invitations.purge(at=SOME_DAY + timedelta(days=38))
    assert invitations.open_invitations(admin.authority_id) == []


def test_name_and_address_of_an_invitation_are_sealed(admin: StaffMember, published: Published) -> None:
    invited(admin)

    row = db.session.execute(sa.select(StaffInvitation.__table__)).one()

    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert b"Nele" not in stored and b"neu.beispiel" not in stored
    assert token_of(published).encode() not in stored
    assert row.email_index == addresses.fingerprint(EMAIL)
    assert accounts.by_email(EMAIL) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 1
