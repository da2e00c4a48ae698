"""What the tests of recovery do and read: mails, the links in them, a change of address."""

import re

import sqlalchemy as sa

from servicekonto.accounts.models import (
    Account,
)
from servicekonto.core.db import db
from servicekonto.notifications.models import Mail
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import sign_in
from tests.support.client import PageClient

OLD, NEW = "erika@example.org", "neu@example.org"
ANOTHER_PASSWORD = "zwölf boxkämpfer jagen viktor"


def mails_to(address: str) -> list[Mail]:
    db.session.expire_all()
    return [mail for mail in db.session.scalars(sa.select(Mail).order_by(Mail.id)) if mail.to == address]


def link_in(mail: Mail) -> str:
    found = re.findall(r"http://localhost(/\S+)", mail.body or "")
    return str(next(path for path in found if path != "/anmelden"))


def change(client: PageClient, account: Account, new: str = NEW) -> None:
    sign_in(client, account)
    client.get("/konto/email").form("/konto/email").submit(client, email=new)


def press(client: PageClient, path: str) -> int:
    return client.get(path).form(path).submit(client).status_code


def sign_in_with(email: str, password: str, app: Servicekonto, *, code: str = "") -> tuple[PageClient, int]:
    client = PageClient(app)
    answer = (
        client.get("/anmelden").form("/anmelden").submit(client, email=email, password=password, code=code)
    )
    return client, answer.status_code
