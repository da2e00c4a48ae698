"""The end of an account that has been announced is stopped. A package above knows whether there is one."""

from datetime import datetime
from typing import Protocol

from servicekonto.accounts.models import Account


class Stop(Protocol):
    """Stops what it knows of and opens what that had locked. False: nothing had been announced."""

    def __call__(self, account: Account, *, at: datetime) -> bool: ...


_stops: list[Stop] = []


def ask(stop: Stop) -> None:
    """Registering the same one again changes nothing."""
    if stop not in _stops:
        _stops.append(stop)


def stop(account: Account, *, at: datetime) -> bool:
    """Whether one had been announced."""
    stopped = [known(account, at=at) for known in _stops]
    return any(stopped)
