"""Hypothesis: any definition the format allows, and any input somebody could send for it."""

from typing import Any

from hypothesis import strategies as st

from servicekonto.catalogue.definition import Definition

Data = dict[str, Any]

OPTIONS = [
    {"value": "red", "label": "Rot"},
    {"value": "blue", "label": "Blau"},
    {"value": "green", "label": "Grün"},
]
GRID = {
    "row_label": "Monat",
    "columns": [
        {"id": "mother", "label": "Mutter"},
        {"id": "father", "label": "Vater"},
    ],
    "choices": [
        {"value": "basis", "label": "Basis", "last_month": 4, "max_per_column": 3, "max_together": 4},
        {"value": "plus", "label": "Plus"},
    ],
    "min_months_per_column": 2,
    "no_gap_from_month": 3,
}

EXTRA: dict[str, Any] = {
    "text": st.sampled_from(
        [
            {},
            {"max_length": 5},
            {"min_length": 3},
            {"pattern": "[0-9]{2,4}", "pattern_message": "Zahl"},
            {"pattern": r"\w+", "pattern_message": "Wort"},
        ]
    ),
    "long_text": st.sampled_from([{}, {"max_length": 10}]),
    "email": st.just({}),
    "phone": st.just({}),
    "iban": st.just({}),
    "tax_id": st.just({}),
    "date": st.sampled_from(
        [{}, {"max": "today"}, {"min": "today-110y"}, {"min": "2000-01-01", "max": "today+3m"}]
    ),
    "money": st.sampled_from([{}, {"min_cents": -5000, "max_cents": 100_000}]),
    "number": st.sampled_from([{}, {"max": 3}, {"decimals": 2, "min": -10, "max": "10.5"}]),
    "postcode_place": st.just({}),
    "address": st.sampled_from([{}, {"abroad": True}]),
    "choice": st.just({"options": OPTIONS}),
    "multiple_choice": st.sampled_from([{"options": OPTIONS}, {"options": OPTIONS, "max_chosen": 2}]),
    "yes_no": st.just({}),
    "country": st.just({}),
    "person": st.sampled_from(
        [
            {"include": ["given_names", "family_name", "birth_date"], "optional": ["birth_date"]},
            {"include": ["family_name", "sex", "nationality", "address", "email", "phone", "tax_id"]},
        ]
    ),
    "municipality": st.just({}),
    "month_grid": st.just(GRID | {"months": 6}),
    "information": st.just({"text": "Hinweis"}),
    "declaration": st.just({}),
}
CONTAINERS = ("group", "repeat")


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    earlier: list[dict[str, Any]] = []
    pages = []
    for number in range(draw(st.integers(1, 3))):
        condition = draw(conditions(earlier))
        page_fields = draw(fields(earlier, f"p{number}"))
        page = {"id": f"page-{number}", "title": "Seite", "fields": page_fields}
        pages.append(page | ({"visible_if": condition} if condition else {}))
    return Definition.model_validate(
        {
            "key": "any",
            "slug": "any",
            "version": 1,
            "names": {"name": "Irgendeine", "short_description": "Test"},
            "facts": {
                "assurance_level": "low",
                "fill_in_minutes": 5,
                "processing_time": {"text": "Sofort", "certainty": "uncertain"},
                "legal_basis": [{"citation": "§ 1 MusterG"}],
            },
            "competence": {"rule": "any"},
            "notice_regime": "none",
            "overdue_rule": "none",
            "remedy": "none",
            "outcome": {"result": "Nichts"},
            "pages": pages,
            "checks": draw(checks(earlier)),
        }
    )


