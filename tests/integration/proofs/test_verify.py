"""Anybody verifies a document by its code or by its file."""

import io
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import ALPHABET, new_proof_code
from servicekonto.files.typst_pdf import decision_pdf, receipt_pdf
from servicekonto.notices import commands as notices
from servicekonto.notices.documents import decision_data
from servicekonto.proofs.models import DocumentProof
from servicekonto.proofs.uploads import MAX_BYTES, UploadedFile
from servicekonto.service_requests import queries
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.presentation import DECISION, RECEIPT
from servicekonto.service_requests.receipts import receipt_data, store_receipt
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import create_service_request
from tests.support.client import PageClient
from tests.support.page import Page

PERSONAL = (
    "Erika",
    "Mustermann",
    "Jörg",
    "Müßig",
    "joerg",
    "Erfundener Weg",
    "Sorgfalt",
    "Vierauge",
    "HE-20",
)
NAMES: dict[str, object] = {"given_names": "Erika", "family_name": "Mustermann"}


@dataclass(frozen=True)
class Issued:
    """A document as its owner has it."""

    code: str
    pdf: bytes


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def decided() -> ServiceRequest:
    return create_service_request(create_account(values=NAMES), status=Status.DECIDED)


@pytest.fixture
def decision(decided: ServiceRequest) -> Issued:
    data = decision_data(decided)
    pdf = decision_pdf(data)
    with unit_of_work():
        notices.serve(decided, pdf, code=data.verification.code, at=SOME_DAY + timedelta(days=3))
    return Issued(data.verification.code, pdf)


@pytest.fixture
def receipt(decided: ServiceRequest) -> Issued:
    data, answers = receipt_data(decided)
    pdf = receipt_pdf(data, answers=answers)
    with unit_of_work():
        store_receipt(decided, pdf, data, at=SOME_DAY + timedelta(days=1))
    return Issued(data.verification.code, pdf)


def upload(client: PageClient, data: bytes, name: str = "Entscheidung.pdf") -> TestResponse:
    return client.get("/pruefen").form("/datei").submit(client, datei=(io.BytesIO(data), name))


def upload_large(client: PageClient, data: bytes) -> TestResponse:
    """Written out here: Werkzeug's test client would use a temporary file and leave it open."""
    token = client.get("/pruefen").form("/datei").values["csrf_token"][0]
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="datei"; filename="a.pdf"\r\n\r\n'
    body = head.encode() + data + b"\r\n--x--\r\n"
    return client.open(
        "/pruefen/datei", method="POST", data=body, content_type="multipart/form-data; boundary=x"
    )


def answer_to(client: PageClient, data: bytes, *, status: int = 200) -> Page:
    return client.checked(upload(client, data), status)


def facts(page: Page) -> dict[str, str]:
    keys = page.texts("dt.kern-description-list-item__key")
    return dict(zip(keys, page.texts("dd.kern-description-list-item__value"), strict=True))


def test_a_code_leads_to_kind_date_and_authority(client: PageClient, decision: Issued) -> None:
    page = client.get(f"/pruefen/{decision.code}")

    assert page.h1 == "Der Prüfcode ist echt"
    assert facts(page) == {
        "Art": "Entscheidung über einen Antrag",
        "Datum": "23.11.2026",
        "Behörde": "Magistrat der Stadt Hanau",
    }
    assert "Man kann ihn auf ein anderes Papier kopieren" in page.text


def test_a_receipt_says_that_it_is_only_a_receipt(client: PageClient, receipt: Issued) -> None:
    page = client.get(f"/pruefen/{receipt.code}")

    assert facts(page)["Art"] == "Eingangsbestätigung"
    assert "nicht, dass die Behörde den Antrag schon geprüft hat" in page.text


def test_the_date_is_the_one_on_the_document_not_that_of_its_making(receipt: Issued) -> None:
    dated = db.session.scalars(sa.select(DocumentProof.dated)).one()

    assert dated == SOME_DAY


@pytest.mark.parametrize(
    "typed",
    [
        "{code}",
        "  {lower}  ",
        "{bare}",
        "https://konto.hessen.example/pruefen/{code}",
    ],
)
def test_a_code_is_understood_however_it_is_typed(client: PageClient, decision: Issued, typed: str) -> None:
    code = decision.code
    text = typed.format(code=code, lower=code.lower().replace("-", " "), bare=code[3:].replace("-", ""))

    answer = client.get("/pruefen").form("/pruefen").submit(client, code=text)

    assert answer.location == f"/pruefen/{code}"
    assert client.follow(answer).h1 == "Der Prüfcode ist echt"


