"""Errors the domain may raise. ``web.errors`` maps each to one HTTP answer."""

from collections.abc import Mapping


class DomainError(Exception):
    """A rule of the domain was broken; the caller can do something about it."""


class NotFoundError(DomainError):
    """It does not exist, or this actor must not learn that it exists."""


class NotAllowedError(DomainError):
    """The actor may know that it exists, but may not do this."""


class ConflictError(DomainError):
    """The state of the object forbids this now; look at it again."""


class InvalidTransitionError(ConflictError):
    def __init__(self, *, from_status: str, to_status: str) -> None:
        super().__init__(f"cannot move from {from_status} to {to_status}")
        self.from_status = from_status
        self.to_status = to_status


class StaleError(ConflictError):
    """Somebody else changed it in the meantime."""


class InvalidInputError(DomainError):
    """``errors`` maps a field name to a sentence that says what to do."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


class ThrottledError(DomainError):
    """Too many attempts. ``retry_after`` is in seconds; ``rules``: names of those that say so, if any does.

    ``passkey_works``: what was refused is signing in with a password, and a passkey does it at once.
    """

    passkey_works = False

    def __init__(self, retry_after: int, *, rules: frozenset[str] = frozenset()) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
        self.rules = rules
