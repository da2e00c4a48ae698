"""Every wrong definition is refused with file, line and what to do."""

import re
from pathlib import Path

import pytest

from servicekonto.catalogue.definition import (
    DefinitionError,
    canonical_json,
    definition_from_json,
    definition_hash,
    load_definition,
    load_definitions,
    parse_definition,
)
from tests.unit.catalogue.samples import DEFINITIONS, HEAD, birth_certificate, source

GOOD = source(
    """
    - id: one
      title: Eins
      fields:
        - id: kind
          type: choice
          label: Art
          options: [{value: red, label: Rot}, {value: blue, label: Blau}]
        - {id: agrees, type: yes_no, label: Einverstanden}
        - {id: birth, type: date, label: Geburt}
        - {id: name, type: text, label: Name}
    - id: two
      title: Zwei
      fields:
        - {id: count, type: number, label: Anzahl}
        - id: rows
          type: repeat
          label: Zeilen
          item_label: Zeile
          fields: [{id: note, type: text, label: Hinweis}]
        - {id: last, type: text, label: Zuletzt}
    """
)


def problems(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as refused:
        parse_definition(text, "sample.yaml")
    lines = str(refused.value).split("\n")
    for line in lines:
        found = re.match(r"sample\.yaml:(\d+): .{10,}", line)
        assert found, line
        assert 1 <= int(found[1]) <= text.count("\n") + 1, line
    return lines


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if fragment in line)


def test_the_sample_is_good() -> None:
    assert parse_definition(GOOD, "sample.yaml").key == "sample"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("key: sample", "key: Sample", "must match"),
        ("version: 1", "version: first", "must be a whole number"),
        ("version: 1", "version: 0", "greater than or equal to 1"),
        ("assurance_level: low", "assurance_level: niedrig", "should be 'basic', 'low'"),
        ("title: Eins", "title: Eins\n    titel: Zwei", "is not known here"),
        ("title: Eins", 'title: ""', "is empty"),
        ("type: number", "type: numbre", "no such type of field"),
        ("type: number,", "", "needs a 'type'"),
        ("id: two", "id: one", "is used twice"),
        ("id: birth", "id: kind", "is used twice"),
        ("id: name", "id: csrf_token", "is reserved"),
        ("id: name", "id: Name", "must match"),
        ("value: blue", "value: red", "occurs twice"),
        ("id: last,", "id: last, pattern: '(a+)+', pattern_message: Nein,", "repeated groups"),
        ("id: last,", "id: last, pattern: '[', pattern_message: Nein,", "is no regular expression"),
        ("id: last,", "id: last, pattern: 'a',", "come together"),
        ("id: last,", "id: last, min_length: 9, max_length: 3,", "min_length is greater"),
        ("id: count,", "id: count, min: 9, max: 3,", "min is greater than max"),
        ("id: birth,", "id: birth, max: morgen,", "write a date as"),
        ("id: last,", "id: last, prefill: account.shoe_size,", "account.<attribute>"),
        ("id: last,", "id: last, required: vielleicht,", "must be true or false"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, words: str) -> None:
    text = GOOD.replace(old, new, 1)

    found = problems(text)

    assert any(words in line for line in found), found


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{field: unknown, equals: red}", "no earlier field 'unknown'"),
        ("{field: last, not_empty: true}", "no earlier field 'last'"),
        ("{field: rows.note, not_empty: true}", "no earlier field 'rows.note'"),
        ("{field: kind, equals: green}", "'green' is no value of 'kind' (blue, red)"),
        ("{field: kind, in: [red, green]}", "'green' is no value"),
        ("{field: agrees, equals: true}", "'true' is no value of 'agrees' (no, yes)"),
        ("{field: kind, at_least: 3}", "is not possible for a field of type choice"),
        ("{field: name, older_than_years: 3}", "is not possible for a field of type text"),
        ("{field: birth, after_field: name}", "no earlier field 'name' of type date"),
        ("{field: kind}", "exactly one operator"),
        ("{field: kind, equals: red, empty: true}", "exactly one operator"),
        ("{any: []}", "needs at least one entry"),
        ("{all: [{not: {field: kind, equals: green}}]}", "'green' is no value"),
    ],
)
def test_a_condition_looks_back_at_a_field_that_can_have_the_value(condition: str, words: str) -> None:
    text = GOOD.replace("id: last,", f"id: last, visible_if: {condition},")

    (found,) = problems(text)

    assert words in found
    assert found.startswith(f"sample.yaml:{line_of(text, 'visible_if')}: ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            "checks: [{id: a, require: REQUIRED, at: nowhere, message: X}]",
            "no field 'nowhere'",
        ),
        ("checks: [{id: a, require: REQUIRED, at: name, message: X}]", "on a later page"),
        (
            "minimum_age: {years: 16, field: name, legal_source: § 1, message: X}",
            "must be a field of type date",
        ),
        ("signers: [{id: a, label: X, name_field: count}]", "must be a field of type text"),
        ("languages: [de, en]", "has no English text"),
        ("leika: {key: '123', as_of: 2019-10}", "must match"),
        ("blocks: []", "'blocks' must be a mapping"),
    ],
)
def test_what_stands_outside_the_pages_is_checked_too(more: str, words: str) -> None:
    found = problems(GOOD + more.replace("REQUIRED", "{field: count, at_least: 1}") + "\n")

    assert any(words in line for line in found), found


def test_the_place_that_decides_must_be_a_municipality() -> None:
    (found,) = problems(GOOD.replace("rule: sample_rule", "rule: sample_rule\n  place: name"))

    assert "'name' must be a field of type municipality" in found


