import hashlib

import pytest

from servicekonto.files.models import document_values
from servicekonto.service_requests.models import RequestDocument, ServiceRequest
from tests.builders.documents import AT


@pytest.mark.usefixtures("fonts")
def test_a_stored_document_is_sealed_and_knows_the_check_sum_of_its_bytes() -> None:
    document = RequestDocument(
        service_request=ServiceRequest(),
        kind="receipt",
        **document_values(b"%PDF Erika", file_name="eingang.pdf", at=AT),
    )

    assert document.data == b"%PDF Erika"
    assert b"Erika" not in document.data_sealed
    assert (document.size, document.media_type) == (10, "application/pdf")
    assert document.sha512 == hashlib.sha512(b"%PDF Erika").hexdigest()


@pytest.mark.usefixtures("fonts")
def test_a_document_cannot_be_read_after_the_key_of_its_request_is_gone() -> None:
    request = ServiceRequest()
    document = RequestDocument(service_request=request, **document_values(b"x", file_name="x.pdf", at=AT))

    request.destroy_data_key()

    assert document.data is None
