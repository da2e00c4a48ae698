"""Facts about requests. ``subject_id`` is the request."""

from dataclasses import dataclass
from uuid import UUID

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RequestEventPublished(DomainEvent):
    """Common to all: whose account, and which authority if it is known."""

    account_id: UUID
    authority_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class RequestSubmitted(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class RequestReceived(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class RequestTaken(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class DecisionProposed(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class ProposalReturned(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class DecisionApproved(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class RequestNotified(RequestEventPublished):
    """The decision lies in the citizen's postbox."""


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class RequestClosed(RequestEventPublished):
    """Settled without a decision."""


@dataclass(frozen=True, kw_only=True)
class CitizenWrote(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class AuthorityWrote(RequestEventPublished):
    """A message lies in the citizen's postbox."""


@dataclass(frozen=True, kw_only=True)
class InformationRequested(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class InformationProvided(RequestEventPublished):
    pass


@dataclass(frozen=True, kw_only=True)
class RequestForwarded(RequestEventPublished):
    """``authority_id`` is the authority that has it now."""


@dataclass(frozen=True, kw_only=True)
class PlaceHandedOn(RequestEventPublished):
    """Whoever waited has a place now; a message lies in the postbox."""
