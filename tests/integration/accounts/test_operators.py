from datetime import timedelta

import sqlalchemy as sa

from servicekonto.accounts import commands, queries, tasks
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.core.db import db, unit_of_work
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash
from tests.support.client import PageClient

CREATE = ["operators", "create", "--email", "betrieb@example.org"]


def test_an_operator_is_created_and_can_sign_in(app: Servicekonto, client: PageClient) -> None:
    done = app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")

    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    answer = (
        client.get("/anmelden")
        .form("/anmelden")
        .submit(client, email="betrieb@example.org", password=PASSWORD)
    )
    assert answer.status_code == 303
    account = queries.by_email("betrieb@example.org")
    assert account is not None and account.kind is AccountKind.OPERATOR


def test_it_asks_for_the_password_twice(app: Servicekonto) -> None:
    done = app.test_cli_runner().invoke(args=CREATE, input=f"{PASSWORD}\n{PASSWORD}\n")

    assert done.exit_code == 0, done.output


def test_a_weak_password_a_known_address_and_no_address_are_refused(app: Servicekonto) -> None:
    create_account(email="betrieb@example.org")
    run = app.test_cli_runner()

    weak = run.invoke(args=[*CREATE, "--password-stdin"], input="kurz\n")
    known = run.invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")
    no_address = run.invoke(args=["operators", "create", "--email", "betrieb", "--password-stdin"])

    assert "mindestens 15 Zeichen" in weak.output
    assert "exists already" in known.output
    assert "no e-mail address" in no_address.output
    assert {weak.exit_code, known.exit_code, no_address.exit_code} <= {1, 2}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 1


def test_registrations_that_nobody_confirmed_go_after_a_fortnight() -> None:
    kept = create_account()
    with unit_of_work():
        commands.register("never@example.org", encoded_hash=encoded_hash(PASSWORD), at=SOME_DAY)

    for days, expected in ((7, 2), (14, 1)):
        with unit_of_work():
            tasks.purge_old_rows(at=SOME_DAY + timedelta(days=days))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == expected
    assert queries.by_email(kept.email or "") is not None
