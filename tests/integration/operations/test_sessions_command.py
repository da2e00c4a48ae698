"""Signing others out from the command line, when an account may be in wrong hands."""

from flask.testing import FlaskCliRunner

from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, is_signed_in, sign_in
from tests.support.client import PageClient

EMAIL = "erika.mustermann@example.org"


def run(app: Servicekonto, *arguments: str) -> tuple[int, str]:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["sessions", "end", *arguments])
    return result.exit_code, result.output


def two_people(app: Servicekonto) -> tuple[PageClient, PageClient]:
    erika, jonas = PageClient(app), PageClient(app)
    with app.app_context(), scoped(SYSTEM):
        sign_in(erika, create_account(email=EMAIL))
        sign_in(jonas, create_account(email="jonas.beispiel@example.org"))
    return erika, jonas


def test_one_account_is_signed_out_and_the_others_are_not(committed_app: Servicekonto) -> None:
    erika, jonas = two_people(committed_app)

    assert run(committed_app, "--email", EMAIL.upper()) == (0, "1 sessions ended\n")

    assert not is_signed_in(erika)
    assert is_signed_in(jonas)


def test_everybody_is_signed_out(committed_app: Servicekonto) -> None:
    people = two_people(committed_app)

    assert run(committed_app, "--everybody") == (0, "2 sessions ended\n")

    assert not any(is_signed_in(client) for client in people)


def test_who_is_meant_has_to_be_said(committed_app: Servicekonto) -> None:
    code, output = run(committed_app, "--email", "niemand@example.org")

    assert code == 1 and "no account with this address" in output
    assert run(committed_app)[0] == run(committed_app, "--email", EMAIL, "--everybody")[0] == 2
