"""Forms that come later, in outline: the format has to carry a grid of months and people with incomes."""

from typing import Any

import jsonschema_rs
import pytest

from servicekonto.catalogue.definition import Evaluation, evaluate, json_schema, summary, to_input
from tests.unit.catalogue.samples import TODAY, codes, define

PARENTAL_ALLOWANCE = define(
    """
    - id: kind
      title: Das Kind
      fields:
        - {id: child, type: person, label: Kind, include: [given_names, family_name, birth_date]}
        - {id: residence, type: municipality, label: Wohnort des Kindes}
        - {id: alone, type: yes_no, label: "Sind Sie allein erziehend?"}
    - id: eltern
      title: Die Eltern
      fields:
        - id: parent_1
          type: group
          label: Sie
          fields:
            - id: person
              type: person
              label: Sie
              include: [given_names, family_name, tax_id]
              prefill: account
            - {id: hours, type: number, label: Wochenstunden, decimals: 1, max: 32, unit: Stunden}
        - id: parent_2
          type: group
          label: Der andere Elternteil
          visible_if: {field: alone, equals: no}
          fields:
            - {id: person, type: person, label: Person, include: [given_names, family_name, tax_id]}
    - id: plan
      title: Ihre Monate
      fields:
        - id: plan
          type: month_grid
          label: Welche Monate beziehen Sie Elterngeld?
          row_label: Lebensmonat
          columns:
            - {id: parent_1, label: Sie}
            - {id: parent_2, label: Der andere Elternteil, visible_if: {field: alone, equals: no}}
          choices:
            - {value: basis, label: Basiselterngeld, last_month: 14, max_per_column: 12, max_together: 14}
            - {value: plus, label: ElterngeldPlus, last_month: 32}
            - {value: bonus, label: Partnerschaftsbonus, max_per_column: 4}
          min_months_per_column: 2
          no_gap_from_month: 15
        - {id: account, type: iban, label: IBAN}
    """,
    more="""
    signers:
      - {id: applicant, label: Sie}
      - id: other
        label: Der andere Elternteil
        name_field: parent_2.person.family_name
        when: {field: alone, equals: no}
    """,
)


