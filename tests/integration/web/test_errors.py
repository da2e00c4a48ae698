"""Each error is one answer: a page for people, problem+json for machines, and headers on everything."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft
from tests.support.answers import without_ids
from tests.support.client import PageClient
from tests.support.testing_views import bp as testing_views

STATUS = {"not-found": 404, "not-allowed": 403, "conflict": 409, "invalid": 422, "bug": 500}
STATUS |= {"no-connection-free": 503, "connection-lost-before": 503}
UNKNOWN = "01890000-0000-7000-8000-000000000000"
MACHINE = {"Accept": "application/json"}


@pytest.fixture
def visitor(committed_app: Servicekonto) -> FlaskClient:
    committed_app.register_blueprint(testing_views)
    committed_app.config["WTF_CSRF_ENABLED"] = False
    committed_app.testing = False
    return committed_app.test_client()


@pytest.mark.parametrize("name", STATUS)
def test_a_domain_error_becomes_its_status_and_tells_nothing_of_its_message(
    visitor: FlaskClient, name: str
) -> None:
    page = visitor.post(f"/_testing/raises/{name}?key=k")
    problem = visitor.post(f"/_testing/raises/{name}?key=k", headers=MACHINE)

    assert page.status_code == problem.status_code == STATUS[name]
    assert page.mimetype == "text/html" and "Kennung für Rückfragen" in page.text
    assert problem.content_type == "application/problem+json"
    assert problem.json and problem.json["status"] == STATUS[name]
    assert problem.json["correlation_id"] == problem.headers["X-Request-ID"]
    assert not any(word in page.text + problem.text for word in ("Mustermann", "Traceback", "RuntimeError"))


@pytest.mark.only("postgresql")
def test_a_connection_that_the_database_ends_is_an_outage_and_no_error_of_ours(visitor: FlaskClient) -> None:
    answer = visitor.post("/_testing/is-cut-off")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


def test_a_machine_gets_problem_json_for_an_unknown_address_too(client: PageClient) -> None:
    answer = client.client.get("/gibt-es-nicht", headers={"Accept": "application/problem+json"})

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json and answer.json["title"] == "Not Found"


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "application/json;q=0.1, text/html", "nonsense"])
def test_a_browser_gets_a_page(client: PageClient, accept: str) -> None:
    assert client.client.get("/gibt-es-nicht", headers={"Accept": accept}).mimetype == "text/html"


def test_every_answer_has_an_id_and_a_new_one(client: PageClient) -> None:
    first, second = (client.client.get("/hilfe") for _ in range(2))

    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_the_id_of_a_stranger_is_not_taken_over(client: PageClient) -> None:
    answer = client.client.get("/hilfe", headers={"X-Request-ID": "mine-mine-mine"})

    assert answer.headers["X-Request-ID"] != "mine-mine-mine"


def answers_of_every_kind(client: FlaskClient) -> dict[str, TestResponse]:
    return {
        "page": client.get("/hilfe"),
        "redirect": client.get("/antraege/"),
        "added slash": client.get("/antraege"),
        "not found": client.get("/gibt-es-nicht"),
        "problem": client.get("/gibt-es-nicht", headers=MACHINE),
        "health": client.get("/livez"),
        "csrf": client.post("/anmelden"),
        "method": client.put("/hilfe"),
        "options": client.options("/hilfe"),
        "head": client.head("/hilfe"),
        "too large": client.post("/anmelden", data={"email": "a" * 2_000_000}),
        "asset": client.get("/assets/kern-0000000000000000/kern.min.css"),
    }


def test_security_headers_are_on_every_kind_of_answer(client: PageClient) -> None:
    for kind, answer in answers_of_every_kind(client.client).items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["X-Frame-Options"] == "DENY", kind
        assert headers["Referrer-Policy"] == "same-origin", kind
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], kind
        assert "unsafe" not in headers["Content-Security-Policy"], kind
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert headers["X-Request-ID"], kind
        assert (kind == "asset") or headers["Cache-Control"] == "no-store", kind
        assert "Server" not in headers and "X-Powered-By" not in headers, kind


def test_the_nonce_of_the_policy_is_another_each_time(client: PageClient) -> None:
    policies = {client.client.get("/hilfe").headers["Content-Security-Policy"] for _ in range(3)}

    assert len(policies) == 3


def test_a_body_that_is_too_large_is_refused_and_says_so(client: PageClient) -> None:
    answer = client.client.post("/anmelden", data={"email": "a" * 2_000_000})

    page = client.checked(answer, 413)
    assert page.h1


def test_too_many_fields_are_refused(client: PageClient) -> None:
    data = {f"field{number}": "x" for number in range(3000)}

    answer = client.client.post("/anmelden", data=data, content_type="multipart/form-data")

    assert answer.status_code == 413


def test_foreign_and_unknown_look_exactly_the_same(client: PageClient) -> None:
    foreign = create_draft().id
    sign_in(client, create_account())
    client.get("/antraege/")  # gives the browser its cookie

    for path in ("", "/weiter", "/pruefen", "/seite/beziehung", "/loeschen", "/formular.pdf", "/eingang"):
        answers = [client.client.get(f"/antraege/{request_id}{path}") for request_id in (foreign, UNKNOWN)]

        assert [answer.status_code for answer in answers] == [404, 404], path
        assert without_ids(answers[0].text) == without_ids(answers[1].text), path
        assert set(answers[0].headers.keys()) == set(answers[1].headers.keys()), path
