from datetime import date

import pytest

from servicekonto.audit import Action
from servicekonto.authorities import competence, queries
from servicekonto.authorities.commands import CONTACT_FIELDS
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.commands import put_online
from servicekonto.catalogue.queries import offer_of, offers_of
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import InvalidInputError
from tests.builders.accounts import sign_in
from tests.builders.authorities import SOME_DAY, create_staff_member
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.page import Page

OFFERS = "/behoerde/verwaltung/leistungen"
OFFER = f"{OFFERS}/geburtsurkunde"
CONTACT = "/behoerde/verwaltung/kontakt"
SERVICE = "geburtsurkunde"


def day(name: str, value: date | None) -> dict[str, str]:
    parts = (value.day, value.month, value.year) if value else ("", "", "")
    return {f"{name}-{part}": str(text) for part, text in zip(("tag", "monat", "jahr"), parts, strict=True)}


def registry(authority: str = "hanau") -> str:
    return str(queries.get_unit(queries.get_authority(authority), "registry_office").id)


def save(client: PageClient, **fields: str) -> Page:
    form = client.get(OFFER).form(0).fill({"unit": registry(), **fields})
    return client.follow(form.submit(client))


def test_a_service_goes_online_from_a_day_with_a_unit(
    client: PageClient, admin: StaffMember, trail: Trail
) -> None:
    assert "Nicht online" in client.get(OFFERS).text

    page = save(client, **day("online_from", date(2026, 1, 1)))

    assert "Online" in page.text and "Standesamt" in page.text
    assert offer_of(SERVICE, admin.authority_id, clock.today()) is not None
    assert trail.one(Action.OFFER_CREATED).payload == {
        "service_key": SERVICE,
        "unit_id": registry(),
        "online_from": "2026-01-01",
        "online_until": None,
    }


def test_the_last_day_is_the_last_on_which_it_is_online(
    client: PageClient, admin: StaffMember, trail: Trail
) -> None:
    save(client, **day("online_from", date(2026, 1, 1)))

    page = save(client, **day("online_until", date(2026, 10, 31)))

    assert "Nicht mehr online" in page.text
    assert offer_of(SERVICE, admin.authority_id, date(2026, 10, 31)) is not None
    assert offer_of(SERVICE, admin.authority_id, date(2026, 11, 1)) is None
    assert trail.actions == [Action.OFFER_CREATED, Action.OFFER_CHANGED]


def test_what_begins_later_is_not_online_yet(client: PageClient, admin: StaffMember) -> None:
    page = save(client, **day("online_from", date(2199, 1, 1)))

    assert "Noch nicht online" in page.text
    assert offer_of(SERVICE, admin.authority_id, clock.today()) is None


def test_saving_the_same_again_is_no_act(client: PageClient, admin: StaffMember, trail: Trail) -> None:
    save(client, **day("online_from", date(2026, 1, 1)))
    save(client)

    assert trail.actions == [Action.OFFER_CREATED]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (day("online_from", None), "online_from"),
        ({"online_from-tag": "31", "online_from-monat": "2"}, "online_from"),
        ({"online_from-jahr": "99999999999999999999"}, "online_from"),
        ({"online_from-jahr": "1"}, "online_from"),
        ({"online_from-tag": "٣"}, "online_from"),
        (day("online_until", date(2001, 1, 1)), "online_until"),
    ],
)
def test_impossible_days_are_refused(
    client: PageClient, admin: StaffMember, trail: Trail, fields: dict[str, str], field: str
) -> None:
    page = client.checked(client.get(OFFER).form(0).fill(fields).submit(client), 422)

    assert list(page.errors) == [field]
    assert trail.entries == []


@pytest.mark.parametrize("unit", ["", "x", "kassel"])
def test_units_of_others_are_refused(client: PageClient, admin: StaffMember, unit: str) -> None:
    form = client.get(OFFER).form(0)
    sent = form.values | {"unit": [registry("kassel") if unit == "kassel" else unit]}

    client.checked(client.open(OFFER, method="POST", data=sent), 422)

    assert offers_of(admin.authority_id) == {}