@st.composite
def fields(
    draw: st.DrawFn, earlier: list[dict[str, Any]], prefix: str, depth: int = 0
) -> list[dict[str, Any]]:
    """Fields in order; each is appended to ``earlier``, where conditions look back."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        kinds = [*EXTRA, *(CONTAINERS if depth < 2 else ())]
        kind = draw(st.sampled_from(kinds))
        field: dict[str, Any] = {
            "id": f"{prefix}_{number}",
            "type": kind,
            "label": f"Frage {prefix} {number}",
        }
        condition = draw(conditions(earlier))
        field |= {"visible_if": condition} if condition else {}
        if kind not in ("information",):
            field["required"] = draw(st.booleans())
        if kind in CONTAINERS:
            field["fields"] = draw(fields(list(earlier), field["id"], depth + 1))
            if kind == "repeat":
                rows = {
                    "item_label": "Zeile",
                    "min_rows": draw(st.integers(0, 2)),
                    "max_rows": draw(st.integers(2, 3)),
                }
                field |= rows
        else:
            field |= draw(EXTRA[kind])
        found.append(field)
        earlier.append(field)
    return found


COMPARISONS: dict[str, Any] = {
    "choice": st.sampled_from([{"equals": "red"}, {"in": ["red", "blue"]}, {"empty": "true"}]),
    "multiple_choice": st.sampled_from([{"contains": "red"}, {"at_least": 2}, {"not_empty": "true"}]),
    "yes_no": st.sampled_from([{"equals": "yes"}, {"equals": "no"}]),
    "date": st.sampled_from([{"before": "today"}, {"after": "2001-01-01"}, {"older_than_years": 16}]),
    "money": st.sampled_from([{"at_least": 500}, {"at_most": 500}]),
    "number": st.sampled_from([{"at_least": 1}, {"equals": "2"}]),
    "repeat": st.sampled_from([{"at_least": 2}, {"empty": "true"}]),
}


@st.composite
def conditions(draw: st.DrawFn, earlier: list[dict[str, Any]]) -> dict[str, Any] | None:
    candidates = [field for field in earlier if field["type"] != "information"]
    if not candidates or draw(st.integers(0, 2)) == 0:
        return None
    condition: Data = draw(_condition(candidates, 2))
    return condition


@st.composite
def _condition(draw: st.DrawFn, candidates: list[dict[str, Any]], depth: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["field", "field", "all", "any", "not"] if depth else ["field"]))
    if kind in ("all", "any"):
        return {kind: [draw(_condition(candidates, depth - 1)) for _ in range(draw(st.integers(1, 2)))]}
    if kind == "not":
        return {"not": draw(_condition(candidates, depth - 1))}
    field = draw(st.sampled_from(candidates))
    operators = COMPARISONS.get(field["type"], st.sampled_from([{"empty": "true"}, {"not_empty": "true"}]))
    operator: Data = draw(operators)
    return {"field": field["id"]} | operator


@st.composite
def checks(draw: st.DrawFn, earlier: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(0, 2))):
        require = draw(conditions(earlier))
        at = draw(st.sampled_from(earlier))["id"]
        if require:
            found.append({"id": f"check_{number}", "require": require, "message": "Bitte prüfen", "at": at})
    return found


LIKELY_TEXTS = st.sampled_from(
    [
        *("", " ", "ja", "yes", "no", "red", "blue", "1", "2", "12", "1.234,56", "-3", "99999999999999"),
        *("erika@example.org", "06181 123456", "DE89 3704 0044 0532 0130 00", "36574261809", "63450"),
        *("06415000", "DE", "fr", "31", "2", "2001", "1899", "٣", "basis", "plus"),
        *("a\x00b", "\ud800", "x" * 3000, "a\u202eb", "e\u0301"),
    ]
)
TEXTS = LIKELY_TEXTS | st.text(max_size=12)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

GOOD: dict[str, Any] = {
    "text": st.sampled_from(["1234", "12", "abc"]),
    "long_text": st.sampled_from(["kurz", "a\r\nb"]),
    "email": st.just("Erika@Example.org"),
    "phone": st.sampled_from(["06181 123456", "+33 1 23456789"]),
    "iban": st.just("DE89 3704 0044 0532 0130 00"),
    "tax_id": st.just("36 574 261 809"),
    "date": st.sampled_from(
        [{"day": "29", "month": "2", "year": "2008"}, {"day": "1", "month": "11", "year": "2026"}]
    ),
    "money": st.sampled_from(["12", "1.000,00", "7,5 €"]),
    "number": st.sampled_from(["1", "2"]),
    "postcode_place": st.just({"postcode": "63450", "place": "Hanau"}),
    "address": st.just(
        {"street": "Musterweg", "house_number": "1 a", "postcode": "63450", "place": "Hanau", "country": "DE"}
    ),
    "choice": st.sampled_from(["red", "blue"]),
    "multiple_choice": st.sampled_from([["red"], ["blue", "red"]]),
    "yes_no": st.sampled_from(["yes", "no"]),
    "country": st.sampled_from(["DE", "FR"]),
    "person": st.just(
        {
            "given_names": "Erika",
            "family_name": "Mustermann",
            "birth_date": {"day": "12", "month": "8", "year": "1964"},
            "sex": "female",
            "nationality": "DE",
            "address": {"street": "Musterweg", "house_number": "1", "postcode": "63450", "place": "Hanau"},
            "email": "erika@example.org",
            "phone": "06181 1234",
            "tax_id": "36574261809",
        }
    ),
    "municipality": st.just({"text": "Hanau", "key": "06415000", "name": "Hanau"}),
    "month_grid": st.just(
        {"1": {"mother": "basis"}, "2": {"mother": "basis", "father": "plus"}, "3": {"father": "plus"}}
    ),
    "information": st.none(),
    "declaration": st.just("yes"),
}


def inputs(definition: Definition) -> st.SearchStrategy[Any]:
    """Mostly sensible answers, with nonsense in between."""
    parts = tuple(part for page in definition.pages for part in page.fields)
    return _fields_input(parts) | ANYTHING


def _fields_input(parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={part.id: _field_input(part) for part in parts})


def _field_input(part: Any) -> st.SearchStrategy[Any]:
    if part.type == "group":
        return _fields_input(part.fields) | ANYTHING
    if part.type == "repeat":
        return st.lists(_fields_input(part.fields) | ANYTHING, max_size=4) | ANYTHING
    good: st.SearchStrategy[Any] = GOOD[part.type]
    return good | good | ANYTHING


def complete_inputs(definition: Definition) -> st.SearchStrategy[Any]:
    """Every field answered in the right way."""
    parts = tuple(part for page in definition.pages for part in page.fields)
    return _complete(parts)


def _complete(parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({part.id: _complete_field(part) for part in parts})


def _complete_field(part: Any) -> st.SearchStrategy[Any]:
    if part.type == "group":
        return _complete(part.fields)
    if part.type == "repeat":
        return st.lists(_complete(part.fields), min_size=part.min_rows, max_size=part.max_rows)
    good: st.SearchStrategy[Any] = GOOD[part.type]
    return good
