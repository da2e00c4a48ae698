from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from tests.builders.accounts import create_account, sign_in
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Argon2 computes: "hash" or "verify", in order. No transaction may be open meanwhile."""
    computed: list[str] = []
    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, _counted(getattr(PasswordHasher, name), name, computed))
    return computed


def _counted(original: Callable[..., object], name: str, computed: list[str]) -> Callable[..., object]:
    def counting(*args: object) -> object:
        computed.append(name)
        assert not db.session().in_transaction()
        return original(*args)

    return counting


@pytest.fixture
def erika() -> Account:
    return create_account(email="erika@example.org", values={"family_name": "Muster"})


@pytest.fixture
def erika_is_signed_in(client: PageClient, erika: Account) -> None:
    sign_in(client, erika)
