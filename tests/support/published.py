"""Catches what is published, without a stand-in: it reacts like everybody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from servicekonto.core.events import DomainEvent, react_to

E = TypeVar("E", bound=DomainEvent)

_catching: list["Published"] = []


class Published:
    """The events of the chosen types, in the order of their publication."""

    def __init__(self, types: tuple[type[DomainEvent], ...]) -> None:
        self._types = types
        self.events: list[DomainEvent] = []

    @staticmethod
    @contextmanager
    def of(*types: type[DomainEvent]) -> Iterator["Published"]:
        published = Published(types)
        for event_type in types:
            react_to(event_type, _remember)
        _catching.append(published)
        try:
            yield published
        finally:
            _catching.remove(published)

    def of_type(self, event_type: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, event_type)]

    def one(self, event_type: type[E]) -> E:
        (event,) = self.of_type(event_type)
        return event


def _remember(event: DomainEvent) -> None:
    for published in _catching:
        if isinstance(event, published._types):
            published.events.append(event)
