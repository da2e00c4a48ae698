"""Whatever the definition and whatever is sent: no exception, nothing hidden, and JSON Schema agrees."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from servicekonto.catalogue.definition import (
    Definition,
    Evaluation,
    canonical_json,
    change_rows,
    definition_from_json,
    definition_hash,
    evaluate,
    fees,
    form_page,
    json_schema,
    prefill,
    read_input,
    summary,
    to_input,
)
from servicekonto.catalogue.definition.checks import problems_of
from tests.unit.catalogue.samples import TODAY, one_page
from tests.unit.catalogue.strategies import TEXTS, complete_inputs, definitions, inputs

thorough = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

SMALLEST = one_page("- {id: name, type: text, label: Name}")


def schema_of(definition: Definition) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_schema(definition), validate_formats=True)


def look_at_everything(definition: Definition, raw: Any, evaluation: Evaluation) -> None:
    summary(definition, evaluation.values)
    fees(definition, evaluation.values, today=TODAY)
    given_input = raw if isinstance(raw, dict) else {}
    for page in evaluation.pages:
        shown = form_page(page, given_input, evaluation, show_errors=True)
        assert shown.fields
        assert len(shown.error_links) == len({error.path for error in evaluation.errors_on(page.id)})


@thorough
@given(data=st.data(), definition=definitions())
def test_no_input_raises_and_the_values_are_json(data: st.DataObject, definition: Definition) -> None:
    raw = data.draw(inputs(definition))

    evaluation = evaluate(definition, raw, today=TODAY)

    json.dumps(evaluation.values, allow_nan=False).encode()
    look_at_everything(definition, raw, evaluation)
    assert all(
        error.message and error.page_id in {page.id for page in evaluation.pages}
        for error in evaluation.errors
    )
    if evaluation.is_complete:
        schema_of(definition).validate(evaluation.values)


@thorough
@given(data=st.data(), definition=definitions())
def test_complete_answers_satisfy_the_schema_and_come_back_the_same(
    data: st.DataObject, definition: Definition
) -> None:
    raw = data.draw(complete_inputs(definition))

    evaluation = evaluate(definition, raw, today=TODAY)
    again = evaluate(definition, to_input(definition, evaluation.values), today=TODAY)

    assert evaluation == evaluate(definition, raw, today=TODAY)
    event("complete" if evaluation.is_complete else "incomplete")
    if evaluation.is_complete:
        schema_of(definition).validate(evaluation.values)
        assert again.is_complete
        assert again.values == evaluation.values


@thorough
@given(data=st.data(), definition=definitions())
def test_answers_of_hidden_fields_are_dropped(data: st.DataObject, definition: Definition) -> None:
    evaluation = evaluate(definition, data.draw(complete_inputs(definition)), today=TODAY)

    visible_pages = {page.id for page in evaluation.pages}
    for page in definition.pages:
        for field in page.fields:
            if page.id not in visible_pages or field.id not in evaluation.visible:
                assert field.id not in evaluation.values
    assert set(evaluation.values) <= evaluation.visible


@thorough
@given(data=st.data(), definition=definitions())
def test_any_posted_form_can_be_read(data: st.DataObject, definition: Definition) -> None:
    names = [name for page in definition.pages for name in _names(page.fields, "")]
    form = data.draw(
        st.dictionaries(st.sampled_from(names) | TEXTS, st.lists(TEXTS, max_size=3), max_size=12)
    )
    known = {field.id for page in definition.pages for field in page.fields}

    read: dict[str, Any] = {}
    for page in definition.pages:
        read |= read_input(page, form)

    assert set(read) <= known
    json.dumps(read).encode()
    evaluate(definition, read, today=TODAY)


def _names(fields: tuple[Any, ...], prefix: str) -> list[str]:
    names = []
    for field in fields:
        name = prefix + field.id
        pieces = ("day", "month", "year", "text", "choice", "shown", "1.mother", "2.father")
        names += [name, *(f"{name}.{piece}" for piece in pieces)]
        parts = getattr(field, "parts", ())
        names += _names(parts, name + ".") + _names(parts, name + ".0.") + _names(parts, name + ".1.")
    return names


@thorough
@given(data=st.data(), definition=definitions(), action=TEXTS)
def test_any_button_can_be_pressed(data: st.DataObject, definition: Definition, action: str) -> None:
    raw = data.draw(complete_inputs(definition))
    fields = [field.id for page in definition.pages for field in page.fields]
    presses = [
        action,
        *(f"{verb}:{field}{row}" for verb in ("add", "remove") for field in fields for row in ("", ".0")),
    ]

    for press in presses:
        changed = change_rows(definition, raw, press)
        assert changed is None or set(changed) <= {*raw, *fields}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definition=definitions())
def test_every_definition_is_valid_and_survives_being_stored(definition: Definition) -> None:
    stored = canonical_json(definition)

    again = definition_from_json(stored)

    assert again == definition
    assert canonical_json(again) == stored
    assert definition_hash(again) == definition_hash(definition)
    assert [problem for _, problem in problems_of(definition) if "later page" not in problem] == []
    jsonschema_rs.meta.validate(json_schema(definition))


@pytest.mark.parametrize("nonsense", [None, [], "text", 3, {"p0_0": object}, {3: 4}])
def test_input_that_is_no_mapping_of_fields_counts_as_empty(nonsense: object) -> None:
    assert evaluate(SMALLEST, nonsense, today=TODAY).values == {}


def test_prefill_of_an_unknown_account_is_empty() -> None:
    assert prefill(SMALLEST, {}).input == {}
