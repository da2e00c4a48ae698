"""Input typed when a session ended, kept for an hour; messages can be archived and found by their sender"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
ACCOUNT = "account_id = nullif(current_setting('servicekonto.account_id', true), '')::uuid"


def upgrade() -> None:
    op.add_column("message", sa.Column("archived_at", sa.DateTime(), nullable=True))
    op.create_index(op.f("ix_message_account_id_id"), "message", ["account_id", "id"])
    op.create_index(
        op.f("ix_message_account_id_authority_id_id"), "message", ["account_id", "authority_id", "id"]
    )
    op.create_table(
        "kept_input",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_kept_input_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_input")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_input_token_hash")),
    )
    op.create_index(op.f("ix_kept_input_account_id"), "kept_input", ["account_id"])
    op.create_index(op.f("ix_kept_input_created_at"), "kept_input", ["created_at"])
    if op.get_bind().dialect.name == "postgresql":
        rule = f"{EVERYTHING} or {ACCOUNT}"
        op.execute("alter table kept_input enable row level security")
        op.execute("alter table kept_input force row level security")
        op.execute(f"create policy kept_input_scope on kept_input using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("kept_input")
    op.drop_index("ix_message_account_id_authority_id_id", "message")
    op.drop_index("ix_message_account_id_id", "message")
    op.drop_column("message", "archived_at")
