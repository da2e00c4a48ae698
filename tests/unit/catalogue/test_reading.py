from servicekonto.catalogue.definition import read_input
from tests.unit.catalogue.samples import one_page

PAGE = one_page(
    """
    - {id: name, type: text, label: Name, max_length: 10}
    - {id: story, type: long_text, label: Geschichte}
    - {id: birth, type: date, label: Geburt}
    - id: colours
      type: multiple_choice
      label: Farben
      options: [{value: red, label: Rot}, {value: blue, label: Blau}]
    - {id: home, type: address, label: Anschrift}
    - {id: place, type: municipality, label: Ort}
    - {id: ok, type: declaration, label: Ja}
    - {id: hint, type: information, label: Hinweis, text: Nur Text}
    """
).pages[0]


def test_only_known_fields_that_the_page_showed_are_read() -> None:
    assert read_input(PAGE, {"name": ["Erika"], "csrf_token": ["x"], "hint": ["x"], "name.first": ["x"]}) == {
        "name": "Erika"
    }
    assert read_input(PAGE, {}) == {}


def test_structured_fields_are_read_from_dotted_names() -> None:
    form = {
        "birth.day": ["1"],
        "birth.month": ["2"],
        "home.street": ["Musterweg"],
        "home.place": ["Hanau"],
        "place.text": ["Hanau"],
        "place.choice": ["06415000"],
        "place.key": ["06412000"],
    }

    assert read_input(PAGE, form) == {
        "birth": {"day": "1", "month": "2", "year": ""},
        "home": {"street": "Musterweg", "place": "Hanau"},
        "place": {"text": "Hanau", "choice": "06415000"},
    }


def test_an_unticked_box_is_told_from_one_that_was_not_shown() -> None:
    assert read_input(PAGE, {"colours.shown": ["1"], "ok.shown": ["1"]}) == {"colours": [], "ok": ""}
    assert read_input(PAGE, {"colours": ["red", "blue"], "ok": ["yes"]}) == {
        "colours": ["red", "blue"],
        "ok": "yes",
    }


def test_a_name_sent_without_any_text_counts_as_empty() -> None:
    assert read_input(PAGE, {"name": [], "birth.day": [], "colours": []}) == {
        "name": "",
        "birth": {"day": "", "month": "", "year": ""},
        "colours": [],
    }


def test_texts_are_cleaned_and_cut() -> None:
    form = {
        "name": [" E\u0301va\x00\n" + "x" * 9000],
        "story": ["eins\r\n\r\nzwei\x07 "],
        "birth.day": ["1" * 999],
    }

    read = read_input(PAGE, form)

    assert read["name"].startswith("Éva x")
    assert len(read["name"]) < 600
    assert read["story"] == "eins\n\nzwei"
    assert len(read["birth"]["day"]) == 10


def test_more_choices_than_options_are_not_kept() -> None:
    assert len(read_input(PAGE, {"colours": ["x"] * 5000})["colours"]) <= 3
