from datetime import date

from servicekonto.catalogue.definition import evaluate, prefill, summary
from tests.unit.catalogue.samples import TODAY, answer, one_page

DEFINITION = one_page(
    """
    - {id: me, type: person, label: Sie selbst, include: [given_names, birth_date, address], prefill: account}
    - {id: email, type: email, label: E-Mail, prefill: account.email}
    - {id: home, type: address, label: Anschrift, abroad: true, prefill: account.address}
    - id: children
      type: repeat
      label: Kinder
      item_label: Kind
      min_rows: 0
      fields: [{id: name, type: text, label: Name}]
    - {id: story, type: long_text, label: Geschichte, required: false}
    - {id: hint, type: information, label: Hinweis, text: Nur Text}
    """
)
ADDRESS = {"street": "Musterweg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"}
ACCOUNT = {
    "given_names": "Erika",
    "family_name": "Mustermann",
    "birth_date": date(1964, 8, 12),
    "email": "erika@example.org",
    "address": ADDRESS,
    "phone": None,
}


def test_the_account_fills_in_what_it_knows_and_the_source_is_named() -> None:
    filled = prefill(DEFINITION, ACCOUNT)

    assert filled.sources == {
        "me.given_names": "account",
        "me.birth_date": "account",
        "me.address": "account",
        "email": "account",
        "home": "account",
    }
    assert filled.input["me"]["birth_date"] == {"day": "12", "month": "8", "year": "1964"}
    assert evaluate(DEFINITION, filled.input, today=TODAY).is_complete


def test_an_account_without_attributes_fills_in_nothing() -> None:
    filled = prefill(DEFINITION, {"email": None, "given_names": ""})

    assert (filled.input, filled.sources) == ({}, {})


def test_a_summary_has_a_row_per_answer_under_the_title_of_its_page() -> None:
    raw = prefill(DEFINITION, ACCOUNT).input | {
        "children": [{"name": "Max"}, {"name": "Eva"}],
        "story": "a\nb",
    }

    (page,) = summary(DEFINITION, answer(DEFINITION, **raw).values)

    assert page.title == "Seite"
    assert [(row.group, row.label, row.lines) for row in page.rows] == [
        ("Sie selbst", "Vornamen", ("Erika",)),
        ("Sie selbst", "Geburtsdatum", ("12.08.1964",)),
        ("Sie selbst", "Anschrift", ("Musterweg 1", "63450 Hanau")),
        ("", "E-Mail", ("erika@example.org",)),
        ("", "Anschrift", ("Musterweg 1", "63450 Hanau")),
        ("Kind 1", "Name", ("Max",)),
        ("Kind 2", "Name", ("Eva",)),
        ("", "Geschichte", ("a", "b")),
    ]
    assert [name for name, _ in page.groups] == ["Sie selbst", "", "Kind 1", "Kind 2", ""]
    assert {row.page_id for row in page.rows} == {"page"}


def test_an_address_abroad_names_the_country() -> None:
    raw = prefill(DEFINITION, ACCOUNT).input | {"home": ADDRESS | {"country": "FR", "addition": "Bât. 3"}}

    (page,) = summary(DEFINITION, answer(DEFINITION, **raw).values)

    assert page.rows[4].lines == ("Musterweg 1", "Bât. 3", "63450 Hanau", "Frankreich")
    assert page.rows[4].text.endswith("Frankreich")


def test_pages_without_answers_are_left_out() -> None:
    assert summary(DEFINITION, {}) == []
