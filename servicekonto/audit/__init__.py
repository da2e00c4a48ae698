"""The audit trail: who did what to which object, written in the transaction of the act."""

from servicekonto.audit.actions import Action, ObjectKind
from servicekonto.audit.commands import record

__all__ = ["Action", "ObjectKind", "record"]
