"""What a website calls somebody."""

import base64

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import NOBODY, SYSTEM, Scope, apply_scope, scoped
from servicekonto.core.settings import settings
from servicekonto.oidc.client_models import Client, PairwiseSubject, SubjectType
from servicekonto.oidc.subjects import subject_of
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.builders.clients import create_client
from tests.support.threads import at_the_same_time


def stored() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(PairwiseSubject)) or 0


def test_it_is_the_same_each_time_and_says_nothing_about_the_account(database: None) -> None:
    account, client = create_account(), create_client()

    first, second = subject_of(account, client), subject_of(account, client)

    assert first == second
    assert len(base64.urlsafe_b64decode(first + "=")) == 32
    assert str(account.id) not in first and account.id.hex not in first
    assert stored() == 1


def test_websites_of_one_sector_know_somebody_by_one_name_and_others_by_another(database: None) -> None:
    account = create_account()
    one, same = (create_client(sector_identifier="a.example.org") for _website in range(2))
    other = create_client(sector_identifier="b.example.org")

    assert subject_of(account, one) == subject_of(account, same) != subject_of(account, other)


def test_public_names_are_one_for_all_and_none_of_a_sector(database: None) -> None:
    account, pairwise = create_account(), create_client()
    public = [
        create_client(subject_type=SubjectType.PUBLIC, redirect_uris=[f"https://{host}.example.org/"])
        for host in "ab"
    ]

    assert subject_of(account, public[0]) == subject_of(account, public[1]) != subject_of(account, pairwise)


def test_two_people_have_two_names(database: None) -> None:
    client = create_client()

    assert subject_of(create_account(), client) != subject_of(create_account(), client)


def test_a_name_that_was_given_stays_when_the_key_changes(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, client = create_account(), create_client()
    before = subject_of(account, client)
    unknown = create_account()

    monkeypatch.setattr("servicekonto.oidc.subjects.derived_key", lambda _purpose: b"another key")

    assert subject_of(account, client) == before
    assert subject_of(unknown, client) != before
    assert settings().secret_key


def test_the_server_of_a_website_may_ask_without_a_session_of_the_person(database: None) -> None:
    account, client = create_account(), create_client()

    with scoped(NOBODY), unit_of_work():
        first = subject_of(account, client)
    with scoped(NOBODY), unit_of_work(read_only=True):
        assert subject_of(account, client) == first


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
def test_nobody_else_reads_what_websites_call_somebody(database: None, whose: str) -> None:
    subject_of(create_account(), create_client())
    db.session.flush()
    scope = NOBODY if whose == "nobody" else Scope(account_id=new_id())

    with scoped(scope):
        apply_scope(db.session.connection())
        assert stored() == 0
    apply_scope(db.session.connection())
    assert stored() == 1


def test_the_first_use_in_two_browsers_at_once_gives_one_name(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        account_id, client_id = create_account().id, create_client().id

    def ask(_number: int) -> str:
        with committed_app.app_context(), scoped(Scope(account_id=account_id)), unit_of_work():
            account, client = db.session.get(Account, account_id), db.session.get(Client, client_id)
            assert account is not None and client is not None
            return subject_of(account, client)

    assert len(set(at_the_same_time(ask, times=6))) == 1
    with committed_app.app_context(), scoped(SYSTEM):
        assert stored() == 1
