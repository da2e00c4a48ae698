from types import SimpleNamespace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from config import PROJECT_ROOT
from servicekonto.accounts import events as accounts
from servicekonto.accounts.models import Account
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.events import publish
from servicekonto.notifications import mails
from servicekonto.notifications.models import Mail
from servicekonto.notifications.reactions import NOTIFICATIONS
from servicekonto.postbox import events as postbox
from servicekonto.service_requests import events as service_requests
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account
from tests.support.client import PageClient

TOKEN = "GLo0Xw-dT9r1x_0uS6NhYb4kqJ7c2eFvA8mZpWiR3Ug"
TEMPLATES = sorted(
    path.stem for path in (PROJECT_ROOT / "templates/mails").glob("*.txt") if path.stem != "_layout"
)

OF_TASKS = {"draft_ends"}  # written by a periodic job, not because something happened


def facts(account: Account) -> dict[str, object]:
    return {"subject_id": account.id, "actor_id": None, "occurred_at": SOME_DAY}


def request_facts(account: Account) -> dict[str, object]:
    return facts(account) | {"subject_id": uuid4(), "account_id": account.id, "authority_id": None}


def mail_after(event: object) -> Mail:
    with unit_of_work():
        publish(event)  # type: ignore[arg-type]
    return db.session.scalars(sa.select(Mail)).one()


def test_a_registration_brings_the_link_that_confirms_it(client: PageClient) -> None:
    account = create_account(email="erika@example.org", confirmed_at=None)

    mail = mail_after(accounts.RegistrationRequested(**facts(account), link_token=TOKEN))  # type: ignore[arg-type]

    assert mail.to == "erika@example.org"
    assert f"\nhttp://localhost/registrieren/bestaetigen/{TOKEN}\n" in (mail.body or "")
    assert TOKEN not in mail.subject


def test_a_forgotten_password_brings_the_link_for_a_new_one() -> None:
    event = accounts.PasswordResetRequested(**facts(create_account()), link_token=TOKEN)  # type: ignore[arg-type]

    assert f"\nhttp://localhost/passwort-neu/{TOKEN}\n" in (mail_after(event).body or "")


def test_news_about_a_request_say_nothing_of_its_matter() -> None:
    account = create_account(values={"given_names": "Erika", "family_name": "Mustermann"})
    submitted = service_requests.RequestSubmitted(**request_facts(account))  # type: ignore[arg-type]

    assert says_nothing_of_the_matter(mail_after(submitted))


def test_news_in_the_postbox_lead_to_the_message_and_say_nothing_of_it() -> None:
    account = create_account(values={"given_names": "Erika", "family_name": "Mustermann"})
    provided = postbox.MessageProvided(**facts(account) | {"subject_id": uuid4(), "account_id": account.id})  # type: ignore[arg-type]

    mail = mail_after(provided)

    assert says_nothing_of_the_matter(mail)
    assert f"\nhttp://localhost/postfach/{provided.subject_id}\n" in (mail.body or "")


def says_nothing_of_the_matter(mail: Mail) -> bool:
    text = mail.subject + (mail.body or "")
    secrets = ("Erika", "Mustermann", "HE-", "urkunde", "Hanau", "@")
    return "http://localhost/" in text and not any(secret in text for secret in secrets)


def test_a_rolled_back_event_sends_nothing() -> None:
    account = create_account()

    def publish_and_break() -> None:
        with unit_of_work():
            publish(accounts.PasswordChanged(**facts(account), by_reset=False))  # type: ignore[arg-type]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_and_break()

    assert db.session.scalars(sa.select(Mail)).all() == []


def test_every_template_belongs_to_an_event_or_a_task_and_the_other_way_round() -> None:
    of_events = {each.template for notifications in NOTIFICATIONS.values() for each in notifications}
    assert sorted(of_events | OF_TASKS) == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_short_plain_text_with_links_that_stand_alone(template: str) -> None:
    times = dict.fromkeys(("deletes_at", "expires_at", "ends_at", "possible_from"), SOME_DAY)
    event = SimpleNamespace(**facts(create_account()), **times, link_token=TOKEN, left=3)

    text = mails.render(template, event=event, until=SOME_DAY, disavowal=TOKEN)

    assert 10 < len(text.subject) <= 60
    assert "Guten Tag,\n" in text.body
    assert "\n\n\n" not in text.body
    links = [line for line in text.body.splitlines() if "http" in line]
    assert links and all(link.startswith("http://localhost/") and " " not in link for link in links)
    assert "&" not in text.body


def test_links_use_the_configured_address_whatever_the_request_says(
    app: Servicekonto, client: PageClient
) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert mails.link("accounts.sign_in") == "http://localhost/anmelden"