def test_a_typing_error_is_recognised_as_one(client: PageClient, decision: Issued) -> None:
    code = decision.code
    wrong = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]

    page = client.checked(client.get("/pruefen").form("/pruefen").submit(client, code=wrong), 422)

    assert "ein Zeichen falsch" in page.errors["code"]
    assert "ein Zeichen falsch" in client.get(f"/pruefen/{wrong}", status=404).errors["code"]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", "geben Sie den Prüfcode ein"),
        ("PR-7K3F", "Sie haben 4 eingegeben"),
        ("HE-2026-7K3F-9QXM-C", "13"),
    ],
)
def test_what_cannot_be_a_code_is_explained(client: PageClient, typed: str, hint: str) -> None:
    page = client.checked(client.get("/pruefen").form("/pruefen").submit(client, code=typed), 422)

    assert hint in page.errors["code"]


def test_an_unknown_code_is_unknown(client: PageClient) -> None:
    page = client.get(f"/pruefen/{new_proof_code()}", status=404)

    assert page.h1 == "Diesen Code kennen wir nicht"
    assert "verlassen Sie sich nicht" in page.text


def test_the_same_file_is_genuine_and_unchanged(client: PageClient, decision: Issued) -> None:
    page = answer_to(client, decision.pdf, status=200)

    assert page.h1 == "Echt und unverändert"
    assert facts(page)["Prüfcode"] == decision.code
    assert facts(page)["Behörde"] == "Magistrat der Stadt Hanau"


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_one_changed_bit_is_noticed(client: PageClient, decision: Issued, where: float) -> None:
    at = int(len(decision.pdf) * where)
    changed = decision.pdf[:at] + bytes([decision.pdf[at] ^ 1]) + decision.pdf[at + 1 :]

    page = answer_to(client, changed)

    assert page.h1 == "Nicht unverändert"
    assert facts(page)["Prüfcode"] == decision.code


def test_something_added_at_the_end_is_noticed(client: PageClient, decision: Issued) -> None:
    assert answer_to(client, decision.pdf + b"\n").h1 == "Nicht unverändert"


def test_a_file_without_a_code_of_ours_is_not_ours_or_changed(client: PageClient, decision: Issued) -> None:
    for data in (b"%PDF-1.7 another", f"%PDF-1.7 {new_proof_code()}".encode()):
        page = answer_to(client, data)

        assert page.h1 == "Nicht unverändert oder nicht von uns"
        assert "Das Dokument ist von früher" in page.text
        assert page.select("dl") == []


@pytest.mark.parametrize(
    ("data", "status", "hint"),
    [
        (b"", 422, "wählen Sie eine Datei aus"),
        (b"PK\x03\x04 a document of an office program", 415, "keine PDF-Datei"),
        (b"\x89PNG\r\n\x1a\n", 415, "keine PDF-Datei"),
    ],
)
def test_what_is_no_pdf_is_explained(client: PageClient, data: bytes, status: int, hint: str) -> None:
    assert hint in answer_to(client, data, status=status).errors["datei"]


def test_a_form_without_a_file_is_explained(client: PageClient) -> None:
    page = client.checked(client.get("/pruefen").form("/datei").submit(client), 422)

    assert "wählen Sie eine Datei aus" in page.errors["datei"]


def test_a_file_of_ten_megabytes_is_taken_and_a_larger_one_is_not(client: PageClient) -> None:
    largest = b"%PDF-1.7".ljust(MAX_BYTES, b" ")

    assert upload_large(client, largest).status_code == 200
    assert client.checked(upload_large(client, largest + b" " * 200_000), 413).h1 == "Das ist zu groß"


def test_other_forms_take_no_more_than_before(client: PageClient) -> None:
    form = client.get("/anmelden").form("/anmelden")

    assert form.submit(client, email="a" * 1_100_000).status_code == 413


