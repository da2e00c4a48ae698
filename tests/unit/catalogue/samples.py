"""Small definitions for tests: the fields as YAML, everything else as little as the format allows."""

from datetime import date
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from servicekonto.catalogue.definition import (
    Definition,
    Evaluation,
    evaluate,
    load_definition,
    parse_definition,
)
from servicekonto.catalogue.definition.fields import InvalidAnswer

TODAY = date(2026, 11, 23)

DEFINITIONS = Path(__file__).parents[3] / "servicekonto" / "catalogue" / "definitions"

HEAD = """\
key: sample
slug: sample
version: 1
names:
  name: Beispiel
  short_description: Nur für Tests
facts:
  assurance_level: low
  fill_in_minutes: 5
  processing_time: {text: Sofort, certainty: uncertain}
  legal_basis:
    - citation: § 1 MusterG
competence:
  rule: sample_rule
notice_regime: none
overdue_rule: none
remedy: none
outcome:
  result: Nichts
"""


def source(pages: str, more: str = "") -> str:
    return HEAD + dedent(more) + "pages:\n" + indent(dedent(pages).strip("\n"), "  ") + "\n"


def define(pages: str, more: str = "") -> Definition:
    """``pages`` is the list under ``pages:``; ``more`` are further keys of the definition."""
    return parse_definition(source(pages, more), "sample.yaml")


def one_page(fields: str, more: str = "") -> Definition:
    """A definition with one page and these fields."""
    page = "- id: page\n  title: Seite\n  fields:\n" + indent(dedent(fields).strip("\n"), "    ")
    return define(page, more)


def a_field(kind: str, **options: str) -> Any:
    """A single field called ``answer``."""
    lines = "".join(f"  {name}: {value}\n" for name, value in options.items())
    return one_page(f"- id: answer\n  type: {kind}\n  label: Frage\n{lines}").pages[0].fields[0]


def answer(definition: Definition, today: date = TODAY, **raw: Any) -> Evaluation:
    return evaluate(definition, raw, today=today)


def codes(evaluation: Evaluation) -> dict[str, str]:
    return {error.path: error.code for error in evaluation.errors}


def refusal(field: Any, raw: object) -> str:
    """The code a field refuses this input with; empty when it takes it."""
    try:
        field.parse(raw, TODAY)
    except InvalidAnswer as error:
        return error.code if error.message else "says nothing"
    return ""


def birth_certificate() -> Definition:
    return load_definition(DEFINITIONS / "geburtsurkunde.yaml")
