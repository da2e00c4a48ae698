"""What people type, and what the finder makes of it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicekonto.authorities import finder, rules
from servicekonto.authorities.answers import Ambiguous, Answer, Competent, Outside, OutsideKind, Unknown
from servicekonto.authorities.places import Located
from tests.builders.authorities import packaged_directory

TODAY = date(2026, 11, 23)
BIRTH = "registry_office_birth"


def find(place: str, rule_key: str = BIRTH, on: date = TODAY) -> Answer:
    return finder.find(packaged_directory(), rule_key, place, on=on)


def competent(place: str, rule_key: str = BIRTH, on: date = TODAY) -> Competent:
    answer = find(place, rule_key, on)
    assert isinstance(answer, Competent), answer
    return answer


def candidates(place: str, rule_key: str = BIRTH) -> list[str]:
    answer = find(place, rule_key)
    assert isinstance(answer, Ambiguous), answer
    return [candidate.label for candidate in answer.candidates]


def suggestions(place: str) -> list[str]:
    answer = find(place)
    assert isinstance(answer, Unknown), answer
    return [suggestion.label for suggestion in answer.suggestions]


def test_the_sentence_says_which_rule_made_it_so() -> None:
    answer = competent("Hanau")

    assert answer.authority.name == "Magistrat der Stadt Hanau"
    assert answer.unit_key == "registry_office"
    assert answer.source == "§ 55 Abs. 2 PStG"
    assert answer.sentence == (
        "Zuständig ist das Standesamt Hanau, weil es die Geburt in Hanau beurkundet hat (§ 55 Abs. 2 PStG)."
    )


@pytest.mark.parametrize(
    ("typed", "authority"),
    [
        ("Frankfurt", "frankfurt-am-main"),
        ("FRANKFURT", "frankfurt-am-main"),
        ("Ffm", "frankfurt-am-main"),
        ("Frankfurt/Main", "frankfurt-am-main"),
        ("Offenbach", "offenbach-am-main"),
        ("Bad Homburg", "bad-homburg-v-d-hoehe"),
        ("Limburg", "limburg-a-d-lahn"),
        ("Hanau am Main", "hanau"),
        ("hanau ", "hanau"),
        ("63450 Hanau", "hanau"),
        ("D-63450 Hanau", "hanau"),
        ("Hanau, 63450", "hanau"),
        ("63450", "hanau"),
        ("06415000", "hanau"),
        ("064150000000", "hanau"),
        ("06435014", "hanau"),
        ("Giessen", "giessen"),
        ("Gießen", "giessen"),
        ("Kassel", "kassel"),
        ("34127 Fuldatal", "fuldatal"),
        ("Frankfurt-Höchst", "frankfurt-am-main"),
        ("Wiesbaden Biebrich", "wiesbaden"),
        ("Mainz-Kastel", "wiesbaden"),
        ("Höchst i. Odw.", "hoechst-i-odw"),
        ("Altenstadt", "altenstadt"),
        ("Altenstädt", "naumburg"),
    ],
)
def test_a_place_is_found_however_it_is_written(typed: str, authority: str) -> None:
    assert competent(typed).authority.key == authority


@pytest.mark.parametrize(
    ("rule_key", "before", "since"),
    [
        ("vehicle_registration", "main-kinzig-kreis", "hanau"),
        ("driving_licence", "main-kinzig-kreis", "hanau"),
        ("rescue_service", "main-kinzig-kreis", "hanau"),
        (BIRTH, "hanau", "hanau"),
        ("passport", "hanau", "hanau"),
    ],
)
def test_until_2025_the_district_was_competent_for_hanau(rule_key: str, before: str, since: str) -> None:
    assert competent("Hanau", rule_key, on=date(2025, 12, 31)).authority.key == before
    assert competent("Hanau", rule_key, on=date(2026, 1, 1)).authority.key == since


@pytest.mark.parametrize(
    ("place", "rule_key", "authority"),
    [
        ("Wetzlar", "housing_benefit", "wetzlar"),
        ("Gießen", "housing_benefit", "landkreis-giessen"),
        ("Taunusstein", "taxi", "taunusstein"),
        ("Abtsteinach", "taxi", "kreis-bergstrasse"),
        ("Fulda", "parental_allowance", "havs-fulda"),
        ("Marburg", "scheduled_transport", "rp-giessen"),
        ("Kassel", "scheduled_transport", "rp-kassel"),
        ("Biblis", "intermunicipal_cooperation", "hmdi"),
    ],
)
def test_other_levels_decide_in_other_matters(place: str, rule_key: str, authority: str) -> None:
    assert competent(place, rule_key).authority.key == authority


def test_the_number_of_inhabitants_is_named_where_it_decides() -> None:
    assert "weil Taunusstein mindestens 7.500 Einwohner hat" in competent("Taunusstein", "taxi").sentence
    assert "weniger als 7.500 Einwohner" in competent("Abtsteinach", "taxi").sentence


def test_a_competence_without_a_sure_source_says_so() -> None:
    assert any("nicht amtlich bestätigt" in note for note in competent("Hanau", "parental_allowance").notes)


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("Homberg", ["Homberg (Efze), Schwalm-Eder-Kreis", "Homberg (Ohm), Vogelsbergkreis"]),
        ("Bad Soden", ["Bad Soden am Taunus, Main-Taunus-Kreis", "Bad Soden-Salmünster, Main-Kinzig-Kreis"]),
        ("34123", ["Kassel", "Lohfelden", "Fuldabrück"]),
        ("64295 Hanau", ["Hanau", "Darmstadt"]),
        ("Steinheim", ["Steinheim am Main, heute Teil von Hanau", "Steinheim, heute Teil von Hungen"]),
    ],
)
def test_several_matches_ask(typed: str, labels: list[str]) -> None:
    assert candidates(typed) == labels


@pytest.mark.parametrize(
    "typed", ["Homberg", "Steinheim", "Höchst", "34123", "Main-Kinzig-Kreis", "Münster", "Lahn"]
)
def test_each_choice_leads_to_one_authority(typed: str) -> None:
    answer = find(typed)
    assert isinstance(answer, Ambiguous)

    for candidate in answer.candidates:
        assert isinstance(find(candidate.value), Competent), candidate


def test_a_district_is_asked_for_its_municipality() -> None:
    assert "Gelnhausen" in candidates("Main-Kinzig-Kreis")
    assert "Dreieich" in candidates("Landkreis Offenbach")
    assert competent("Offenbach").authority.key == "offenbach-am-main"


@pytest.mark.parametrize("typed", ["Münster", "Fürth", "Weimar", "Friedberg"])
def test_a_well_known_city_of_the_same_name_elsewhere_is_mentioned(typed: str) -> None:
    answer = find(typed)

    assert isinstance(answer, Ambiguous)
    assert answer.outside is not None
    assert "nicht in Hessen" in answer.outside


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("Wahlsburg", "Wahlsburg gehört seit dem 01.01.2020 zu Wesertal."),
        ("Oberweser", "Oberweser gehört seit dem 01.01.2020 zu Wesertal."),
        ("Bromskirchen", "Bromskirchen gehört seit dem 01.01.2023 zu Allendorf (Eder)."),
        ("Großauheim", "Großauheim gehört seit dem 01.07.1974 zu Hanau."),
        ("Klein-Auheim", "Klein-Auheim gehört seit dem 01.07.1974 zu Hanau."),
        ("Mittelbuchen", "Mittelbuchen gehört seit 1971 zu Hanau."),
    ],
)
def test_a_place_that_was_merged_says_into_what_and_when(typed: str, note: str) -> None:
    answer = competent(typed)

    assert note in answer.notes
    assert f"die Geburtenregister von {typed} führt" in answer.sentence


def test_before_the_merger_the_old_municipality_was_competent() -> None:
    assert competent("Wahlsburg", on=date(2019, 6, 1)).authority.key == "wahlsburg"
    assert [c.label for c in ambiguous("Wesertal", date(2019, 6, 1)).candidates] == ["Oberweser", "Wahlsburg"]


def ambiguous(place: str, on: date) -> Ambiguous:
    answer = find(place, on=on)
    assert isinstance(answer, Ambiguous), answer
    return answer


@pytest.mark.parametrize(
    ("typed", "kind", "part"),
    [
        ("Berlin", OutsideKind.OTHER_STATE, "Berlin liegt nicht in Hessen"),
        ("Mainz", OutsideKind.OTHER_STATE, "Mainz (Rheinland-Pfalz) liegt nicht in Hessen"),
        ("Frankfurt (Oder)", OutsideKind.OTHER_STATE, "Brandenburg"),
        ("Offenbach an der Queich", OutsideKind.OTHER_STATE, "Rheinland-Pfalz"),
        ("68159", OutsideKind.OTHER_STATE, "Mannheim"),
        ("10115", OutsideKind.OTHER_STATE, "Berlin"),
        ("99999", OutsideKind.OTHER_STATE, "Die Postleitzahl 99999 liegt nicht in Hessen"),
        ("Bayern", OutsideKind.OTHER_STATE, "Bayern liegt nicht in Hessen"),
        ("Istanbul", OutsideKind.ABROAD, "Standesamt I in Berlin"),
        ("Türkei", OutsideKind.ABROAD, "(Türkei)"),
        ("Poland", OutsideKind.ABROAD, "(Polen)"),
        ("Breslau", OutsideKind.ABROAD, "§ 36 PStG"),
    ],
)
def test_outside_of_hessen_the_answer_helps(typed: str, kind: OutsideKind, part: str) -> None:
    answer = find(typed)

    assert isinstance(answer, Outside)
    assert answer.kind is kind
    assert part in answer.message


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Hanua", "Hanau"),
        ("Wisbaden", "Wiesbaden"),
        ("Darmstatt", "Darmstadt"),
        ("Frankfurt am Mein", "Frankfurt am Main"),
        ("Frankf", "Frankfurt am Main"),
        ("Homburg", "Bad Homburg v. d. Höhe, Hochtaunuskreis"),
        ("Lichtenau", "Hessisch Lichtenau, Werra-Meißner-Kreis"),
        ("Manheim", "Mannheim (Baden-Württemberg)"),
    ],
)
def test_a_typing_mistake_gets_suggestions(typed: str, label: str) -> None:
    assert label in suggestions(typed)


def test_an_unknown_postcode_in_the_area_may_be_a_post_office_box() -> None:
    answer = find("60999")

    assert isinstance(answer, Unknown)
    assert "Postfach" in answer.message
    assert "60599" in [suggestion.value for suggestion in answer.suggestions]


@pytest.mark.parametrize("typed", ["", "   ", "?", "🙂", "Hessen", "xq", "00000000", "x" * 5000])
def test_what_cannot_be_a_place_gets_a_sentence(typed: str) -> None:
    answer = find(typed)

    assert isinstance(answer, Unknown)
    assert answer.message.endswith((".", "?"))


def test_an_area_without_a_municipality_asks_for_the_next_place() -> None:
    assert "gemeindefreies Gebiet" in unknown("Gutsbezirk Reinhardswald").message
    assert competent("Gutsbezirk Reinhardswald", "rescue_service").authority.key == "landkreis-kassel"


def unknown(place: str) -> Unknown:
    answer = find(place)
    assert isinstance(answer, Unknown), answer
    return answer


def test_a_rule_that_does_not_exist_is_an_error_of_the_definition() -> None:
    with pytest.raises(rules.UnknownRuleError):
        find("Hanau", "unheard_of")


def test_a_place_can_be_looked_up_without_a_rule() -> None:
    directory = packaged_directory()

    found = finder.find_place(directory, "Großauheim", on=TODAY)
    assert isinstance(found, Located)
    assert (found.place.ags, found.name) == ("06415000", "Großauheim")
    assert isinstance(finder.find_place(directory, "Wetteraukreis", on=TODAY), Ambiguous)
    assert isinstance(finder.find_place(directory, "Paris", on=TODAY), Outside)


FRAGMENTS = [
    "Hanau",
    "Bad",
    "am",
    "Main",
    "(",
    ")",
    "/",
    ",",
    "-",
    "63450",
    "D-",
    "Kreis",
    "06415000",
    "ß",
    "Ä",
    "\x00",
]
TYPED = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(FRAGMENTS), max_size=6).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(TYPED, st.sampled_from(sorted(rules.rules())), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_any_text_gets_one_of_the_four_answers(text: str, rule_key: str, on: date) -> None:
    answer = find(text, rule_key, on)

    assert isinstance(answer, Competent | Ambiguous | Outside | Unknown)