def test_no_transaction_is_open_while_the_file_arrives(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, pieces = UploadedFile.write, []

    def write(self: UploadedFile, piece: Any) -> int:
        assert not db.session().in_transaction()
        pieces.append(len(piece))
        return original(self, piece)

    monkeypatch.setattr(UploadedFile, "write", write)
    upload_large(client, b"%PDF-1.7".ljust(1_000_000))

    assert sum(pieces) == 1_000_000
    assert max(pieces) < 200_000


def test_nobody_learns_whom_a_document_is_about(
    client: PageClient, decision: Issued, receipt: Issued, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [client.client.get(f"/pruefen/{issued.code}") for issued in (decision, receipt)]
    answers += [upload(client, data) for data in (decision.pdf, receipt.pdf, receipt.pdf + b" ")]

    for text in [*(answer.text for answer in answers), caplog.text]:
        assert not [name for name in PERSONAL if name in text]


def test_the_table_of_proofs_names_nobody_and_no_request(decided: ServiceRequest, decision: Issued) -> None:
    rows = db.session.execute(sa.text("select * from document_proof")).mappings().all()

    assert set(rows[0]) == {"id", "code_index", "sha512", "kind", "authority_id", "dated"}
    text = " ".join(str(value) for row in rows for value in row.values())
    for secret in (decision.code, str(decided.id), decided.id.hex, str(decided.reference)):
        assert secret not in text


def test_a_deleted_request_leaves_a_document_that_can_be_verified(
    client: PageClient, decided: ServiceRequest, decision: Issued
) -> None:
    with unit_of_work():
        db.session.execute(sa.delete(ServiceRequest).where(ServiceRequest.id == decided.id))
    db.session.expire_all()

    assert client.get(f"/pruefen/{decision.code}").h1 == "Der Prüfcode ist echt"
    assert answer_to(client, decision.pdf).h1 == "Echt und unverändert"


def test_a_document_is_proved_once_whoever_makes_it_again(decided: ServiceRequest, receipt: Issued) -> None:
    data, answers = receipt_data(decided)
    with unit_of_work():
        store_receipt(decided, receipt_pdf(data, answers=answers), data, at=SOME_DAY)

    assert len(db.session.scalars(sa.select(DocumentProof)).all()) == 1
    stored = queries.document(decided, RECEIPT)
    assert stored is not None and (stored.proof_code, stored.data) == (receipt.code, receipt.pdf)


def test_the_owner_sees_the_code_beside_the_document(
    client: PageClient, decided: ServiceRequest, decision: Issued
) -> None:
    sign_in(client, decided.account)
    page = client.get(f"/antraege/{decided.id}")

    assert page.link(decision.code) == f"/pruefen/{decision.code}"
    stored = queries.document(decided, DECISION)
    assert stored is not None and decision.code.encode() not in (stored.proof_code_sealed or b"")


def test_a_receipt_made_on_demand_can_be_verified(client: PageClient) -> None:
    service_request = create_service_request()
    sign_in(client, service_request.account)
    pdf = client.client.get(f"/antraege/{service_request.id}/dokumente/receipt").data

    assert answer_to(client, pdf).h1 == "Echt und unverändert"


def test_guessing_is_slowed_down_and_right_codes_are_free(client: PageClient, decision: Issued) -> None:
    for _ in range(40):
        assert client.client.get(f"/pruefen/{decision.code}").status_code == 200
    statuses = [client.client.get(f"/pruefen/{new_proof_code()}").status_code for _ in range(31)]
    answer = client.client.get(f"/pruefen/{decision.code}")

    assert statuses == [404] * 30 + [429]
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert client.client.get(f"/pruefen/{decision.code}").status_code == 200


def test_uploading_is_slowed_down(client: PageClient) -> None:
    page = client.get("/pruefen")

    def send() -> TestResponse:
        return page.form("/datei").submit(client, datei=(io.BytesIO(b"%PDF-1.7"), "a.pdf"))

    answers = [send() for _ in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600


def test_search_engines_stay_out(client: PageClient, decision: Issued) -> None:
    for path in ("/pruefen", f"/pruefen/{decision.code}", "/pruefen/datei", "/pruefen/nonsense"):
        assert client.client.get(path).headers["X-Robots-Tag"] == "noindex"
    assert upload(client, decision.pdf).headers["X-Robots-Tag"] == "noindex"


def test_every_page_leads_there(client: PageClient) -> None:
    assert client.get("/").link("Dokument prüfen") == "/pruefen"
    assert client.get("/hilfe").has_link("Dokument prüfen")
    assert client.follow(client.client.get("/pruefen/datei")).h1 == "Dokument prüfen"
