"""What happened to accounts. ``subject_id`` is the account.

Two events carry a link token: it exists only here, in memory, and in the mail made of it. Whoever stores it
(in a job) seals it.
"""

from dataclasses import dataclass, field

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountCreated(DomainEvent):
    """By an operator or on the machine, not by registration."""


@dataclass(frozen=True, kw_only=True)
class RegistrationRequested(DomainEvent):
    """Mail: confirm the address (``accounts.confirm_email``), valid for 24 hours."""

    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RegistrationForExistingAddress(DomainEvent):
    """Mail to the owner: you already have an account."""


@dataclass(frozen=True, kw_only=True)
class EmailConfirmed(DomainEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(DomainEvent):
    """Mail: choose a new password (``accounts.reset_password``), valid for 60 minutes."""

    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(DomainEvent):
    """``by_reset``: through a link sent by mail. Mail: if that was not you …"""

    by_reset: bool


@dataclass(frozen=True, kw_only=True)
class PersonalDataChanged(DomainEvent):
    """``names`` of the attributes, not their values."""

    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignedIn(DomainEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class SignedOut(DomainEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(DomainEvent):
    """By the owner, from the list of devices."""
