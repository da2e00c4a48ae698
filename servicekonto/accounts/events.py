"""What happened to accounts. ``subject_id`` is the account.

Some events carry a link token: it exists only here, in memory, and in the mail made of it. Whoever stores it
(in a job) seals it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

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
class NewDevice(DomainEvent):
    """Signed in with a browser this account was not used in before. Mail with "that was not me"."""


@dataclass(frozen=True, kw_only=True)
class FactorEvent(DomainEvent):
    """``kind`` as in ``FactorKind``. Mail with "that was not me"."""

    kind: str
    factor_id: UUID


@dataclass(frozen=True, kw_only=True)
class FactorAdded(FactorEvent):
    """It was used for the first time."""


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(FactorEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class FactorLocked(FactorEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class FactorUnlocked(FactorEvent):
    """The owner, or somebody who holds it, has used it."""


@dataclass(frozen=True, kw_only=True)
class FactorGuessedAt(FactorEvent):
    """Too often in a row: it is locked. Mail, because the sign-in page says nothing of it."""


@dataclass(frozen=True, kw_only=True)
class FactorsReset(DomainEvent):
    """All second factors were removed by whoever administers the account; ``actor_id`` None: on the
    machine.
    """


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """``left``: how many are still good."""

    left: int


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(DomainEvent):
    """Mail to the new address with the link, to the old one with "that was not me". ``change_id``: the
    row. ``link_token`` None: the address belongs to another account.
    """

    change_id: UUID
    link_token: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EmailChanged(DomainEvent):
    """Mail to both addresses. ``reset_ended``: with it ended a reset of the account that was waiting."""

    change_id: UUID
    reset_ended: bool


@dataclass(frozen=True, kw_only=True)
class ResetAsked(DomainEvent):
    """Everything is lost, says somebody. Mail with the link that begins the waiting period."""

    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ResetAnnounced(DomainEvent):
    """The waiting period runs. Mail at its beginning and again before its end, with the link that stops
    it.
    """

    possible_from: datetime
    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ResetPossible(DomainEvent):
    """Mail with the link that finishes it."""

    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AccountSecured(DomainEvent):
    """The owner said that something was not them. Mail: how to get back in. ``deletion_stopped``: with it
    ended a deletion of the account that had been announced.
    """

    link_token: str = field(repr=False)
    deletion_stopped: bool


@dataclass(frozen=True, kw_only=True)
class AccountClosed(DomainEvent):
    """The owner said that something was not them, but their address belongs to another account by now. Mail
    to that address: whom to turn to.
    """

    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountReopened(DomainEvent):
    """On the machine, for whoever was identified as its owner. Mail with the link for a new password to the
    address it has now, and a notice to the one it had until now (``change_id``; None: the same).
    """

    link_token: str = field(repr=False)
    change_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class AccountTakenBack(DomainEvent):
    """By mail, without the password, by saying "that was not me", or on the machine: until now somebody else
    may have used it. Sessions are over by then; what was allowed for longer than a session ends with this.
    """


@dataclass(frozen=True, kw_only=True)
class IdentityVerified(DomainEvent):
    """A clerk saw the identity document. ``names`` of the attributes."""

    names: tuple[str, ...]


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


@dataclass(frozen=True, kw_only=True)
class SessionsOver(DomainEvent):
    """However that came: signed out here or from elsewhere, locked, run out. A new token is no end."""

    session_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class SessionReplaced(DomainEvent):
    """The same person signed in again in the same browser while still signed in."""

    session_id: UUID
    by_session_id: UUID
