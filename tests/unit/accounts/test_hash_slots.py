"""Hashing takes 19 MiB each time; how much memory a process needs for it depends on the number of threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from flask import Flask

from servicekonto.accounts import passwords
from servicekonto.web.application import Servicekonto

AT_ONCE = 12


def test_many_at_once_are_hashed_in_as_few_threads_as_are_configured(
    app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.install(app, concurrency=2)
    threads: set[int] = set()
    original = PasswordHasher.hash

    def remember(self: PasswordHasher, password: bytes) -> str:
        threads.add(threading.get_ident())
        return original(self, password)

    monkeypatch.setattr(PasswordHasher, "hash", remember)

    with ThreadPoolExecutor(AT_ONCE) as visitors:
        hashes = list(visitors.map(lambda _: _hash(app), range(AT_ONCE)))

    assert len(set(hashes)) == AT_ONCE
    assert 1 <= len(threads) <= 2


def _hash(app: Flask) -> str:
    with app.app_context():
        return passwords.hash_password("Sonnige-Wege-am-Main-63")
