"""The place of an audit entry in its chain, and the key it was sealed with

A seal is complete: the triggers let all of its columns be set together, once. Only the worker's scope may add
entries that are sealed already, which is what restoring a backup does. On PostgreSQL the application's role
gets the right to change exactly these columns and the payload (``migrations/env.py``).

Going back opens all seals: the numbers are gone, so the chains would be worth nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
ME = "nullif(current_setting('servicekonto.account_id', true), '')::uuid"
OWN = f"actor_id = {ME} or (actor_id is null and account_id = {ME})"

FIXED = ("id", "authority_id", "at", "actor_id", "account_id", "action", "object_kind", "object_id")
BEFORE = ("sealed_at", "prev_hash", "payload_hash", "hash")
AFTER = ("sealed_at", "number", "key_id", "prev_hash", "payload_hash", "hash")

PLATFORM = sa.text("authority_id is null")
UNSEALED = sa.text("sealed_at is null")


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("audit_entry", sa.Column("key_id", sa.String(length=32), nullable=True))
    op.create_index(
        op.f("ix_audit_entry_authority_id_number"), "audit_entry", ["authority_id", "number"], unique=True
    )
    op.create_index(
        "ix_audit_entry_platform_number",
        "audit_entry",
        ["number"],
        unique=True,
        sqlite_where=PLATFORM,
        postgresql_where=PLATFORM,
    )
    op.create_index(
        "ix_audit_entry_unsealed", "audit_entry", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED
    )
    _remove_guard()
    _guard(AFTER, needed=AFTER)
    _may_add(f"{EVERYTHING} or (sealed_at is null and ({OWN}))")


def downgrade() -> None:
    _may_add(f"{EVERYTHING} or {OWN}")
    _remove_guard()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('servicekonto.everything', 'on', true)")
    op.execute("update audit_entry set sealed_at = null, prev_hash = null, payload_hash = null, hash = null")
    for index in ("unsealed", "platform_number", "authority_id_number"):
        op.drop_index(f"ix_audit_entry_{index}", table_name="audit_entry")
    for name in ("key_id", "number"):
        op.drop_column("audit_entry", name)
    _guard(BEFORE, needed=("sealed_at", "hash"))


def _may_add(rule: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"alter policy audit_entry_add on audit_entry with check ({rule})")


def _remove_guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger audit_entry_guard on audit_entry")
    else:
        op.execute("drop trigger audit_entry_fixed")


def _guard(seal: tuple[str, ...], *, needed: tuple[str, ...]) -> None:
    complete = " and ".join(f"new.{name} is not null" for name in needed)
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql(", ".join(f"'{name}'" for name in seal), complete)
    else:
        _guard_on_sqlite(seal, complete)


def _guard_on_postgresql(seal: str, complete: str) -> None:
    op.execute(
        f"""
        create or replace function audit_entry_guard() returns trigger language plpgsql as $$
        declare
            seal constant text[] := array[{seal}];
        begin
            if tg_op = 'UPDATE' then
                if old.sealed_at is null and {complete}
                    and to_jsonb(new) - seal = to_jsonb(old) - seal then
                    return new;
                end if;
                if old.sealed_at is not null and new.payload is null
                    and to_jsonb(new) - 'payload' = to_jsonb(old) - 'payload' then
                    return new;
                end if;
            end if;
            raise exception 'audit entries neither change nor go' using errcode = 'restrict_violation';
        end $$
        """
    )
    op.execute(
        """
        create trigger audit_entry_guard before update or delete on audit_entry
        for each row execute function audit_entry_guard()
        """
    )


def _guard_on_sqlite(seal: tuple[str, ...], complete: str) -> None:
    untouched = " and ".join(f"new.{name} is old.{name}" for name in FIXED)
    same_seal = " and ".join(f"new.{name} is old.{name}" for name in seal)
    op.execute(
        f"""
        create trigger audit_entry_fixed before update on audit_entry
        when not ({untouched} and (
            (old.sealed_at is null and {complete} and new.payload is old.payload)
            or (old.sealed_at is not null and new.payload is null and {same_seal})
        ))
        begin select raise(abort, 'audit entries do not change'); end
        """
    )
