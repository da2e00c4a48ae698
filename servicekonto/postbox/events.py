"""Facts about postboxes. ``subject_id`` is the message."""

from dataclasses import dataclass
from uuid import UUID

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageProvided(DomainEvent):
    """It can be read now. Who acted is in the event of that act."""

    account_id: UUID
