"""Consents, copies of one's own data, the end of an account, and when it was last used

Consents and copies are behind the wall. The end of an account is not: who stops it by the link in the mail is
not signed in, and the row holds ids and times only, as does the reminder.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
OWN = "account_id = nullif(current_setting('servicekonto.account_id', true), '')::uuid"
BEHIND_THE_WALL = ("consent", "data_export")


def upgrade() -> None:
    op.add_column("account", sa.Column("last_signed_in_at", sa.DateTime(), nullable=True))
    op.execute(
        "update account set last_signed_in_at ="
        " (select max(s.created_at) from login_session s where s.account_id = account.id)"
    )
    _create_consent()
    _create_data_export()
    _create_account_deletion()
    _create_inactivity_notice()
    if op.get_bind().dialect.name == "postgresql":
        for table in BEHIND_THE_WALL:
            rule = f"{EVERYTHING} or {OWN}"
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(f"create policy {table}_scope on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    for table in ("inactivity_notice", "account_deletion", "data_export", "consent"):
        op.drop_table(table)
    op.drop_column("account", "last_signed_in_at")


def _create_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_at is null or withdrawn_at >= given_at", name=op.f("ck_consent_ends_after_start")
        ),
        _of_account("consent", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_account_id_given_at"), "consent", ["account_id", "given_at"])
    _one("uq_consent_in_force", "consent", ["account_id", "purpose"], "withdrawn_at is null")


def _create_data_export() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("steps_total", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(ready_at is null) = (expires_at is null) and (ready_at is null) = (file_sealed is null)",
            name=op.f("ck_data_export_ready_is_whole"),
        ),
        _of_account("data_export", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )
    op.create_index(op.f("ix_data_export_account_id"), "data_export", ["account_id"])
    op.create_index(op.f("ix_data_export_expires_at"), "data_export", ["expires_at"])
    _one("uq_data_export_in_the_making", "data_export", ["account_id"], "ready_at is null")


def _create_account_deletion() -> None:
    op.create_table(
        "account_deletion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("deletes_at", sa.DateTime(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "stopped_at is null or deleted_at is null", name=op.f("ck_account_deletion_stopped_or_deleted")
        ),
        _of_account("account_deletion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_deletion")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_deletion_token_hash")),
    )
    op.create_index(op.f("ix_account_deletion_account_id"), "account_deletion", ["account_id"])
    _one("uq_account_deletion_not_stopped", "account_deletion", ["account_id"], "stopped_at is null")


def _create_inactivity_notice() -> None:
    op.create_table(
        "inactivity_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("counted_from", sa.DateTime(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        _of_account("inactivity_notice", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inactivity_notice")),
        sa.UniqueConstraint(
            "account_id",
            "counted_from",
            "days_before",
            name=op.f("uq_inactivity_notice_account_id_counted_from_days_before"),
        ),
    )


def _of_account(table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_account")
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete=ondelete)


def _one(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)
