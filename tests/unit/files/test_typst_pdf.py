import io
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from flask import current_app

from servicekonto.files.documents import Answer, Office, Section
from servicekonto.files.typst_pdf import Attachment, decision_pdf, printed_form_pdf, receipt_pdf
from tests.builders.documents import (
    ANSWERS_FILE,
    AT,
    decision_data,
    printed_form_data,
    receipt_data,
)

HOSTILE = [
    "#panic()",
    "*fett* _kursiv_ `roh`",
    "<b>fett</b>",
    "$x^2$",
    r"C:\neu\table",
    "= Titel",
    '"',
    "//x",
    "@ref",
]
ALL = {
    "receipt": lambda: receipt_pdf(receipt_data(), answers=ANSWERS_FILE),
    "decision": lambda: decision_pdf(decision_data()),
    "printed_form": lambda: printed_form_pdf(printed_form_data()),
}

pytestmark = pytest.mark.usefixtures("fonts")


def structure_elements(pdf: pikepdf.Pdf) -> Iterator[Any]:
    def walk(node: Any) -> Iterator[Any]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node.K)

    return walk(pdf.Root.StructTreeRoot.K)


def structure_roles(pdf: pikepdf.Pdf) -> Counter[str]:
    return Counter(str(element.S).removeprefix("/") for element in structure_elements(pdf))


def text_of(data: bytes) -> str:
    """Everything a screen reader finds, through the maps from glyphs to characters that the file carries."""
    return "".join(_page_text(page) for page in pikepdf.open(io.BytesIO(data)).pages)