def plan(**columns: dict[int, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for column, months in columns.items():
        for month, choice in months.items():
            found.setdefault(str(month), {})[column] = choice
    return found


def parents(grid: Any, alone: str = "no") -> Evaluation:
    person = {"given_names": "Erika", "family_name": "Mustermann", "tax_id": "36574261809"}
    raw = {
        "child": {
            "given_names": "Max",
            "family_name": "Mustermann",
            "birth_date": {"day": "1", "month": "9", "year": "2026"},
        },
        "residence": {"text": "Hanau", "key": "06415000", "name": "Hanau"},
        "alone": alone,
        "parent_1": {"person": person, "hours": "12,5"},
        "parent_2": {"person": person},
        "plan": grid,
        "account": "DE89370400440532013000",
    }
    return evaluate(PARENTAL_ALLOWANCE, raw, today=TODAY)


def test_a_plan_of_months_for_two_parents() -> None:
    months = plan(parent_1=dict.fromkeys(range(1, 13), "basis"), parent_2={13: "basis", 14: "basis"})

    found = parents(months)

    assert found.is_complete
    jsonschema_rs.Draft202012Validator(json_schema(PARENTAL_ALLOWANCE)).validate(found.values)
    assert summary(PARENTAL_ALLOWANCE, found.values)[-1].rows[0].lines == (
        "Sie: 1.–12. Monat Basiselterngeld",
        "Der andere Elternteil: 13.–14. Monat Basiselterngeld",
    )
    again = evaluate(PARENTAL_ALLOWANCE, to_input(PARENTAL_ALLOWANCE, found.values), today=TODAY)
    assert again.values == found.values


@pytest.mark.parametrize(
    ("months", "code"),
    [
        (plan(parent_1={15: "basis", 16: "plus"}), "month_not_possible"),
        (plan(parent_1=dict.fromkeys(range(1, 14), "basis")), "too_many_months"),
        (
            plan(
                parent_1=dict.fromkeys(range(1, 13), "basis"),
                parent_2=dict.fromkeys(range(1, 4), "basis"),
            ),
            "too_many_months_together",
        ),
        (plan(parent_1={1: "basis"}), "too_few_months"),
        (plan(parent_1={1: "plus", 2: "plus", 18: "plus"}), "gap"),
        (plan(parent_1={1: "vacation", 2: "basis"}), "unknown_option"),
        ({}, "required"),
        ({"33": {"parent_1": "plus"}}, "required"),
        ([["basis"]], "required"),
    ],
)
def test_the_rules_of_the_plan_are_data(months: Any, code: str) -> None:
    found = parents(months)

    assert codes(found) == {"plan": code}
    assert found.errors[0].message.endswith((".", "“."))


def test_the_column_of_a_parent_who_does_not_exist_is_dropped() -> None:
    months = plan(parent_1={1: "basis", 2: "basis"}, parent_2={1: "basis"})

    found = parents(months, alone="yes")

    assert found.is_complete
    assert found.values["plan"] == {"1": {"parent_1": "basis"}, "2": {"parent_1": "basis"}}
    assert "plan.parent_2" not in found.visible


def test_several_people_sign() -> None:
    first, second = PARENTAL_ALLOWANCE.signers

    assert (first.when, second.name_field) == (None, "parent_2.person.family_name")


HOUSING_BENEFIT = define(
    """
    - id: wohnung
      title: Die Wohnung
      fields:
        - id: kind
          type: choice
          label: Art
          options: [{value: rent, label: Miete}, {value: own, label: Eigentum}]
        - {id: dwelling, type: municipality, label: Ort der Wohnung}
        - {id: area, type: number, label: Wohnfläche, decimals: 2, min: 1, max: 1000, unit: m²}
        - {id: rent, type: money, label: Kaltmiete, visible_if: {field: kind, equals: rent}}
    - id: haushalt
      title: Wer wohnt in der Wohnung?
      fields:
        - id: members
          type: repeat
          label: Haushalt
          item_label: Person
          max_rows: 12
          fields:
            - {id: person, type: person, label: Person, include: [given_names, family_name, birth_date, sex]}
            - {id: has_income, type: yes_no, label: Einkommen}
            - id: incomes
              type: repeat
              label: Einkommen
              item_label: Einkommen
              visible_if: {field: has_income, equals: yes}
              fields:
                - id: source
                  type: choice
                  label: Art
                  options: [{value: wage, label: Lohn}, {value: pension, label: Rente}]
                - {id: amount, type: money, label: Betrag im Monat}
            - id: disability
              type: number
              label: Grad der Behinderung
              required: false
              max: 100
              visible_if: {field: person.birth_date, older_than_years: 18}
    """
)


def household(members: list[dict[str, Any]]) -> Evaluation:
    home = {"kind": "rent", "dwelling": {"text": "Hanau", "key": "06415000"}, "area": "65,5", "rent": "650"}
    return evaluate(HOUSING_BENEFIT, home | {"members": members}, today=TODAY)


def member(name: str, year: int, **more: Any) -> dict[str, Any]:
    birth = {"day": "1", "month": "1", "year": str(year)}
    person = {"given_names": name, "family_name": "Mustermann", "birth_date": birth, "sex": "female"}
    return {"person": person} | more


def test_every_member_of_a_household_has_incomes_of_their_own() -> None:
    found = household(
        [
            member("Erika", 1964, has_income="yes", incomes=[{"source": "wage", "amount": "1.850,40"}]),
            member("Mia", 2018, has_income="no", incomes=[{"amount": "falsch"}], disability="50"),
        ]
    )

    assert found.is_complete
    assert found.values["members"][0]["incomes"] == [{"source": "wage", "amount": 185_040}]
    assert "incomes" not in found.values["members"][1]
    assert "disability" not in found.values["members"][1]
    jsonschema_rs.Draft202012Validator(json_schema(HOUSING_BENEFIT)).validate(found.values)


def test_errors_and_summary_name_the_person_and_the_income() -> None:
    wrong = household(
        [member("Erika", 1964, has_income="yes", incomes=[{"source": "wage", "amount": "viel"}])]
    )
    right = household(
        [member("Erika", 1964, has_income="yes", incomes=[{"source": "pension", "amount": "900"}])]
    )

    assert codes(wrong) == {"members.0.incomes.0.amount": "money"}
    rows = {row.path: row for row in summary(HOUSING_BENEFIT, right.values)[1].rows}
    assert rows["members.0.person.given_names"].group == "Person 1, Person"
    assert rows["members.0.incomes.0.amount"].group == "Person 1, Einkommen 1"
    assert rows["members.0.incomes.0.amount"].text == "900,00 €"


def test_a_member_without_income_row_is_asked_for_one() -> None:
    found = household([member("Erika", 1964, has_income="yes")])

    assert codes(found) == {
        "members.0.incomes.0.source": "required",
        "members.0.incomes.0.amount": "required",
    }
