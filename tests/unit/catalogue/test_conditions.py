from typing import Any

import pytest
from pydantic import TypeAdapter

from servicekonto.catalogue.definition.conditions import Condition, Scope, holds
from tests.unit.catalogue.samples import TODAY, answer, one_page

CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
VALUES = {
    "kind": "new",
    "wishes": ["a", "b"],
    "agrees": False,
    "count": 3,
    "cents": 500,
    "birth": "2010-11-23",
    "later": "2020-01-01",
    "place": {"key": "06415000", "name": "Hanau"},
    "person": {"name": "Erika", "birth": "1964-08-12"},
    "rows": [{}, {}],
}


def is_true(condition: dict[str, Any]) -> bool:
    scope = Scope(VALUES, frozenset([*VALUES, "unanswered"]))
    return holds(CONDITION.validate_python(condition), scope, TODAY)


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "kind", "equals": "new"},
        {"field": "kind", "in": ["old", "new"]},
        {"field": "wishes", "contains": "b"},
        {"field": "wishes", "at_least": 2},
        {"field": "agrees", "equals": "no"},
        {"field": "count", "at_least": 3},
        {"field": "count", "equals": "3"},
        {"field": "cents", "at_most": 500},
        {"field": "rows", "at_most": 2},
        {"field": "birth", "older_than_years": 16},
        {"field": "birth", "younger_than_years": 17},
        {"field": "birth", "before": "today-15y"},
        {"field": "birth", "after": "2010-11-22"},
        {"field": "birth", "before_field": "later"},
        {"field": "later", "after_field": "birth"},
        {"field": "birth", "after_field": "person.birth"},
        {"field": "kind", "equals_field": "kind"},
        {"field": "place", "equals": "06415000"},
        {"field": "person.name", "equals": "Erika"},
        {"field": "unanswered", "empty": "true"},
        {"field": "kind", "not_empty": "true"},
        {"not": {"field": "kind", "equals": "old"}},
        {"any": [{"field": "kind", "equals": "old"}, {"field": "count", "at_least": 1}]},
        {"all": [{"field": "kind", "equals": "new"}, {"not": {"field": "count", "at_least": 4}}]},
    ],
)
def test_a_condition_holds_and_its_negation_does_not(condition: dict[str, Any]) -> None:
    assert is_true(condition)
    assert not is_true({"not": condition})


@pytest.mark.parametrize(
    "operator",
    [
        {"equals": "x"},
        {"in": ["x"]},
        {"contains": "x"},
        {"before": "today"},
        {"at_least": 0},
        {"not_empty": "true"},
        {"older_than_years": 0},
        {"younger_than_years": 200},
        {"equals_field": "unanswered"},
    ],
)
def test_a_field_without_an_answer_fulfils_only_empty(operator: dict[str, Any]) -> None:
    assert not is_true({"field": "unanswered", **operator})
    assert not is_true({"field": "person.unknown", **operator})


def test_a_comparison_with_a_field_without_an_answer_does_not_hold() -> None:
    assert not is_true({"field": "birth", "before_field": "unanswered"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "kind"},
        {"field": "kind", "equals": "a", "empty": "true"},
        {"field": "Kind", "empty": "true"},
        {"all": []},
        {"fields": "kind"},
        {"field": "birth", "before": "yesterday"},
        {"field": "a", "equals": ["x"]},
    ],
)
def test_a_condition_has_one_field_and_one_operator(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"validation error"):
        CONDITION.validate_python(wrong)


def test_the_own_group_is_looked_at_before_the_page_around_it() -> None:
    definition = one_page(
        """
        - {id: kind, type: yes_no, label: Außen}
        - id: inner
          type: group
          label: Gruppe
          fields:
            - {id: kind, type: yes_no, label: Innen}
            - {id: note, type: text, label: Hinweis, visible_if: {field: kind, equals: yes}}
        - {id: after, type: text, label: Danach, visible_if: {field: inner.note, not_empty: true}}
        """
    )

    found = answer(definition, kind="no", inner={"kind": "yes", "note": "da"}, after="ja")

    assert found.values["after"] == "ja"
    assert "inner.note" not in answer(definition, kind="yes", inner={"kind": "no", "note": "weg"}).visible
