from datetime import date

import pytest

from servicekonto.authorities import competence, queries
from servicekonto.core.db import db
from tests.builders.authorities import import_authorities
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _authorities(database: None) -> None:
    import_authorities()


def test_the_answer_carries_the_ids_of_the_rows() -> None:
    answer = competence.find("registry_office_birth", "Hanau", on=TODAY)

    assert isinstance(answer, competence.Competent)
    hanau = queries.get_authority("hanau")
    assert answer.authority.id == hanau.id
    assert answer.unit.id == queries.get_unit(hanau, "registry_office").id


def test_reading_what_is_already_in_memory_takes_one_query(queries: list[str]) -> None:
    competence.find("registry_office_birth", "Hanau", on=TODAY)
    queries.clear()

    competence.find("registry_office_birth", "Frankfurt", on=TODAY)

    assert len(queries) == 1


def test_an_import_makes_every_process_read_again() -> None:
    hanau = queries.get_authority("hanau")
    competence.find("registry_office_birth", "Hanau", on=TODAY)
    hanau.name = "Rathaus"
    db.session.flush()

    import_authorities()
    answer = competence.find("registry_office_birth", "Hanau", on=TODAY)

    assert isinstance(answer, competence.Competent)
    assert answer.authority.name == "Magistrat der Stadt Hanau"


def test_the_page_asks_for_topic_and_place(client: PageClient) -> None:
    page = client.get("/zustaendigkeit")

    assert page.h1 == "Zuständige Stelle finden"
    assert "Geburtsurkunde" in page.texts("option")
    assert page.errors == {}


def test_the_page_names_the_authority_and_the_rule(client: PageClient) -> None:
    page = client.get("/zustaendigkeit")

    page = client.follow(page.form().fill(thema="registry_office_birth", ort="Hanau am Main").submit(client))

    assert "weil es die Geburt in Hanau beurkundet hat (§ 55 Abs. 2 PStG)" in page.text
    assert "Magistrat der Stadt Hanau" in page.text
    assert "63450 Hanau" in page.text


def test_several_matches_are_links_that_lead_on(client: PageClient) -> None:
    page = client.get("/zustaendigkeit?thema=registry_office_birth&ort=Homberg")

    page = client.get(page.link("Homberg (Efze), Schwalm-Eder-Kreis"))

    assert "Standesamt Homberg (Efze)" in page.text


def test_a_typing_mistake_is_said_at_the_field_and_offers_what_was_meant(client: PageClient) -> None:
    page = client.get("/zustaendigkeit?thema=passport&ort=Hanua", status=422)

    assert "ort" in page.errors
    assert "Passbehörde der Stadt Hanau" in client.get(page.link("Hanau")).text


def test_outside_of_hessen_the_page_says_who_helps(client: PageClient) -> None:
    page = client.get("/zustaendigkeit?thema=registry_office_birth&ort=Istanbul")

    assert "Nicht in Hessen" in page.texts("h2")
    assert "Standesamt I in Berlin" in page.text


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ("ort=", {"thema", "ort"}),
        ("ort=Hanau", {"thema"}),
        ("thema=passport&ort=", {"ort"}),
        ("thema=nichts&ort=Hanau", {"thema"}),
        ("thema=passport&ort=%00%F0%9F%99%82", {"ort"}),
        ("thema=passport&ort=" + "x" * 3000, {"ort"}),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_what_was_typed_stays(
    client: PageClient, arguments: str, fields: set[str]
) -> None:
    page = client.get(f"/zustaendigkeit?{arguments}", status=422)

    assert set(page.errors) == fields
    if arguments == "ort=Hanau":
        assert page.select_one("#ort")["value"] == "Hanau"


def test_a_matter_of_the_land_needs_no_place(client: PageClient) -> None:
    page = client.get("/zustaendigkeit?thema=intermunicipal_cooperation&ort=")

    assert "Ministerium des Innern" in page.text


def test_the_page_needs_few_queries(client: PageClient, queries: list[str]) -> None:
    client.get("/zustaendigkeit?thema=passport&ort=Hanau")
    queries.clear()

    client.get("/zustaendigkeit?thema=passport&ort=Kassel")

    assert len(queries) <= 2
