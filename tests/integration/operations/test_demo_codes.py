"""A tester can sign in by hand as somebody who needs a one-time code."""

from datetime import timedelta

import time_machine

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.operations.demo import people, security
from tests.builders.accounts import PASSWORD, create_account
from tests.support.client import PageClient


def test_the_shown_code_signs_in(database: None, client: PageClient) -> None:
    operator = create_account(email=people.OPERATOR_EMAIL)
    with unit_of_work():
        security.give_totp(operator, at=clock.now())
    rows = client.get("/demo/codes").select("tbody tr")
    code = (
        next(row for row in rows if people.OPERATOR_EMAIL in row.get_text()).select(".sk-code")[0].get_text()
    )

    form = client.get("/anmelden").form("/anmelden")

    answer = form.submit(client, email=people.OPERATOR_EMAIL, password=PASSWORD, code=code)
    assert answer.status_code == 303


def test_half_a_minute_later_it_is_another(database: None, client: PageClient) -> None:
    first = client.get("/demo/codes").texts(".sk-code")
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        second = client.get("/demo/codes").texts(".sk-code")

    assert first != second
