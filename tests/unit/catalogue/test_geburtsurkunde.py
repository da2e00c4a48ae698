"""The first service: who may order what, what it costs, and where it goes."""

from datetime import date
from typing import Any

import jsonschema_rs
import pytest

from servicekonto.catalogue.definition import Evaluation, evaluate, fees, json_schema, prefill, summary
from tests.unit.catalogue.samples import TODAY, birth_certificate, codes

SERVICE = birth_certificate()
ADDRESS = {"street": "Musterweg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"}


def birthday(day: int, month: int, year: int) -> dict[str, str]:
    return {"day": str(day), "month": str(month), "year": str(year)}


def applicant(**overrides: Any) -> dict[str, Any]:
    person = {"given_names": "Erika", "family_name": "Mustermann", "email": "erika@example.org"}
    return person | {"birth_date": birthday(12, 8, 1964)} | overrides


def subject(**overrides: Any) -> dict[str, Any]:
    return {"given_names": "Max", "birth_name": "Mustermann", "birth_date": birthday(3, 5, 1995)} | overrides


def order(**overrides: Any) -> dict[str, Any]:
    """A complete order of one's own certificate."""
    return {
        "relation": "self",
        "applicant": applicant(),
        "birth_place": {"text": "Hanau", "key": "06415000", "name": "Hanau"},
        "copies_certificate": "1",
        "parent_words": "mother_father",
        "purpose": "marriage",
        "delivery_address": ADDRESS,
        "correct": "yes",
        "privacy": "yes",
    } | overrides


def placed(**overrides: Any) -> Evaluation:
    return evaluate(SERVICE, order(**overrides), today=TODAY)


def page_ids(evaluation: Evaluation) -> list[str]:
    return [page.id for page in evaluation.pages]


def test_who_orders_the_own_certificate_is_asked_only_once_who_it_is_about() -> None:
    found = placed()

    assert found.is_complete
    assert "person" not in page_ids(found)
    assert "grund" not in page_ids(found)
    jsonschema_rs.Draft202012Validator(json_schema(SERVICE)).validate(found.values)


def test_the_account_fills_in_the_applicant_and_the_address() -> None:
    known = {"given_names": "Erika", "family_name": "Mustermann", "birth_date": date(1964, 8, 12)}
    filled = prefill(SERVICE, known | {"email": "erika@example.org", "address": ADDRESS})

    assert filled.input["applicant"]["birth_date"] == birthday(12, 8, 1964)
    assert filled.input["delivery_address"]["place"] == "Hanau"
    assert set(filled.sources) == {
        "applicant.given_names",
        "applicant.family_name",
        "applicant.birth_date",
        "applicant.email",
        "delivery_address",
    }


@pytest.mark.parametrize("relation", ["ancestor", "descendant", "spouse", "civil_partner"])
def test_close_relatives_name_the_person_but_no_reason(relation: str) -> None:
    born = birthday(3, 5, 1935) if relation == "descendant" else birthday(3, 5, 1995)

    found = placed(relation=relation, subject=subject(birth_date=born))

    assert found.is_complete
    assert "person" in page_ids(found)
    assert "grund" not in page_ids(found)


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ("sibling", {"legitimate_interest": "Wir ordnen den Nachlass unserer Eltern."}),
        ("third_party", {"legal_interest": "Ich bin Miterbe."}),
        ("authorised", {"authorised_by": "Max Mustermann", "authorised_relation": "self"}),
        ("public_body", {"public_body": "Amtsgericht Musterstadt", "public_body_purpose": "Nachlasssache"}),
    ],
)
def test_everybody_else_says_why(relation: str, reason: dict[str, str]) -> None:
    silent = placed(relation=relation, subject=subject())
    reasoned = placed(relation=relation, subject=subject(), **reason)

    assert codes(silent) == dict.fromkeys(reason, "required")
    assert reasoned.is_complete


def test_changing_the_relation_drops_the_reason_and_the_other_person() -> None:
    found = placed(subject=subject(), legal_interest="Ich bin Miterbe.")

    assert found.is_complete
    assert not {"subject", "legal_interest"} & set(found.values)


@pytest.mark.parametrize(
    ("born", "refused"), [(birthday(24, 11, 2010), True), (birthday(23, 11, 2010), False)]
)
def test_one_orders_from_the_age_of_sixteen(born: dict[str, str], refused: bool) -> None:
    found = placed(applicant=applicant(birth_date=born))

    assert codes(found) == ({"applicant.birth_date": "minimum_age"} if refused else {})
    assert all("§ 62 PStG" in error.message for error in found.errors)


