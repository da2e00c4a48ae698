"""Services as data: the format of a definition and the engine that fills in its form.

Pure: no request, no database, no clock. ``docs/services.md`` shows how to write a definition.
"""

from servicekonto.catalogue.definition.canonical import (
    canonical_json,
    definition_from_json,
    definition_hash,
    json_schema,
)
from servicekonto.catalogue.definition.evaluation import Evaluation, FieldError, evaluate
from servicekonto.catalogue.definition.fees import FeeItem, FeeQuote, fees
from servicekonto.catalogue.definition.form_pages import FormField, FormPage, form_page
from servicekonto.catalogue.definition.loader import load_definition, load_definitions, parse_definition
from servicekonto.catalogue.definition.model import Definition, Limited, Page
from servicekonto.catalogue.definition.places import (
    Place,
    PlaceAnswer,
    ResolvedPlaces,
    resolve_places,
)
from servicekonto.catalogue.definition.prefills import Prefill, prefill, to_input
from servicekonto.catalogue.definition.questions import Askable, askable, narrowed, taken_over, within
from servicekonto.catalogue.definition.reading import change_rows, read_input
from servicekonto.catalogue.definition.sources import DefinitionError
from servicekonto.catalogue.definition.summaries import SummaryPage, SummaryRow, summary

__all__ = [
    "Askable",
    "Definition",
    "DefinitionError",
    "Evaluation",
    "FeeItem",
    "FeeQuote",
    "FieldError",
    "FormField",
    "FormPage",
    "Limited",
    "Page",
    "Place",
    "PlaceAnswer",
    "Prefill",
    "ResolvedPlaces",
    "SummaryPage",
    "SummaryRow",
    "askable",
    "canonical_json",
    "change_rows",
    "definition_from_json",
    "definition_hash",
    "evaluate",
    "fees",
    "form_page",
    "json_schema",
    "load_definition",
    "load_definitions",
    "narrowed",
    "parse_definition",
    "prefill",
    "read_input",
    "resolve_places",
    "summary",
    "taken_over",
    "to_input",
    "within",
]