@pytest.mark.parametrize(
    ("fee", "words"),
    [
        ("{HEAD}", "either amount_cents or frame"),
        ("{HEAD, amount_cents: 12.00}", "must be a whole number"),
        ("{HEAD, frame: {from_cents: 2, to_cents: 1}}", "greater than to_cents"),
        (
            "{HEAD, amount_cents: 1, units: {fields: [name]}}",
            "type number, repeat",
        ),
        (
            "{HEAD, amount_cents: 1, condition: {field: x, empty: true}}",
            "field 'x'",
        ),
    ],
)
def test_a_fee_is_complete(fee: str, words: str) -> None:
    fee = fee.replace("HEAD", "id: a, name: X, legal_source: § 1")
    found = problems(GOOD.replace("  legal_basis:", f"  fees: [{fee}]\n  legal_basis:"))

    assert any(words in line for line in found), found


def test_every_problem_is_told_at_once() -> None:
    text = GOOD.replace("value: blue", "value: Blau!").replace("title: Zwei", "title: {en: Two}")

    found = problems(text)

    assert len(found) == 2
    assert found[0].startswith(f"sample.yaml:{line_of(text, 'Blau!')}: ")
    assert found[1].startswith(f"sample.yaml:{line_of(text, 'en: Two')}: pages.title.de: is missing")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must be a mapping"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("key: a\nkey: b\n", 2, "'key' is given twice"),
        ("key: [a\n", 2, "is no valid YAML"),
        ("key: a\n\tslug: b\n", 2, "is no valid YAML"),
        ("key: &a x\nslug: *a\n", 2, "aliases are not supported"),
        ("key:\n  ? [a]\n  : b\n", 2, "must be a plain word"),
        ("a: " + "[" * 5000 + "]" * 5000 + "\n", 1, ""),
        ("key: " + "x" * 600_000, 1, "is larger than"),
        ("key: \x07\n", 1, "is no valid YAML"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text: str, line: int, words: str) -> None:
    (found,) = problems(text)

    assert found.startswith(f"sample.yaml:{line}: ")
    assert words in found


def test_a_block_must_exist_and_not_use_itself() -> None:
    pages = "pages:\n  - id: one\n    title: Eins\n    fields:\n"
    pages += "      - {id: a, type: block, use: loop, label: A}\n"
    blocks = "blocks:\n  loop:\n    - {id: b, type: block, use: loop, label: B}\n"

    (missing,) = problems(HEAD + pages)
    (endless,) = problems(HEAD + blocks + pages)

    assert "there is no block 'loop'" in missing
    assert "block 'loop' uses itself" in endless


def test_a_mistake_inside_a_block_is_named_where_the_block_is_written() -> None:
    blocks = (
        "blocks:\n  parent:\n    - id: name\n      type: text\n      label: Name\n      max_length: viel\n"
    )
    text = HEAD + blocks + "pages:\n  - id: one\n    title: Eins\n    fields:\n"
    text += "      - {id: a, type: block, use: parent, label: A}\n"

    (found,) = problems(text)

    assert found.startswith(f"sample.yaml:{line_of(text, 'viel')}: ")


def test_values_stay_what_was_written() -> None:
    """YAML 1.1 would make False, 668 and 750 of these."""
    text = GOOD.replace("label: Rot", "label: no").replace("label: Blau", "label: 01234")

    options = parse_definition(text, "sample.yaml").pages[0].fields[0].choices  # type: ignore[union-attr]

    assert [str(label) for _, label, _ in options] == ["no", "01234"]


def test_a_file_field_is_a_draft_until_there_are_uploads() -> None:
    text = GOOD.replace("{id: last, type: text,", "{id: last, type: file,")

    (found,) = problems(text)

    assert "files cannot be uploaded yet" in found
    assert parse_definition(text, "sample.yaml", for_publishing=False).key == "sample"


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("key: a\nnames: Größe\n".encode("latin-1"))

    with pytest.raises(DefinitionError, match=r"latin\.yaml:2: is not written in UTF-8"):
        load_definition(path)


def test_two_files_cannot_define_the_same_service(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")

    with pytest.raises(DefinitionError, match=r"b\.yaml:1: 'sample' is used by a\.yaml already"):
        load_definitions(tmp_path)


def test_all_shipped_definitions_load() -> None:
    assert "geburtsurkunde" in load_definitions(DEFINITIONS)


def test_a_stored_definition_is_the_same_and_has_the_same_hash() -> None:
    definition = birth_certificate()

    again = definition_from_json(canonical_json(definition))

    assert again == definition
    assert definition_hash(again) == definition_hash(definition)
    assert re.fullmatch(r"[0-9a-f]{64}", definition_hash(definition))


def test_another_word_is_another_hash() -> None:
    first = parse_definition(GOOD, "sample.yaml")
    second = parse_definition(GOOD.replace("label: Rot", "label: Hellrot"), "sample.yaml")
    reordered = parse_definition(
        GOOD.replace("{value: red, label: Rot}", "{label: Rot, value: red}"), "x.yaml"
    )

    assert definition_hash(first) != definition_hash(second)
    assert definition_hash(first) == definition_hash(reordered)


def test_the_example_of_the_handbook_loads() -> None:
    handbook = (Path(__file__).parents[3] / "docs" / "services.md").read_text(encoding="utf-8")

    example = re.search(r"```yaml\n(key:.*?)```", handbook, re.DOTALL)

    assert example is not None
    assert parse_definition(example[1], "parken.yaml").key == "parking_permit"
