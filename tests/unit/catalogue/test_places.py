from servicekonto.catalogue.definition import Place, PlaceAnswer, resolve_places
from tests.unit.catalogue.samples import answer, codes, one_page

DEFINITION = one_page("- {id: birth_place, type: municipality, label: Geburtsort}")
PAGE = DEFINITION.pages[0]
HANAU = Place("06415000", "Hanau")
NEUSTADT = {"06437016": "Breuberg", "06534016": "Neustadt (Hessen)"}


def find(text: str) -> PlaceAnswer:
    known = {"Hanau": HANAU, "06415000": HANAU, "06534016": Place("06534016", "Neustadt (Hessen)")}
    if text in known:
        return PlaceAnswer(known[text])
    if text == "Neustadt":
        return PlaceAnswer(choices=NEUSTADT, message="Welches Neustadt?")
    return PlaceAnswer(message="Diesen Ort kennen wir nicht.")


def test_a_place_found_gets_key_and_name() -> None:
    resolved = resolve_places(PAGE, {"birth_place": {"text": " Hanau "}}, find)

    assert resolved.answers == {}
    assert answer(DEFINITION, **resolved.input).values == {
        "birth_place": {"key": "06415000", "name": "Hanau"}
    }


def test_of_several_places_one_is_chosen() -> None:
    asked = resolve_places(PAGE, {"birth_place": {"text": "Neustadt"}}, find)
    chosen = resolve_places(PAGE, {"birth_place": {"text": "Neustadt", "choice": "06534016"}}, find)

    assert asked.answers["birth_place"].choices == NEUSTADT
    assert codes(answer(DEFINITION, **asked.input)) == {"birth_place": "place_unknown"}
    assert answer(DEFINITION, **chosen.input).values["birth_place"] == {
        "key": "06534016",
        "name": "Neustadt (Hessen)",
    }
    assert chosen.answers["birth_place"].choices == NEUSTADT


def test_an_old_choice_does_not_survive_another_text() -> None:
    resolved = resolve_places(PAGE, {"birth_place": {"text": "Atlantis", "choice": "06534016"}}, find)

    assert resolved.input == {"birth_place": {"text": "Atlantis"}}
    assert resolved.answers["birth_place"].message == "Diesen Ort kennen wir nicht."


def test_key_and_name_never_come_from_the_browser() -> None:
    forged = {"birth_place": {"text": "Atlantis", "key": "06415000", "name": "Gelogen"}}

    assert resolve_places(PAGE, forged, find).input == {"birth_place": {"text": "Atlantis"}}


def test_nothing_typed_is_not_looked_up() -> None:
    assert resolve_places(PAGE, {"birth_place": {"text": ""}}, find).input == {"birth_place": {"text": ""}}
    assert codes(answer(DEFINITION)) == {"birth_place": "required"}


def test_places_in_groups_and_rows_are_found_too() -> None:
    definition = one_page(
        """
        - id: stays
          type: repeat
          label: Orte
          item_label: Ort
          fields:
            - id: where
              type: group
              label: Wo
              fields: [{id: place, type: municipality, label: Ort}]
        """
    )
    raw = {"stays": [{"where": {"place": {"text": "Hanau"}}}, {"where": {"place": {"text": "Neustadt"}}}]}

    resolved = resolve_places(definition.pages[0], raw, find)

    assert resolved.input["stays"][0]["where"]["place"]["key"] == "06415000"
    assert set(resolved.answers) == {"stays.1.where.place"}


def test_a_key_outside_hessen_is_no_place() -> None:
    found = answer(DEFINITION, birth_place={"text": "Mainz", "key": "07315000", "name": "Mainz"})

    assert codes(found) == {"birth_place": "place_unknown"}
