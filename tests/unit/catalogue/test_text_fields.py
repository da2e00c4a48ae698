import pytest

from tests.unit.catalogue.samples import TODAY, a_field, refusal


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("  Erika \t Mustermann ", "Erika Mustermann"),
        ("Zoe\u0308", "Zoë"),
        ("A\x00B\u202eC\ud800", "ABC"),
        ("\u00a0", None),
        ("", None),
        (None, None),
        (7, None),
        (["Erika"], None),
    ],
)
def test_a_line_is_trimmed_composed_and_free_of_control_characters(raw: object, value: str | None) -> None:
    assert a_field("text").parse(raw, TODAY) == value


def test_a_line_has_a_least_and_a_greatest_length_and_a_pattern() -> None:
    field = a_field(
        "text", min_length="2", max_length="4", pattern="'[A-Z]+'", pattern_message="Großbuchstaben bitte."
    )

    assert refusal(field, "A") == "too_short"
    assert refusal(field, "ABCDE") == "too_long"
    assert refusal(field, "abc") == "pattern"
    assert field.parse("ABCD", TODAY) == "ABCD"


def test_what_is_too_long_is_kept_so_that_it_can_be_shortened() -> None:
    field = a_field("text", max_length="10")

    assert len(field.parse("x" * 10, TODAY)) == 10
    assert refusal(field, "x" * 100_000) == "too_long"


@pytest.mark.parametrize("digit", ["١٢٣٤٥", "12345\n6", "１２３４５"])
def test_a_pattern_means_ascii_and_the_whole_text(digit: str) -> None:
    field = a_field("text", pattern="'[0-9]{5}'", pattern_message="Fünf Ziffern bitte.")

    assert refusal(field, digit) == "pattern"


def test_a_long_text_keeps_its_lines() -> None:
    field = a_field("long_text", max_length="20")

    assert field.parse(" eins \r\nzwei\r\n\r\n", TODAY) == "eins\nzwei"
    assert field.show("eins\nzwei") == ["eins", "zwei"]
    assert refusal(field, "x" * 21) == "too_long"


@pytest.mark.parametrize(
    "raw", ["erika", "erika@", "@example.org", "erika@example", "a b@example.org", "x" * 400]
)
def test_an_email_address_has_a_name_and_a_domain(raw: str) -> None:
    assert refusal(a_field("email"), raw) == "email"


def test_the_domain_of_an_email_address_is_lower_case() -> None:
    assert a_field("email").parse(" Erika@Example.ORG ", TODAY) == "Erika@example.org"


@pytest.mark.parametrize(
    ("raw", "value", "shown"),
    [
        ("06181 / 12 34 56", "+496181123456", "+49 6181 123456"),
        ("+33 1 23456789", "+33123456789", "+33 1 23 45 67 89"),
        ("0049 611 4567", "+496114567", "+49 611 4567"),
    ],
)
def test_a_phone_number_is_stored_in_international_form(raw: str, value: str, shown: str) -> None:
    field = a_field("phone")

    assert field.parse(raw, TODAY) == value
    assert field.show(value) == [shown]


@pytest.mark.parametrize("raw", ["12", "keine", "+999 1", "0" * 40])
def test_what_nobody_can_call_is_no_phone_number(raw: str) -> None:
    assert refusal(a_field("phone"), raw) == "phone"


def test_an_iban_is_checked_and_shown_in_groups_of_four() -> None:
    field = a_field("iban")

    assert field.parse("de89 3704 0044 0532 0130 00", TODAY) == "DE89370400440532013000"
    assert field.show("DE89370400440532013000") == ["DE89 3704 0044 0532 0130 00"]
    assert refusal(field, "DE89 3704 0044 0532 0130 01") == "iban"
    assert refusal(field, "DE89 3704") == "iban"


def test_a_tax_id_is_checked_by_its_last_digit() -> None:
    field = a_field("tax_id")

    assert field.parse("36 574 261 809", TODAY) == "36574261809"
    assert field.show("36574261809") == ["36 574 261 809"]
    assert refusal(field, "36574261808") == "tax_id"
    assert refusal(field, "٣٦٥٧٤٢٦١٨٠٩") == "tax_id"
