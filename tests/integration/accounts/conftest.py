from collections.abc import Callable

import pytest
from argon2 import PasswordHasher


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts what Argon2 computes: "hash" or "verify", in order."""
    computed: list[str] = []
    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, _counted(getattr(PasswordHasher, name), name, computed))
    return computed


def _counted(original: Callable[..., object], name: str, computed: list[str]) -> Callable[..., object]:
    def counting(*args: object) -> object:
        computed.append(name)
        return original(*args)

    return counting
