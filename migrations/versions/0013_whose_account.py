"""Whose account an audit entry is about: the owner reads these entries

The owner may also cause entries without an actor (a limit that was reached at sign-in).
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
ME = "nullif(current_setting('servicekonto.account_id', true), '')::uuid"
AUTHORITY = "authority_id = nullif(current_setting('servicekonto.authority_id', true), '')::uuid"

BEFORE = ("id", "authority_id", "at", "actor_id", "action", "object_kind", "object_id")
AFTER = (*BEFORE, "account_id")
SEAL = ("sealed_at", "prev_hash", "payload_hash", "hash")


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_audit_entry_account_id_at_id"), "audit_entry", ["account_id", "at", "id"])
    _guard(AFTER)
    _policies(
        read=f"{EVERYTHING} or {AUTHORITY} or actor_id = {ME} or account_id = {ME}",
        add=f"{EVERYTHING} or actor_id = {ME} or (actor_id is null and account_id = {ME})",
    )


def downgrade() -> None:
    _policies(read=f"{EVERYTHING} or {AUTHORITY} or actor_id = {ME}", add=f"{EVERYTHING} or actor_id = {ME}")
    _guard(BEFORE)
    op.drop_index(op.f("ix_audit_entry_account_id_at_id"), table_name="audit_entry")
    op.drop_column("audit_entry", "account_id")


def _guard(fixed: tuple[str, ...]) -> None:
    """On PostgreSQL the function compares whole rows and needs no list."""
    if op.get_bind().dialect.name != "sqlite":
        return
    untouched = " and ".join(f"new.{name} is old.{name}" for name in fixed)
    same_seal = " and ".join(f"new.{name} is old.{name}" for name in SEAL)
    op.execute("drop trigger audit_entry_fixed")
    op.execute(
        f"""
        create trigger audit_entry_fixed before update on audit_entry
        when not ({untouched} and (
            (old.sealed_at is null and new.sealed_at is not null and new.hash is not null
             and new.payload is old.payload)
            or (old.sealed_at is not null and new.payload is null and {same_seal})
        ))
        begin select raise(abort, 'audit entries do not change'); end
        """
    )


def _policies(*, read: str, add: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"alter policy audit_entry_read on audit_entry using ({read})")
        op.execute(f"alter policy audit_entry_add on audit_entry with check ({add})")
