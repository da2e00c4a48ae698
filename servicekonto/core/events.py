"""Domain events: facts in the past tense, published inside the transaction that made them true.

An event carries identifiers, never personal data: it may be logged, counted and sent on.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """``actor_id`` is the account that clicked; None means the system itself."""

    subject_id: UUID
    actor_id: UUID | None
    occurred_at: datetime


E = TypeVar("E", bound=DomainEvent)

_reactions: dict[type[DomainEvent], list[Callable[[Any], None]]] = defaultdict(list)


def react_to(event_type: type[E], reaction: Callable[[E], None]) -> None:
    """Registering the same reaction again changes nothing."""
    if reaction not in _reactions[event_type]:
        _reactions[event_type].append(reaction)


def publish(event: DomainEvent) -> None:
    """Run the reactions now, in this transaction. A reaction enqueues work, it does not do it."""
    for reaction in _reactions[type(event)]:
        reaction(event)
