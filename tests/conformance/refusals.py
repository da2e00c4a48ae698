"""How an endpoint that clients call says no."""

import requests


def assert_refused(answer: requests.Response, *errors: str, status: tuple[int, ...] = (400,)) -> None:
    assert answer.status_code in status, f"{answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    body = answer.json()
    assert body["error"] in errors, body
    assert set(body) <= {"error", "error_description", "error_uri"}


def assert_client_refused(answer: requests.Response) -> None:
    """RFC 6749 § 5.2: 401 is for clients that tried the header Authorization; others get 400 or 401."""
    assert_refused(answer, "invalid_client", status=(400, 401))


def assert_token_refused(answer: requests.Response, *, status: tuple[int, ...] = (401,)) -> None:
    """By UserInfo: RFC 6750 § 3 and RFC 9449 § 7.1."""
    assert answer.status_code in status, f"{answer.status_code} {answer.text}"
    assert answer.headers["WWW-Authenticate"]
