import pytest

from tests.unit.catalogue.samples import TODAY, a_field, refusal


@pytest.mark.parametrize(
    ("raw", "cents"),
    [
        ("450", 45_000),
        ("450,5", 45_050),
        ("450.50", 45_050),
        ("1.234,56 €", 123_456),
        ("1.234", 123_400),
        ("1 234 EUR", 123_400),
        ("0", 0),
        ("007,10", 710),
    ],
)
def test_money_is_written_the_german_way_and_counted_in_cents(raw: str, cents: int) -> None:
    assert a_field("money").parse(raw, TODAY) == cents


@pytest.mark.parametrize(
    "raw", ["viel", "1,234.56", "1,2,3", "12,345", "1.23.4", "€", "٤", "1e3", "nan", "9" * 30]
)
def test_what_is_no_amount_is_refused(raw: str) -> None:
    assert refusal(a_field("money"), raw) == "money"


def test_money_has_limits_and_says_them() -> None:
    field = a_field("money", min_cents="100", max_cents="5000", max_message="Höchstens 50 Euro, bitte.")

    assert refusal(field, "0,99") == "too_small"
    assert refusal(field, "50,01") == "too_great"
    assert refusal(field, "-5") == "too_small"


def test_money_is_shown_as_it_would_be_typed() -> None:
    field = a_field("money")

    assert field.show(123_456) == ["1.234,56 €"]
    assert field.parse(field.to_raw(123_456), TODAY) == 123_456


@pytest.mark.parametrize(("raw", "value"), [("2", 2), ("1.000", 1000), ("0", 0)])
def test_a_number_is_whole_unless_it_may_have_decimals(raw: str, value: int) -> None:
    assert a_field("number").parse(raw, TODAY) == value
    assert refusal(a_field("number"), "2,5") == "number"


def test_a_number_with_decimals_and_a_unit() -> None:
    field = a_field("number", decimals="2", unit="m²", max="500")

    assert field.parse("65,5", TODAY) == 65.5
    assert field.show(65.5) == ["65,5 m²"]
    assert field.parse(field.to_raw(65.25), TODAY) == 65.25
    assert refusal(field, "65,555") == "number"
    assert refusal(field, "501") == "too_great"


def test_a_number_has_limits() -> None:
    field = a_field("number", min="1", max="10")

    assert refusal(field, "0") == "too_small"
    assert refusal(field, "11") == "too_great"