def _page_text(page: pikepdf.Page) -> str:
    maps = {name: _to_unicode(font) for name, font in page.Resources.Font.items()}
    text = ""
    current: dict[bytes, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            current = maps[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            parts = operands[0] if str(operator) == "TJ" else operands
            text += "".join(
                _decoded(bytes(part), current) for part in parts if isinstance(part, pikepdf.String)
            )
    return text


def _decoded(codes: bytes, characters: dict[bytes, str]) -> str:
    return "".join(characters.get(codes[i : i + 2], "") for i in range(0, len(codes), 2))


def _to_unicode(font: Any) -> dict[bytes, str]:
    characters = {}
    for line in font.ToUnicode.read_bytes().decode().splitlines():
        parts = line.replace("<", "").replace(">", "").split()
        if len(parts) == 2 and line.startswith("<"):
            characters[bytes.fromhex(parts[0])] = bytes.fromhex(parts[1]).decode("utf-16-be")
    return characters


@pytest.mark.parametrize("name", ALL)
def test_every_document_is_accessible_and_for_the_archive(name: str) -> None:
    pdf = pikepdf.open(io.BytesIO(ALL[name]()))

    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["dc:title"]
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "de-DE"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    roles = structure_roles(pdf)
    assert roles["Document"] == 1
    assert roles["H1"] >= 2
    assert roles["Table"] == roles["THead"] > 0
    assert roles["TH"] > 0
    assert roles["TD"] > roles["TH"]


@pytest.mark.parametrize("name", ALL)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    assert ALL[name]() == ALL[name]()


def test_the_time_in_the_file_is_that_of_the_data() -> None:
    later = receipt_pdf(receipt_data(at=AT + timedelta(days=1)), answers=ANSWERS_FILE)

    assert str(pikepdf.open(io.BytesIO(later)).docinfo.CreationDate).startswith("D:20261124")


@pytest.mark.parametrize("data", ['{"ort": "Köln"}'.encode(), bytes(range(256))])
def test_an_attachment_comes_out_as_it_went_in(data: bytes) -> None:
    answers = Attachment(name="angaben.json", data=data, media_type="application/json", description="Angaben")

    pdf = pikepdf.open(io.BytesIO(receipt_pdf(receipt_data(), answers=answers)))

    attached = pdf.attachments["angaben.json"]
    assert attached.get_file().read_bytes() == data
    assert attached.get_file().mime_type == "application/json"
    assert str(attached.obj.AFRelationship) == "/Data"
    assert len(pdf.Root.AF) == 1


def test_the_receipt_contains_everything_and_the_check_sum_of_the_attachment() -> None:
    text = text_of(receipt_pdf(receipt_data(), answers=ANSWERS_FILE)).replace(" ", "")

    for expected in ("HE-2026-7K3F-9QXM-C", "ErikaJördis", "Århus", "15,00€", "Eheschließung", "SHA-512"):
        assert expected in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_person_typed_is_never_markup(hostile: str) -> None:
    sections = (Section(title=hostile, answers=(Answer(label=hostile, value=hostile),)),)
    data = receipt_data(service=hostile, sections=sections, declarations=(hostile,))

    text = text_of(receipt_pdf(data, answers=ANSWERS_FILE)).replace(" ", "").replace("\u00a0", "")

    assert text.count(hostile.replace(" ", "")) >= 5


@pytest.mark.parametrize(
    "value",
    [
        "a" * 3000,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "https://example.org/" + "pfad/" * 40,
        "Zeile\n\n\nZeile\r\nZeile\tTab",
        "Text " * 2000,
        "中文 😀 עברית العربية Ķ C̆",
        "\x00\x07\ue000\ufffe\u202eumgedreht\ufdd0",
        "",
        " ",
    ],
    ids=lambda value: value[:12].encode("unicode_escape").decode(),
)
def test_no_text_breaks_a_document(value: str) -> None:
    office = Office(name=value, unit=value, address=(value,), contact=(value,))
    section = Section(title=value, answers=(Answer(label=value, value=value),) * 2)

    receipt_pdf(receipt_data(office=office, sections=(section,), competence=value), answers=ANSWERS_FILE)
    decision_pdf(decision_data(office=office, reasons=(value,), addressee=(value,), outcome=value))
    printed_form_pdf(printed_form_data(office=office, sections=(section,), signers=(value,)))


def test_a_character_without_a_glyph_is_named(fonts: str) -> None:
    sections = (Section(title="Name", answers=(Answer(label="Name", value="Müller 中"),)),)

    text = text_of(receipt_pdf(receipt_data(sections=sections), answers=ANSWERS_FILE)).replace(" ", "")

    assert "Müller[U+4E2D]" in text


def test_a_long_address_can_still_be_read_out_of_the_document() -> None:
    address = "erika.mustermann.geborene.gabler@sehr-lange-domain.example.org"
    sections = (Section(title="Name", answers=(Answer(label="E-Mail", value=address),)),)

    text = text_of(receipt_pdf(receipt_data(sections=sections), answers=ANSWERS_FILE))

    assert address in text.replace("\u200b", "")


def test_200_answers_fill_pages_and_each_page_repeats_the_head() -> None:
    answers = tuple(Answer(label=f"Frage {number}", value="Antwort " * 8) for number in range(200))

    pdf = pikepdf.open(
        io.BytesIO(
            receipt_pdf(
                receipt_data(sections=(Section(title="Viel", answers=answers),)), answers=ANSWERS_FILE
            )
        )
    )

    assert len(pdf.pages) > 8
    assert structure_roles(pdf)["TR"] > 200


def test_parts_without_content_are_left_out() -> None:
    data = receipt_data(
        applicant=(), sections=(), fees=(), fee_total=None, declarations=(), next_steps=(), competence=None,
        demo_notice=None, office=Office(name="Gemeinde Musterdorf"),
    )  # fmt: skip

    text = text_of(receipt_pdf(data, answers=ANSWERS_FILE))

    assert "Gebühren" not in text
    assert "bestätigt" not in text
    printed_form_pdf(printed_form_data(sections=(), fees=(), signers=(), documents=(), instructions=()))
    decision_pdf(decision_data(reasons=(), fees=(), fee_total=None, remedy=(), contact_person=None))


def test_many_threads_make_documents_at_once() -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    made: list[bytes] = []

    def make() -> None:
        with app.app_context():
            made.append(receipt_pdf(receipt_data(), answers=ANSWERS_FILE))

    threads = [threading.Thread(target=make) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 16
    assert len(set(made)) == 1
