"""The macros of every type of field: labels, unique ids, descriptions, links from the error summary."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader

from servicekonto.catalogue.definition import (
    Definition,
    FormPage,
    PlaceAnswer,
    evaluate,
    form_page,
    prefill,
    read_input,
    summary,
)
from tests.unit.catalogue.samples import TODAY, birth_certificate, one_page

TEMPLATES = Path(__file__).parents[3] / "templates"

EVERYTHING = one_page(
    """
    - id: name
      type: text
      label: Name
      hint: Vor- und Nachname
      help: Wie im Ausweis.
      width: 12
    - {id: story, type: long_text, label: Geschichte}
    - {id: email, type: email, label: E-Mail, prefill: account.email, autocomplete: email}
    - {id: phone, type: phone, label: Telefon, required: false}
    - {id: birth, type: date, label: Geburt, hint: Zum Beispiel 24 12 1985, autocomplete: bday}
    - {id: rent, type: money, label: Miete}
    - {id: area, type: number, label: Fläche, decimals: 2, unit: m²}
    - {id: account, type: iban, label: IBAN}
    - {id: tax, type: tax_id, label: Steuer-ID}
    - {id: seat, type: postcode_place, label: Sitz}
    - {id: home, type: address, label: Anschrift, abroad: true}
    - id: kind
      type: choice
      label: Art
      options: [{value: red, label: Rot, hint: Warm}, {value: blue, label: Blau}]
    - id: menu
      type: choice
      display: select
      label: Liste
      options: [{value: a, label: A}, {value: b, label: B}]
    - id: many
      type: multiple_choice
      label: Mehrere
      options: [{value: red, label: Rot}, {value: blue, label: Blau}]
    - {id: agrees, type: yes_no, label: Einverstanden}
    - {id: land, type: country, label: Land}
    - {id: child, type: person, label: Kind, include: [given_names, birth_date, sex]}
    - {id: place, type: municipality, label: Geburtsort}
    - id: members
      type: repeat
      label: Haushalt
      item_label: Person
      min_rows: 1
      fields:
        - {id: name, type: text, label: Name}
        - {id: born, type: date, label: Geburt}
        - id: incomes
          type: repeat
          label: Einkommen
          item_label: Einkommen
          min_rows: 0
          fields: [{id: amount, type: money, label: Betrag}]
    - id: plan
      type: month_grid
      label: Monate
      row_label: Lebensmonat
      months: 3
      columns: [{id: mother, label: Mutter}, {id: father, label: Vater}]
      choices: [{value: basis, label: Basis, last_month: 2}, {value: plus, label: Plus}]
    - {id: note, type: information, label: Hinweis, text: Nur Text, tone: warning}
    - {id: ok, type: declaration, label: Stimmt.}
    """
)


def environment() -> Environment:
    """As plain as possible: German texts as they stand, and an alarm for every misspelt name of a macro."""
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    env.globals["_"] = lambda message, **variables: message % variables if variables else message
    return env


def render(shown: FormPage) -> BeautifulSoup:
    template = environment().from_string(
        '{% from "form/fields.html" import render_fields %}{{ render_fields(p) }}'
    )
    return BeautifulSoup(template.render(p=shown), "html.parser")


def shown_page(definition: Definition, raw: Mapping[str, Any], **options: Any) -> FormPage:
    evaluation = evaluate(definition, raw, today=TODAY)
    return form_page(evaluation.pages[0], raw, evaluation, **options)


def inputs(soup: BeautifulSoup) -> list[Tag]:
    found = soup.select("input:not([type=hidden]), select, textarea")
    return list(found)


@pytest.mark.parametrize("show_errors", [False, True])
def test_every_input_has_a_label_and_every_id_is_unique(show_errors: bool) -> None:
    soup = render(shown_page(EVERYTHING, {"members": [{}, {"incomes": [{}]}]}, show_errors=show_errors))

    labels = {label["for"] for label in soup.select("label[for]")}
    assert [
        tag["name"] for tag in inputs(soup) if tag["id"] not in labels and not tag.get("aria-label")
    ] == []
    ids = Counter(tag["id"] for tag in soup.select("[id]"))
    assert [name for name, count in ids.items() if count > 1] == []
    described = {
        name for tag in soup.select("[aria-describedby]") for name in str(tag["aria-describedby"]).split()
    }
    assert described <= set(ids)
    assert all(fieldset.find("legend", recursive=False) for fieldset in soup.select("fieldset"))


def test_every_error_is_beside_its_field_and_the_summary_leads_to_an_input() -> None:
    shown = shown_page(EVERYTHING, {}, show_errors=True)
    soup = render(shown)

    assert len(shown.error_links) > 20
    for link in shown.error_links:
        target = soup.select_one(f"[id='{link.href.removeprefix('#')}']")
        assert target is not None, link
        assert target.name in ("input", "select", "textarea"), link
    shown_messages = {" ".join(error.get_text().split()) for error in soup.select(".kern-error")}
    assert shown_messages == {link.message for link in shown.error_links}
    assert soup.select_one("#birth[aria-invalid=true]")
    fieldset = soup.select_one("fieldset[aria-describedby~=birth-fehler]")
    assert fieldset is not None
    assert "birth-hinweis" in str(fieldset["aria-describedby"])


def test_what_was_typed_is_shown_again_and_harmless() -> None:
    raw = {
        "name": '"><script>alert(1)</script>',
        "story": "</textarea><b>",
        "birth": {"day": "31", "month": "2", "year": "85"},
        "kind": "blue",
        "many": ["red"],
        "menu": "b",
        "land": "FR",
        "ok": "yes",
        "place": {"text": "Hanau"},
        "plan": {"2": {"father": "plus"}},
        "members": [{"name": "Max"}, {"name": "Eva"}],
    }

    soup = render(shown_page(EVERYTHING, raw, show_errors=True))

    assert soup.find("script") is None
    values = {tag["name"]: tag.get("value") for tag in soup.select("input[type=text]")}
    assert values["name"] == raw["name"]
    assert (values["birth.day"], values["birth.year"]) == ("31", "85")
    assert (values["place.text"], values["members.1.name"]) == ("Hanau", "Eva")
    assert {(tag["name"], tag["value"]) for tag in soup.select("input[checked]")} == {
        ("kind", "blue"),
        ("many", "red"),
        ("ok", "yes"),
    }
    selects = {str(tag["name"]): tag.select_one("option[selected]") for tag in soup.select("select")}
    chosen = {(name, option["value"]) for name, option in selects.items() if option}
    assert chosen == {("menu", "b"), ("land", "FR"), ("plan.2.father", "plus"), ("home.country", "DE")}


def test_the_page_sends_back_what_the_engine_reads() -> None:
    raw = {
        "name": "Erika",
        "many": ["blue"],
        "members": [{"name": "Max"}],
        "plan": {"1": {"mother": "basis"}},
    }
    soup = render(shown_page(EVERYTHING, raw))

    read = read_input(EVERYTHING.pages[0], posted(soup))

    assert {name: read[name] for name in ("name", "many", "plan")} == {
        name: raw[name] for name in ("name", "many", "plan")
    }
    assert read["members"][0]["name"] == "Max"
    assert set(read) == {field.id for field in EVERYTHING.pages[0].fields} - {"note", "kind", "agrees"}


def posted(soup: BeautifulSoup) -> dict[str, list[str]]:
    """What a browser sends without pressing a named button."""
    form: dict[str, list[str]] = {}
    for tag in soup.select("input, textarea"):
        if tag.get("type") not in ("radio", "checkbox") or tag.has_attr("checked"):
            form.setdefault(str(tag["name"]), []).append(str(tag.get("value", tag.get_text())))
    for tag in soup.select("select"):
        option = tag.select_one("option[selected]") or tag.select_one("option")
        form.setdefault(str(tag["name"]), []).append(str(option["value"]) if option else "")
    return form


def test_rows_come_with_buttons_and_the_enter_key_removes_nothing() -> None:
    soup = render(shown_page(EVERYTHING, {"members": [{}, {"incomes": [{}]}]}))

    buttons = [(tag["name"], tag["value"]) for tag in soup.select("button[type=submit]")]

    assert buttons[0] == ("action", "next")
    assert set(buttons[1:]) == {
        ("action", "remove:members.0"),
        ("action", "remove:members.1"),
        ("action", "add:members"),
        ("action", "add:members.0.incomes"),
        ("action", "add:members.1.incomes"),
        ("action", "remove:members.1.incomes.0"),
    }


def test_a_prefilled_answer_says_where_it_comes_from() -> None:
    filled = prefill(EVERYTHING, {"email": "erika@example.org"})

    soup = render(shown_page(EVERYTHING, filled.input, prefilled=filled.sources))

    (source,) = soup.select(".sk-source")
    assert source.get_text() == "Aus Ihrem Konto"
    email = soup.select_one("#email")
    assert email is not None
    assert (email["value"], email["type"], email["autocomplete"]) == ("erika@example.org", "email", "email")
    assert str(source.parent["id"]) in str(email["aria-describedby"])  # type: ignore[index]


def test_of_several_places_one_can_be_chosen() -> None:
    answers = {
        "place": PlaceAnswer(choices={"1": "Neustadt (Hessen)", "2": "Breuberg"}, message="Welches Neustadt?")
    }
    raw = {"place": {"text": "Neustadt"}}

    shown = shown_page(EVERYTHING, raw, places=answers, show_errors=True)
    soup = render(shown)

    assert [tag["value"] for tag in soup.select("input[name='place.choice']")] == ["1", "2"]
    assert ("#place", "Welches Neustadt?") in [(link.href, link.message) for link in shown.error_links]


def test_an_optional_question_says_so() -> None:
    soup = render(shown_page(EVERYTHING, {}))

    assert "(freiwillig)" in soup.select_one("label[for=phone]").get_text()  # type: ignore[union-attr]
    assert "(freiwillig)" not in soup.select_one("label[for=email]").get_text()  # type: ignore[union-attr]


def test_every_page_of_the_birth_certificate_can_be_shown() -> None:
    definition = birth_certificate()
    evaluation = evaluate(definition, {"relation": "third_party", "copies_register": "1"}, today=TODAY)

    for page in evaluation.pages:
        soup = render(form_page(page, {}, evaluation, show_errors=True))
        assert inputs(soup), page.id


def test_a_summary_has_sections_with_links_to_change_them() -> None:
    raw = {"name": "<b>Erika</b>", "story": "eins\nzwei", "members": [{"name": "Max"}]}
    pages = summary(EVERYTHING, evaluate(EVERYTHING, raw, today=TODAY).values)
    template = environment().from_string(
        '{% from "form/summary.html" import render_summary %}{{ render_summary(pages, edit_url, level) }}'
    )

    soup = BeautifulSoup(
        template.render(pages=pages, edit_url=lambda page: f"/{page}", level=2), "html.parser"
    )
    plain = BeautifulSoup(template.render(pages=pages, edit_url=None, level=3), "html.parser")

    (link,) = soup.select("a")
    assert (link["href"], " ".join(link.get_text().split())) == ("/page", "Bearbeiten: Seite")
    answers = {dt.get_text(): dt.find_next("dd") for dt in soup.select("dt")}
    assert answers["Name"].get_text().strip() == "Max"  # type: ignore[union-attr]
    assert soup.find("b") is None
    assert "eins<br/>zwei" in str(answers["Geschichte"])
    assert (plain.select("a"), plain.h2, bool(plain.h3)) == ([], None, True)
