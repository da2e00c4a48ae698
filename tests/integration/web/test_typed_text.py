"""A few hundred kB of accents on one letter would stop a process for minutes; they are refused at once."""

import time

import pytest

from tests.support.client import PageClient

MARKS = "a" + "\u0301\u0316" * 100_000


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/anmelden", {"email": "erika.mustermann@example.org", "password": MARKS}),
        ("/anmelden", {"email": MARKS, "password": "ein Passwort"}),
        ("/registrieren", {"email": "erika.mustermann@example.org", "password": MARKS}),
        ("/passwort-vergessen", {"email": MARKS}),
    ],
)
def test_piled_up_accents_in_a_form_are_refused_at_once(
    client: PageClient, path: str, fields: dict[str, str]
) -> None:
    token = client.get(path).form(path).values["csrf_token"]
    started = time.monotonic()

    answer = client.client.post(
        path, data={**fields, "csrf_token": token}, content_type="multipart/form-data"
    )

    assert client.checked(answer, 400).h1
    assert time.monotonic() - started < 5


def test_piled_up_accents_in_an_address_are_refused(client: PageClient) -> None:
    answer = client.client.get("/zustaendigkeit", query_string={"ort": "a" + "\u0301" * 1000})

    assert answer.status_code == 400