def test_the_command_refuses_a_foreign_unit_and_writes_nothing(admin: StaffMember, trail: Trail) -> None:
    foreign = queries.get_unit(queries.get_authority("kassel"), "registry_office")

    with pytest.raises(InvalidInputError):
        put_online(
            SERVICE, admin.authority, foreign, from_day=date(2026, 1, 1), by=admin.account, at=SOME_DAY
        )

    assert trail.entries == []


@pytest.mark.parametrize("slug", ["raumschiff", "..", "%F0%9F%98%80"])
def test_an_unknown_service_is_not_found(client: PageClient, admin: StaffMember, slug: str) -> None:
    client.get(f"{OFFERS}/{slug}", status=404)


def test_two_authorities_do_not_touch_each_other(client: PageClient, admin: StaffMember) -> None:
    save(client, **day("online_from", date(2026, 1, 1)))
    kassel = create_staff_member(authority="kassel", roles=[Role.AUTHORITY_ADMINISTRATOR])
    other = PageClient(client.app)
    sign_in(other, kassel.account)

    assert "Nicht online" in other.get(OFFERS).text


def test_citizens_see_the_new_contact_at_once(client: PageClient, admin: StaffMember, trail: Trail) -> None:
    with unit_of_work():
        assert "06181 295-0" not in client.get("/zustaendigkeit?thema=registry_office_birth&ort=Hanau").text
    form = client.get(CONTACT).form(0)

    client.follow(
        form.submit(
            client,
            street="Erfundener Markt 1",
            telephone="06181 295-0",
            email="standesamt@EXAMPLE.org",
            website="https://www.example.org/hanau",
            opening_hours="Montag 8 bis 12 Uhr\r\nDienstag geschlossen",
        )
    )

    page = PageClient(client.app).get("/zustaendigkeit?thema=registry_office_birth&ort=Hanau")
    for text in ("Erfundener Markt 1", "06181 295-0", "standesamt@example.org", "Dienstag geschlossen"):
        assert text in page.text
    assert page.link("https://www.example.org/hanau") == "https://www.example.org/hanau"
    assert trail.one(Action.CONTACT_CHANGED).payload == {
        "fields": ["email", "opening_hours", "street", "telephone", "website"]
    }
    answer = competence.find("registry_office_birth", "Hanau", on=clock.today())
    assert isinstance(answer, competence.Competent)
    assert answer.authority.telephone == "06181 295-0"


def test_saving_the_contact_unchanged_is_no_act(client: PageClient, admin: StaffMember, trail: Trail) -> None:
    client.follow(client.get(CONTACT).form(0).submit(client))

    assert trail.entries == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"postcode": ""}, "postcode"),
        ({"postcode": "1234"}, "postcode"),
        ({"postcode": "６３４５０"}, "postcode"),
        ({"city": " "}, "city"),
        ({"street": "x" * 121}, "street"),
        ({"telephone": "anrufen!"}, "telephone"),
        ({"telephone": "+49 1"}, "telephone"),
        ({"email": "nicht@"}, "email"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "https://name:wort@example.org"}, "website"),
        ({"website": "https://[::1"}, "website"),
        ({"website": "//example.org"}, "website"),
        ({"opening_hours": "x" * 501}, "opening_hours"),
        ({"opening_hours": "Montag\x07"}, "opening_hours"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    client: PageClient, admin: StaffMember, trail: Trail, fields: dict[str, str], field: str
) -> None:
    page = client.checked(client.get(CONTACT).form(0).fill(fields).submit(client), 422)

    assert list(page.errors) == [field]
    assert page.form(0).values[field] == [fields[field].strip()]
    assert trail.entries == []


def test_every_field_of_the_contact_is_in_the_form(client: PageClient, admin: StaffMember) -> None:
    assert set(CONTACT_FIELDS) == set(client.get(CONTACT).form(0).values) - {"csrf_token"}


def test_markup_in_the_contact_stays_text(client: PageClient, admin: StaffMember) -> None:
    text = "<b onclick=x>Montag</b>"

    client.get(CONTACT).form(0).submit(client, opening_hours=text)
    db.session.expire_all()

    assert text in client.get("/behoerde/verwaltung/").text
