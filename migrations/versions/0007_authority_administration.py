"""Audit trail, invitations of staff, mails to people without an account

Entries of the trail are only added. Triggers on both databases refuse to delete one, and to change one except
in two ways: sealing it, once (sealed_at, prev_hash, payload_hash, hash), and emptying the payload of a sealed
one, which is what retention does: the chain runs over payload_hash and stays whole. On PostgreSQL the
application's role has no right to change or delete entries at all (``migrations/env.py``).

Everybody may add entries about their own acts, and read their own and those of their authority.

Invitations have no policy: like staff, they are read before it is known for whom the transaction works. Name
and address in them are sealed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
OWN_ACT = "actor_id = nullif(current_setting('servicekonto.account_id', true), '')::uuid"
AUTHORITY = "authority_id = nullif(current_setting('servicekonto.authority_id', true), '')::uuid"

FIXED = ("id", "authority_id", "at", "actor_id", "action", "object_kind", "object_id")
SEAL = ("sealed_at", "prev_hash", "payload_hash", "hash")

_UNTOUCHED = " and ".join(f"new.{name} is old.{name}" for name in FIXED)
_SAME_SEAL = " and ".join(f"new.{name} is old.{name}" for name in SEAL)

SQLITE = (
    """
    create trigger audit_entry_stays before delete on audit_entry
    begin select raise(abort, 'audit entries are never deleted'); end
    """,
    f"""
    create trigger audit_entry_fixed before update on audit_entry
    when not ({_UNTOUCHED} and (
        (old.sealed_at is null and new.sealed_at is not null and new.hash is not null
         and new.payload is old.payload)
        or (old.sealed_at is not null and new.payload is null and {_SAME_SEAL})
    ))
    begin select raise(abort, 'audit entries do not change'); end
    """,
)

READABLE = f"{EVERYTHING} or {AUTHORITY} or {OWN_ACT}"

POSTGRESQL = (
    """
    create function audit_entry_guard() returns trigger language plpgsql as $$
    declare
        seal constant text[] := array['sealed_at', 'prev_hash', 'payload_hash', 'hash'];
    begin
        if tg_op = 'UPDATE' then
            if old.sealed_at is null and new.sealed_at is not null and new.hash is not null
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
    """,
    """
    create trigger audit_entry_guard before update or delete on audit_entry
    for each row execute function audit_entry_guard()
    """,
    "alter table audit_entry enable row level security",
    "alter table audit_entry force row level security",
    f"create policy audit_entry_read on audit_entry for select using ({READABLE})",
    f"create policy audit_entry_add on audit_entry for insert with check ({EVERYTHING} or {OWN_ACT})",
    f"create policy audit_entry_seal on audit_entry for update using ({EVERYTHING})",
    f"create policy audit_entry_go on audit_entry for delete using ({EVERYTHING})",
)


def upgrade() -> None:
    _create_audit_entry()
    _create_staff_invitation()
    with op.batch_alter_table("mail") as mail:
        mail.alter_column("account_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute("delete from mail where account_id is null")
    with op.batch_alter_table("mail") as mail:
        mail.alter_column("account_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("staff_invitation")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_entry_guard()")


def _create_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sealed_at", sa.DateTime(), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_authority_id_at_id"), "audit_entry", ["authority_id", "at", "id"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def _create_staff_invitation() -> None:
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("display_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("unit_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_staff_invitation_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint(
            "authority_id", "email_index", name=op.f("uq_staff_invitation_authority_id_email_index")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_invitation_token_hash")),
    )
