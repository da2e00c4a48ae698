from typing import Any

import pytest

from servicekonto.catalogue.definition import FeeQuote, fees, parse_definition
from servicekonto.catalogue.definition.model import Frame
from tests.unit.catalogue.samples import TODAY, source

PAGES = """
- id: page
  title: Seite
  fields:
    - {id: paper, type: number, label: Papier, required: false}
    - {id: digital, type: number, label: Digital, required: false}
    - {id: express, type: yes_no, label: Eilt es, required: false}
    - {id: birth, type: date, label: Geburt, required: false}
    - id: purpose
      type: choice
      label: Zweck
      options: [{value: benefit, label: Hilfe}, {value: other, label: Anderes}]
"""
FEES = """
  fees:
    - id: first
      name: Erste
      amount_cents: 1200
      legal_source: § 1
      units: {part: first, fields: [paper, digital]}
    - id: more
      name: Weitere
      amount_cents: 600
      legal_source: § 2
      units: {part: further, fields: [paper, digital]}
    - id: express
      name: Eilzuschlag
      amount_cents: 3200
      legal_source: § 3
      number: "4.1"
      condition: {field: express, equals: yes}
      exemptions:
        - when: {field: birth, younger_than_years: 18}
          reason: Für Kinder eilt es ohne Zuschlag.
          legal_source: § 4
    - id: permit
      name: Genehmigung
      frame: {from_cents: 10000, to_cents: 20000}
      legal_source: § 5
      condition: {field: purpose, equals: other}
  fee_exemptions:
    - when: {field: purpose, equals: benefit}
      reason: Für eine Sozialleistung ist es frei.
      legal_source: § 64 SGB X
"""
TEXT = source(PAGES).replace("  legal_basis:", FEES.strip("\n") + "\n  legal_basis:")
DEFINITION = parse_definition(TEXT, "fees.yaml")


def quote(**values: Any) -> FeeQuote:
    return fees(DEFINITION, values, today=TODAY)


def test_the_first_copy_and_the_further_ones_are_counted_over_all_kinds() -> None:
    found = quote(paper=2, digital=1)

    assert [(item.name, item.quantity, item.total_cents) for item in found.items] == [
        ("Erste", 1, 1200),
        ("Weitere", 2, 1200),
    ]
    assert (found.total_cents, found.exemption, found.is_final) == (2400, None, True)
    assert found.items[1].label == "2 × Weitere"


def test_nothing_ordered_costs_nothing() -> None:
    assert quote() == FeeQuote((), 0, None)


def test_a_fee_can_depend_on_an_answer_and_name_its_number() -> None:
    (item,) = quote(express=True).items

    assert (item.legal_source, item.number, item.total_cents) == ("§ 3", "4.1", 3200)


def test_an_exemption_names_its_law() -> None:
    found = quote(paper=3, purpose="benefit")

    assert found.total_cents == 0
    assert found.exemption == "Für eine Sozialleistung ist es frei. (§ 64 SGB X)"
    assert all(item.exemption for item in found.items)


def test_an_exemption_of_one_item_leaves_the_others() -> None:
    found = quote(paper=1, express=True, birth="2015-01-01")

    assert (found.total_cents, found.exemption) == (1200, None)
    assert [bool(item.exemption) for item in found.items] == [False, True]


def test_a_frame_is_left_to_the_authority() -> None:
    found = quote(purpose="other")

    assert found.items[0].frame == Frame(from_cents=10_000, to_cents=20_000)
    assert (found.total_cents, found.is_final) == (0, False)


@pytest.mark.parametrize("values", [{"paper": 0}, {"paper": 0, "digital": 0}])
def test_zero_copies_are_no_copy(values: dict[str, int]) -> None:
    assert quote(**values).items == ()
