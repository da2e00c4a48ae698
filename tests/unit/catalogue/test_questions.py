"""Asking again about single fields, with the packaged birth certificate."""

from servicekonto.catalogue.cli import DEFINITIONS
from servicekonto.catalogue.definition import (
    askable,
    evaluate,
    load_definitions,
    narrowed,
    taken_over,
    within,
)
from tests.builders.accounts import SOME_DAY
from tests.builders.requests import complete_answers

DEFINITION = next(d for d in load_definitions(DEFINITIONS).values() if d.slug == "geburtsurkunde")
EVALUATION = evaluate(DEFINITION, complete_answers(), today=SOME_DAY.date())


def test_leaves_of_groups_are_asked_one_by_one_and_an_address_as_a_whole() -> None:
    paths = [question.path for question in askable(DEFINITION, EVALUATION.visible)]

    assert {"relation", "applicant.family_name", "delivery_address"} <= set(paths)
    assert not {"applicant", "delivery_address.street", "correct", "privacy"} & set(paths)


def test_a_hidden_field_cannot_be_asked() -> None:
    other = evaluate(DEFINITION, {"relation": "parent"}, today=SOME_DAY.date())

    shown, more = ({q.path for q in askable(DEFINITION, e.visible)} for e in (EVALUATION, other))

    assert more - shown


def test_only_what_was_asked_is_taken_over() -> None:
    base = {"a": {"x": "1", "y": "2"}, "b": "3"}
    typed = {"a": {"x": "new", "y": "smuggled"}, "b": "smuggled", "c": "smuggled"}

    assert taken_over(base, typed, {"a.x", "missing.path"}) == {"a": {"x": "new", "y": "2"}, "b": "3"}
    assert base == {"a": {"x": "1", "y": "2"}, "b": "3"}


def test_a_narrowed_evaluation_shows_the_field_and_what_it_is_inside_of() -> None:
    assert narrowed(EVALUATION, {"applicant.family_name"}).visible == {"applicant", "applicant.family_name"}


def test_a_name_that_begins_alike_is_not_inside() -> None:
    assert within("children.0.name", {"children"})
    assert not within("children_count", {"children"})
