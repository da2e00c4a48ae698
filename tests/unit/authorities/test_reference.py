"""The packaged data is complete and fits together."""

from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

from servicekonto.authorities import finder, rules
from servicekonto.authorities.answers import Competent
from servicekonto.authorities.directory import Place
from servicekonto.authorities.kinds import AuthorityKind, MunicipalityKind, Task
from tests.builders.authorities import packaged_directory

TODAY = date(2026, 11, 23)
UNINCORPORATED = MunicipalityKind.UNINCORPORATED_AREA


def places(*, on: date = TODAY) -> list[Place]:
    return [place for place in packaged_directory().records.places if place.valid(on)]


def municipalities(*, on: date = TODAY) -> list[Place]:
    return [place for place in places(on=on) if place.kind is not UNINCORPORATED]


@pytest.mark.parametrize(
    ("on", "number"),
    [(date(2019, 12, 31), 423), (date(2020, 1, 1), 422), (date(2022, 12, 31), 422), (date(2023, 1, 1), 421)],
)
def test_the_number_of_municipalities_follows_the_mergers(on: date, number: int) -> None:
    assert len(municipalities(on=on)) == number


def test_today_there_are_421_municipalities_and_4_areas_without_one() -> None:
    assert len(municipalities()) == 421
    assert len(places()) == 425


def test_there_are_21_districts_and_6_independent_cities() -> None:
    kinds = Counter(entry.kind for entry in packaged_directory().records.authorities)

    assert kinds[AuthorityKind.DISTRICT] == 21
    assert kinds[AuthorityKind.INDEPENDENT_CITY] == 6
    assert kinds[AuthorityKind.REGIONAL_COUNCIL] == 3
    assert {place.name for place in places() if place.kind is MunicipalityKind.INDEPENDENT_CITY} == {
        "Darmstadt", "Frankfurt am Main", "Hanau", "Kassel", "Offenbach am Main", "Wiesbaden",
    }  # fmt: skip


def test_hanau_became_independent_on_the_first_of_january_2026() -> None:
    before = [place for place in places(on=date(2025, 12, 31)) if place.name == "Hanau"]
    since = [place for place in places(on=date(2026, 1, 1)) if place.name == "Hanau"]

    assert [(p.ags, p.district_authority_key) for p in before] == [("06435014", "main-kinzig-kreis")]
    assert [(p.ags, p.district_authority_key) for p in since] == [("06415000", "hanau")]
    assert before[0].authority_key == since[0].authority_key == "hanau"


def test_there_are_550_postcodes_and_each_leads_to_a_municipality() -> None:
    directory = packaged_directory()
    postcodes = {entry.postcode for entry in directory.records.postcodes}

    assert len(postcodes) == 550
    assert all(directory.at_postcode(postcode, on=TODAY) for postcode in postcodes)


def test_every_municipality_has_exactly_one_authority_of_its_own() -> None:
    directory = packaged_directory()
    keys = Counter(place.authority_key for place in municipalities())

    assert set(keys.values()) == {1}
    assert all(directory.authority(key).valid_to is None for key in keys)
    assert {directory.authority(key).kind for key in keys} == {
        AuthorityKind.MUNICIPALITY,
        AuthorityKind.INDEPENDENT_CITY,
    }


def test_authorities_are_called_as_their_kind_demands() -> None:
    names = {entry.key: entry.name for entry in packaged_directory().records.authorities}

    assert names["hanau"] == "Magistrat der Stadt Hanau"
    assert names["biblis"] == "Gemeindevorstand der Gemeinde Biblis"
    assert names["weilmuenster"] == "Gemeindevorstand des Marktfleckens Weilmünster"
    assert names["main-kinzig-kreis"] == "Kreisausschuss des Main-Kinzig-Kreises"
    assert names["kreis-bergstrasse"] == "Kreisausschuss des Kreises Bergstraße"
    assert names["rp-kassel"] == "Regierungspräsidium Kassel"


def test_the_keys_of_authorities_are_unique_and_their_parents_exist() -> None:
    authorities = packaged_directory().records.authorities

    assert len({entry.key for entry in authorities}) == len(authorities)
    assert {entry.parent_key for entry in authorities if entry.parent_key} <= {e.key for e in authorities}


def test_31_authorities_grant_housing_benefit() -> None:
    directory = packaged_directory()
    granting = {directory.competence(place, Task.HOUSING_BENEFIT).authority_key for place in places()}

    assert len(granting) == 31


def test_220_municipalities_give_taxi_permits_themselves() -> None:
    directory = packaged_directory()
    own = [p for p in municipalities() if directory.competence(p, Task.TAXI).authority_key == p.authority_key]

    assert len(own) == 220


@pytest.mark.parametrize("rule_key", rules.rules())
@pytest.mark.parametrize("on", [date(2025, 12, 31), TODAY])
def test_every_rule_has_an_authority_with_a_unit_for_every_municipality(rule_key: str, on: date) -> None:
    directory = packaged_directory()

    for place in municipalities(on=on):
        answer = finder.find(directory, rule_key, place.ags, on=on)

        assert isinstance(answer, Competent), place.name
        assert answer.unit.authority_key == answer.authority.key
        assert "{" not in answer.sentence
        assert answer.sentence.endswith(".")


def test_every_former_place_is_found_by_its_own_label() -> None:
    directory = packaged_directory()

    for named in directory.named:
        if named.former is not None:
            answer = finder.find(directory, "registry_office_birth", named.label, on=TODAY)
            assert isinstance(answer, Competent), named.label
            assert answer.authority.key == named.place.authority_key


def test_the_data_names_its_sources() -> None:
    notice = (files("servicekonto.authorities") / "data" / "NOTICE.md").read_text(encoding="utf-8")

    assert "© Statistisches Bundesamt (Destatis), 2025" in notice
    assert "Open Database License" in notice
    assert "OpenStreetMap contributors" in notice
