from typing import Any

from servicekonto.catalogue.definition import evaluate
from tests.unit.catalogue.samples import TODAY, answer, codes, define, one_page

THREE_PAGES = define(
    """
    - id: first
      title: Eins
      fields:
        - {id: wants_more, type: yes_no, label: Mehr}
        - {id: note, type: text, label: Hinweis, visible_if: {field: wants_more, equals: yes}}
    - id: second
      title: Zwei
      visible_if: {field: wants_more, equals: yes}
      fields:
        - {id: start, type: date, label: Beginn}
        - {id: end, type: date, label: Ende}
    - id: third
      title: Drei
      fields:
        - {id: email, type: email, label: E-Mail, required: false}
        - {id: phone, type: phone, label: Telefon, required: false}
    """,
    more="""
    checks:
      - id: end_before_start
        require: {field: end, after_field: start}
        at: end
        message: Das Ende muss nach dem Beginn liegen.
      - id: no_contact
        when: {field: wants_more, equals: yes}
        require: {any: [{field: email, not_empty: true}, {field: phone, not_empty: true}]}
        at: email
        message: Bitte geben Sie E-Mail oder Telefon an.
    """,
)


def a_date(year: str) -> dict[str, str]:
    return {"day": "1", "month": "1", "year": year}


def test_hidden_pages_and_fields_do_not_count_and_their_answers_are_dropped() -> None:
    found = answer(THREE_PAGES, wants_more="no", note="weg", start=a_date("2026"), end=a_date("1"))

    assert [page.id for page in found.pages] == ["first", "third"]
    assert found.values == {"wants_more": False}
    assert found.is_complete


def test_pages_know_their_neighbours() -> None:
    found = answer(THREE_PAGES, wants_more="no")

    first, third = found.pages
    assert found.next_page("first") == third
    assert found.previous_page("third") == first
    assert found.next_page("third") is found.previous_page("first") is None
    assert found.next_page("second") is found.next_page("unknown") is None


def test_errors_belong_to_a_page_and_the_first_open_page_is_known() -> None:
    found = answer(THREE_PAGES, wants_more="yes", note="da", email="falsch")

    assert codes(found) == {"start": "required", "end": "required", "email": "email"}
    assert [error.path for error in found.errors_on("third")] == ["email"]
    assert found.first_incomplete_page is not None
    assert found.first_incomplete_page.id == "second"


def test_a_check_across_fields_is_shown_at_its_field() -> None:
    raw: dict[str, Any] = {"wants_more": "yes", "note": "da", "email": "erika@example.org"}
    raw["start"] = a_date("2026")

    found = answer(THREE_PAGES, **raw, end=a_date("2025"))

    (error,) = found.errors
    assert (error.page_id, error.path, error.code) == ("second", "end", "end_before_start")
    assert error.message == "Das Ende muss nach dem Beginn liegen."
    assert answer(THREE_PAGES, **raw, end=a_date("2027")).is_complete


def test_a_check_waits_until_the_fields_it_speaks_of_are_right() -> None:
    found = answer(THREE_PAGES, wants_more="yes", note="da", start=a_date("2026"), end=a_date("26"))

    assert codes(found) == {"end": "year", "email": "no_contact"}


def test_a_check_about_hidden_fields_is_silent() -> None:
    assert answer(THREE_PAGES, wants_more="no").is_complete


def test_an_invalid_answer_hides_what_depends_on_it() -> None:
    found = answer(THREE_PAGES, wants_more="vielleicht", note="da")

    assert codes(found) == {"wants_more": "unknown_option"}
    assert "note" not in found.values


def test_every_error_says_what_to_do() -> None:
    definition = one_page(
        """
        - {id: name, type: text, label: Ihr Name}
        - {id: ok, type: declaration, label: Ich stimme zu.}
        - {id: land, type: country, label: Land}
        - {id: wann, type: date, label: Geburtsdatum}
        """
    )

    messages = [error.message for error in answer(definition).errors]

    assert messages == [
        "Bitte füllen Sie aus: „Ihr Name“.",
        "Bitte bestätigen Sie: „Ich stimme zu.“",
        "Bitte wählen Sie ein Land: „Land“.",
        "Bitte füllen Sie aus: „Geburtsdatum“.",
    ]


def test_a_page_of_nothing_visible_is_no_page() -> None:
    definition = define(
        """
        - {id: one, title: Eins, fields: [{id: ask, type: yes_no, label: Ja}]}
        - id: two
          title: Zwei
          fields: [{id: more, type: text, label: Mehr, visible_if: {field: ask, equals: yes}}]
        """
    )

    assert [page.id for page in answer(definition, ask="no").pages] == ["one"]
    assert [page.id for page in answer(definition, ask="yes").pages] == ["one", "two"]


def test_evaluating_changes_nothing() -> None:
    raw = {"wants_more": "yes", "start": a_date("2026")}
    copy = {"wants_more": "yes", "start": a_date("2026")}

    evaluate(THREE_PAGES, raw, today=TODAY)

    assert raw == copy
