"""What a document says about how to verify it, read as a telephone and as a screen reader do."""

import io

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from servicekonto.files.typst_pdf import decision_pdf, printed_form_pdf, receipt_pdf
from tests.builders.documents import (
    ANSWERS_FILE,
    VERIFICATION,
    decision_data,
    printed_form_data,
    receipt_data,
)
from tests.unit.files.test_typst_pdf import structure_elements, text_of

ISSUED = {
    "receipt": lambda: receipt_pdf(receipt_data(), answers=ANSWERS_FILE),
    "decision": lambda: decision_pdf(decision_data()),
}

pytestmark = pytest.mark.usefixtures("fonts")


def pictures(pdf: bytes) -> list[Image.Image]:
    """The pages as a telephone sees them, at about 110 dots per inch."""
    return [page.render(scale=1.5).to_pil() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("kind", ISSUED)
def test_a_telephone_reads_the_address_from_the_printed_page(kind: str) -> None:
    found = [code.text for picture in pictures(ISSUED[kind]()) for code in zxingcpp.read_barcodes(picture)]

    assert found == [VERIFICATION.url]


@pytest.mark.parametrize("kind", ISSUED)
def test_the_code_and_the_place_to_type_it_are_printed_too(kind: str) -> None:
    text = text_of(ISSUED[kind]()).replace("\u200b", "")

    assert VERIFICATION.code in text
    assert VERIFICATION.page in text


@pytest.mark.parametrize("kind", ISSUED)
def test_a_screen_reader_hears_what_the_qr_code_is_for(kind: str) -> None:
    pdf = pikepdf.open(io.BytesIO(ISSUED[kind]()))

    figures = [element for element in structure_elements(pdf) if element.S == "/Figure"]

    assert ["QR-Code" in str(figure.Alt) for figure in figures] == [True]


@pytest.mark.parametrize("kind", ISSUED)
def test_a_copy_says_its_code_to_a_reader_that_parses_nothing(kind: str) -> None:
    assert VERIFICATION.code.encode() in ISSUED[kind]()


def test_what_is_not_issued_has_no_code() -> None:
    pdf = printed_form_pdf(printed_form_data())

    assert b"PR-" not in pdf
    assert not [code for picture in pictures(pdf) for code in zxingcpp.read_barcodes(picture)]
