"""What the audit trail says, for tests of acts."""

import sqlalchemy as sa

from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db
from servicekonto.core.scope import apply_scope


class Trail:
    """Entries written since it was made."""

    def __init__(self) -> None:
        self._known = {entry.id for entry in _entries()}

    @property
    def entries(self) -> list[AuditEntry]:
        return [entry for entry in _entries() if entry.id not in self._known]

    @property
    def actions(self) -> list[Action]:
        return [entry.action for entry in self.entries]

    @staticmethod
    def all_of(action: Action) -> list[AuditEntry]:
        """Written before, too."""
        return [entry for entry in _entries() if entry.action is action]

    def one(self, action: Action) -> AuditEntry:
        (entry,) = self.entries
        assert entry.action is action
        return entry


def _entries() -> list[AuditEntry]:
    if db.engine.dialect.name == "postgresql":
        apply_scope(db.session.connection())  # the last request has narrowed it
    return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
