"""From a mail to what it is about, by signing in, also with a new account or password; and nowhere else."""

import re

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.requests import create_service_request
from tests.support.client import PageClient
from tests.support.page import Page

EMAIL, NEW_PASSWORD = "erika@example.org", "lampe keller tasse fahrrad"
LINK = re.compile(r"^http://localhost(/\S+)$", re.MULTILINE)


@pytest.fixture
def decided(database: None) -> ServiceRequest:
    return create_service_request(create_account(email=EMAIL), status=Status.NOTIFIED)


def path_in_mail(template: str) -> str:
    """Of the only link in the newest of these mails."""
    newest = sa.select(Mail).where(Mail.template == template).order_by(Mail.id.desc()).limit(1)
    (path,) = LINK.findall(db.session.scalars(newest).one().body or "")
    return str(path)


def message() -> Message:
    db.session.expire_all()
    return db.session.scalars(sa.select(Message)).one()


def signed_in(client: PageClient, page: Page, email: str = EMAIL, password: str = PASSWORD) -> Page:
    return client.follow(page.form("/anmelden").submit(client, email=email, password=password))


def test_the_mail_about_a_message_leads_to_it_after_signing_in(
    client: PageClient, decided: ServiceRequest
) -> None:
    path = path_in_mail("news_in_postbox")

    asked = client.follow(client.client.get(path))
    unread = message().first_read_at
    page = signed_in(client, asked)

    assert (asked.h1, unread) == ("Anmelden", None)
    assert page.path == path == f"/postfach/{message().id}"
    assert "Entscheidung: Geburtsurkunde" in page.h1
    assert message().first_read_at is not None


def test_whoever_is_signed_in_sees_it_at_once(client: PageClient, decided: ServiceRequest) -> None:
    sign_in(client, decided.account)

    assert "Entscheidung" in client.get(path_in_mail("news_in_postbox")).h1


def test_every_message_is_told_by_one_mail_that_leads_to_it(database: None) -> None:
    create_service_request(status=Status.INFORMATION_REQUESTED)

    mails = db.session.scalars(sa.select(Mail).where(Mail.template == "news_in_postbox")).all()
    assert [LINK.findall(mail.body or "") for mail in mails] == [[f"/postfach/{message().id}"]]


def test_the_link_is_of_no_use_to_somebody_else(client: PageClient, decided: ServiceRequest) -> None:
    create_account(email="jonas@example.org")

    asked = client.follow(client.client.get(path_in_mail("news_in_postbox")))
    answer = asked.form("/anmelden").submit(client, email="jonas@example.org", password=PASSWORD)

    assert client.client.get(answer.location).status_code == 404
    sign_in(client, decided.account)
    assert message().first_read_at is None


def test_a_new_password_does_not_lose_the_way(client: PageClient, decided: ServiceRequest) -> None:
    path = path_in_mail("news_in_postbox")
    client.follow(client.client.get(path))
    client.follow(client.get("/passwort-vergessen").form(0).submit(client, email=EMAIL))
    form = client.get(path_in_mail("reset_password")).form(0)

    done = client.follow(form.submit(client, new_password=NEW_PASSWORD))

    assert signed_in(client, done, password=NEW_PASSWORD).path == path


def test_a_new_account_does_not_lose_the_way(client: PageClient) -> None:
    client.follow(client.client.get("/konto/daten"))
    form = client.get("/registrieren").form(0)
    client.follow(form.submit(client, email=EMAIL, password=PASSWORD))

    done = client.follow(client.get(path_in_mail("confirm_email")).form(0).submit(client))

    assert signed_in(client, done).path == "/konto/daten"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/konto",
        "///evil.example/konto",
        "/\\evil.example/konto",
        "/%5Cevil.example/konto",
        "/konto/%2F%2Fevil.example",
        "https:evil.example/konto",
        "/konto?weiter=https://evil.example/",
        "/konto?next=//evil.example",
        "/anmelden?next=//evil.example",
    ],
)
def test_no_address_makes_signing_in_lead_elsewhere(client: PageClient, path: str) -> None:
    create_account(email=EMAIL)
    client.client.get(path)

    answer = client.get("/anmelden").form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.status_code == 303
    assert re.fullmatch(r"/konto(\?.*)?", answer.location)


@pytest.mark.parametrize(
    "referrer",
    [
        "https://evil.example/konto",
        "http://localhost//evil.example",
        "http://localhost/\\evil.example",
        "http://localhost@evil.example/konto",
        "http://localhost:80@evil.example/konto",
        "javascript:alert(1)",
        "https:evil.example",
    ],
)
def test_no_referrer_makes_signing_in_lead_elsewhere(client: PageClient, referrer: str) -> None:
    """Of a form that was sent when the session had ended."""
    create_account(email=EMAIL)
    page = client.get("/anmelden")
    token = page.form("/anmelden").values["csrf_token"][0]

    answer = client.client.post(
        "/postfach/archivieren", data={"csrf_token": token}, headers={"Referer": referrer}
    )
    assert answer.location == "/anmelden"
    answer = page.form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.location == "/konto"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:8000@evil.example"])
def test_no_host_makes_signing_in_lead_elsewhere(client: PageClient, host: str) -> None:
    answer = client.client.get("/konto", headers={"Host": host})

    assert answer.status_code >= 400 or answer.location == "/anmelden"
