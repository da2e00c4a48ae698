from typing import Any

import pytest

from servicekonto.catalogue.definition import Definition, change_rows, read_input
from tests.unit.catalogue.samples import answer, codes, one_page


def children(**limits: int) -> Definition:
    lines = "".join(f"\n          {name}: {value}" for name, value in limits.items())
    return one_page(
        f"""
        - id: children
          type: repeat
          label: Kinder
          item_label: Kind{lines}
          fields:
            - {{id: name, type: text, label: Name}}
            - {{id: twin, type: yes_no, label: Zwilling, required: false}}
            - {{id: note, type: text, label: Hinweis, visible_if: {{field: twin, equals: yes}}}}
        """
    )


def test_every_row_is_evaluated_and_named_by_its_number() -> None:
    found = answer(children(), children=[{"name": "Max"}, {"twin": "yes", "note": ""}])

    assert codes(found) == {"children.1.name": "required", "children.1.note": "required"}
    assert found.values == {"children": [{"name": "Max"}, {"twin": True}]}


def test_a_condition_sees_the_answers_of_its_own_row() -> None:
    found = answer(children(), children=[{"name": "Max", "twin": "no", "note": "weg"}, {"name": "Eva"}])

    assert found.values == {"children": [{"name": "Max", "twin": False}, {"name": "Eva"}]}


def test_blank_rows_beyond_the_least_number_are_dropped() -> None:
    found = answer(children(min_rows=0), children=[{"name": ""}, {"name": "Max"}, {}])

    assert found.is_complete
    assert found.values == {"children": [{"name": "Max"}]}
    assert answer(children(min_rows=0)).values == {}
    assert codes(answer(children(min_rows=2), children=[{"name": "Max"}])) == {"children.1.name": "required"}


def test_more_rows_than_allowed_are_refused() -> None:
    found = answer(children(max_rows=2), children=[{"name": "Max"}] * 3)

    assert codes(found) == {"children": "too_many_rows"}
    assert len(found.values["children"]) == 2


def test_rows_are_read_from_numbered_names() -> None:
    form = {
        "children": ["2"],
        "children.0.name": ["Max"],
        "children.1.name": ["Eva"],
        "children.2.name": ["Nie"],
    }

    assert read_input(children().pages[0], form) == {"children": [{"name": "Max"}, {"name": "Eva"}]}


@pytest.mark.parametrize(("count", "rows"), [("999999", 10), ("-1", 0), ("viele", 0), ("", 0), ("²", 0)])
def test_the_number_of_rows_cannot_be_abused(count: str, rows: int) -> None:
    assert len(read_input(children().pages[0], {"children": [count]})["children"]) == rows


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("add:children", [{"name": "Max"}, {"name": "Eva"}, {}]),
        ("remove:children.0", [{"name": "Eva"}]),
        ("remove:children.5", None),
        ("remove:children", None),
        ("add:children.0", None),
        ("add:unknown", None),
        ("remove:children.x", None),
        ("next", None),
        ("", None),
    ],
)
def test_a_button_adds_or_removes_a_row(action: str, expected: list[dict[str, Any]] | None) -> None:
    raw = {"children": [{"name": "Max"}, {"name": "Eva"}], "other": "kept"}

    changed = change_rows(children(), raw, action)

    assert changed == (None if expected is None else {"children": expected, "other": "kept"})


def test_a_button_keeps_the_limits() -> None:
    full = {"children": [{"name": "Max"}, {"name": "Eva"}]}

    assert change_rows(children(max_rows=2), full, "add:children") is None
    assert change_rows(children(min_rows=2), full, "remove:children.0") is None


def test_rows_inside_rows_have_buttons_too() -> None:
    definition = one_page(
        """
        - id: members
          type: repeat
          label: Personen
          item_label: Person
          fields:
            - id: incomes
              type: repeat
              label: Einkommen
              item_label: Einkommen
              min_rows: 0
              fields:
                - {id: amount, type: money, label: Betrag}
        """
    )
    raw = {"members": [{}, {"incomes": [{"amount": "1"}]}]}

    added = change_rows(definition, raw, "add:members.1.incomes")
    removed = change_rows(definition, raw, "remove:members.1.incomes.0")

    assert added == {"members": [{}, {"incomes": [{"amount": "1"}, {}]}]}
    assert removed == {"members": [{}, {"incomes": []}]}
    assert change_rows(definition, raw, "add:members.7.incomes") is None
