import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekonto.core.ids import new_proof_code
from servicekonto.proofs.uploads import UploadedFile


def uploaded(*pieces: bytes) -> UploadedFile:
    file = UploadedFile()
    for piece in pieces:
        file.write(piece)
    file.seek(0)
    return file


def test_nothing_of_the_file_is_kept() -> None:
    file = uploaded(b"%PDF-1.7 Erika Mustermann", b"more")

    assert file.read() == file.getvalue() == b""
    assert file.size == 29


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=50))
def test_the_hash_does_not_depend_on_the_pieces(data: bytes, length: int) -> None:
    file = uploaded(*(data[start : start + length] for start in range(0, len(data), length)))

    assert file.sha512 == hashlib.sha512(data).hexdigest()


@given(st.integers(min_value=1, max_value=40))
def test_the_code_is_found_across_the_border_of_two_pieces(length: int) -> None:
    code = new_proof_code()
    data = b"%PDF-1.7 (https://konto.hessen.example/pruefen/" + code.encode() + b") endobj"

    assert uploaded(*(data[start : start + length] for start in range(0, len(data), length))).code == code


def test_the_first_code_that_can_be_right_counts() -> None:
    first, second = new_proof_code(), new_proof_code()
    wrong = first[:-1] + ("A" if first[-1] != "A" else "B")

    assert uploaded(f"%PDF {wrong} {first} {second}".encode()).code == first
    assert uploaded(f"%PDF {wrong}".encode()).code is None


@pytest.mark.parametrize(
    ("start", "is_pdf"),
    [
        (b"%PDF-1.4", True),
        (b"\xef\xbb\xbf%PDF-1.7", True),
        (b"PK\x03\x04", False),
        (b" " * 2000 + b"%PDF-", False),
    ],
)
def test_a_pdf_is_recognised_by_its_first_bytes(start: bytes, is_pdf: bool) -> None:
    assert uploaded(start, b"more").is_pdf is is_pdf