@pytest.mark.parametrize(
    ("born", "refused"), [(birthday(23, 11, 1916), True), (birthday(24, 11, 1916), False)]
)
def test_births_of_110_years_ago_are_in_the_archive(born: dict[str, str], refused: bool) -> None:
    other = placed(relation="spouse", subject=subject(birth_date=born))
    own = placed(applicant=applicant(birth_date=born))

    assert codes(other) == ({"subject.birth_date": "subject_in_archive"} if refused else {})
    assert codes(own) == ({"applicant.birth_date": "own_birth_in_archive"} if refused else {})
    assert all("Archiv" in error.message for error in (*other.errors, *own.errors))


def test_nobody_is_born_tomorrow_or_before_the_own_parents() -> None:
    tomorrow = placed(relation="spouse", subject=subject(birth_date=birthday(24, 11, 2026)))
    older_child = placed(relation="ancestor", subject=subject(birth_date=birthday(1, 1, 1950)))
    younger_parent = placed(relation="descendant", subject=subject())

    assert codes(tomorrow) == {"subject.birth_date": "too_late"}
    assert codes(older_child) == {"subject.birth_date": "child_after_parent"}
    assert codes(younger_parent) == {"subject.birth_date": "parent_before_child"}


def test_at_least_one_certificate_is_ordered() -> None:
    found = placed(copies_certificate="")

    assert codes(found)["copies_certificate"] == "no_copies"
    assert codes(placed(copies_certificate="11"))["copies_certificate"] == "too_great"


def test_an_electronic_certificate_needs_no_address() -> None:
    found = placed(copies_certificate="", copies_electronic="1", delivery_address={})

    assert found.is_complete
    assert "versand" not in page_ids(found)


def test_what_the_certificate_says_can_be_chosen() -> None:
    without_parents = placed(omit=["parents", "sex"], copies_register="1", register_notes="yes")

    assert without_parents.is_complete
    assert without_parents.values["omit"] == ["sex", "parents"]
    assert "parent_words" not in without_parents.values
    assert without_parents.values["register_notes"] is True
    assert codes(placed(parent_words="")) == {"parent_words": "required"}


@pytest.mark.parametrize(
    ("copies", "cents"),
    [
        ({"copies_certificate": "1"}, 1200),
        ({"copies_certificate": "3"}, 2400),
        ({"copies_certificate": "1", "copies_multilingual": "1"}, 1800),
        ({"copies_certificate": "", "copies_electronic": "2"}, 1800),
    ],
)
def test_the_first_copy_costs_12_euros_and_each_further_6(copies: dict[str, str], cents: int) -> None:
    quote = fees(SERVICE, placed(**copies).values, today=TODAY)

    assert quote.total_cents == cents
    assert all("VwKostO-MdI" in item.legal_source for item in quote.items)


@pytest.mark.parametrize(
    "purpose",
    ["parental_allowance", "child_benefit", "maternity", "pension", "health_insurance", "social_assistance"],
)
def test_for_social_benefits_it_is_free_and_the_law_is_named(purpose: str) -> None:
    found = placed(purpose=purpose, purpose_details="Grundsicherung", copies_certificate="2")

    quote = fees(SERVICE, found.values, today=TODAY)

    assert found.is_complete
    assert quote.total_cents == 0
    assert quote.exemption is not None
    assert "SGB X" in quote.exemption or "VwKostO" in quote.exemption


def test_the_competent_registry_follows_from_the_place_of_birth() -> None:
    assert (SERVICE.competence.rule, SERVICE.competence.place) == ("registry_office_birth", "birth_place")
    assert placed().values["birth_place"]["key"] == "06415000"


def test_the_summary_shows_everything_that_was_answered() -> None:
    raw = order(registry_number="G 123", registry_year="1964", parent_1={"given_names": "Anna"})

    pages = summary(SERVICE, evaluate(SERVICE, raw, today=TODAY).values)

    rows = {row.path: row.text for page in pages for row in page.rows}
    assert rows["registry_number"] == "G 123"
    assert rows["parent_1.given_names"] == "Anna"
    assert rows["delivery_address"] == "Musterweg 1\n63450 Hanau"
    assert rows["purpose"] == "Hochzeit"
