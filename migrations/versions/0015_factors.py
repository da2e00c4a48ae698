"""Second factors, sign-in history, the ways back into an account, identity documents seen at a counter"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "credential_totp",
    "credential_passkey",
    "recovery_codes",
    "recovery_code",
    "used_challenge",
    "sign_in_record",
    "known_device",
    "email_change",
    "account_reset",
    "identity_check",
)


def upgrade() -> None:
    _create_factors()
    _create_history()
    _create_ways_back()
    _add_columns()


def downgrade() -> None:
    for table, columns in (
        ("personal_attribute", ("to_confirm", "verified_at")),
        ("one_time_link", ("subject_id",)),
        ("login_session", ("level_since",)),
        ("credential_password", ("failures", "last_used_at", "locked_at")),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_factors() -> None:
    op.create_table(
        "credential_totp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("locked_at", sa.DateTime(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_credential_totp_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_totp")),
    )
    op.create_index(op.f("ix_credential_totp_account_id"), "credential_totp", ["account_id"])
    op.create_table(
        "credential_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("verifies_user", sa.Boolean(), nullable=False),
        sa.Column("is_backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("locked_at", sa.DateTime(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_credential_passkey_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_credential_passkey_credential_id")),
    )
    op.create_index(op.f("ix_credential_passkey_account_id"), "credential_passkey", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clear_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("locked_at", sa.DateTime(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_recovery_codes_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recovery_codes_id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recovery_codes_id"],
            ["recovery_codes.id"],
            name=op.f("fk_recovery_code_recovery_codes_id_recovery_codes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_index", name=op.f("uq_recovery_code_code_index")),
    )
    op.create_index(op.f("ix_recovery_code_recovery_codes_id"), "recovery_code", ["recovery_codes_id"])
    op.create_table(
        "used_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_challenge")),
        sa.UniqueConstraint("challenge_hash", name=op.f("uq_used_challenge_challenge_hash")),
    )
    op.create_index(op.f("ix_used_challenge_used_at"), "used_challenge", ["used_at"])


def _create_history() -> None:
    op.create_table(
        "sign_in_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("device", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_sign_in_record_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_record")),
    )
    op.create_index(op.f("ix_sign_in_record_account_id_at_id"), "sign_in_record", ["account_id", "at", "id"])
    op.create_index(op.f("ix_sign_in_record_at"), "sign_in_record", ["at"])
    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_known_device_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_known_device_token_hash")),
    )
    op.create_index(op.f("ix_known_device_account_id"), "known_device", ["account_id"])
    op.create_index(op.f("ix_known_device_last_seen_at"), "known_device", ["last_seen_at"])


def _create_ways_back() -> None:
    op.create_table(
        "email_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("old_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("new_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("reverted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_email_change_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_change")),
    )
    op.create_index(op.f("ix_email_change_account_id"), "email_change", ["account_id"])
    op.create_table(
        "account_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("possible_from", sa.DateTime(), nullable=False),
        sa.Column("notified", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_account_reset_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_reset")),
        sa.UniqueConstraint("account_id", name=op.f("uq_account_reset_account_id")),
    )
    op.create_index(op.f("ix_account_reset_possible_from"), "account_reset", ["possible_from"])
    op.create_table(
        "identity_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("staff_account_id", sa.Uuid(), nullable=True),
        sa.Column("document_kind", sa.String(length=40), nullable=True),
        sa.Column("names", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_identity_check_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_identity_check_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
        sa.UniqueConstraint("code_index", name=op.f("uq_identity_check_code_index")),
    )
    op.create_index(op.f("ix_identity_check_account_id"), "identity_check", ["account_id"])


def _add_columns() -> None:
    """Rows that are there get a value first; only then the column has to have one."""
    op.add_column("credential_password", sa.Column("locked_at", sa.DateTime(), nullable=True))
    op.add_column("credential_password", sa.Column("last_used_at", sa.DateTime(), nullable=True))
    op.add_column("one_time_link", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.add_column("personal_attribute", sa.Column("verified_at", sa.DateTime(), nullable=True))
    for table, column, value in (
        ("credential_password", sa.Column("failures", sa.Integer()), "0"),
        ("login_session", sa.Column("level_since", sa.DateTime()), "authenticated_at"),
        ("personal_attribute", sa.Column("to_confirm", sa.Boolean()), "false"),
    ):
        op.add_column(table, column)
        op.execute(f"update {table} set {column.name} = {value}")  # noqa: S608 - names from above
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column.name, existing_type=column.type, nullable=False)
