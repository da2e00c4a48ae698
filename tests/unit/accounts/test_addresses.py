import pytest

from servicekonto.accounts import addresses


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Erika@Example.ORG ", "Erika@example.org"),
        ("müller@exämple.de", "müller@exämple.de"),
        ("mu\u0308ller@EXA\u0308MPLE.de", "müller@exämple.de"),
        ("erika+amt@example.org", "erika+amt@example.org"),
    ],
)
def test_an_address_has_one_written_form(typed: str, address: str) -> None:
    assert addresses.normalised(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "erika",
        "erika@",
        "@example.org",
        "a\0@example.org",
        "a@b",
        "a" * 300 + "@example.org",
        "a@example.org\r\nBcc: x",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert addresses.normalised(typed) is None
