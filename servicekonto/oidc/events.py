"""What others may want to know of sign-ins to websites."""

from dataclasses import dataclass

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SecretReused(DomainEvent):
    """``kind``: ``code`` or ``refresh_token``; the subject is the grant, which is over."""

    kind: str
