"""Drafts end: when somebody was reminded of one, and an index to find those that are due"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DRAFTS = sa.text("status = 'draft'")


def upgrade() -> None:
    op.add_column("service_request", sa.Column("reminded_at", sa.DateTime(), nullable=True))
    op.create_index(
        "ix_service_request_draft",
        "service_request",
        ["updated_at"],
        sqlite_where=DRAFTS,
        postgresql_where=DRAFTS,
    )


def downgrade() -> None:
    op.drop_index("ix_service_request_draft", "service_request")
    op.drop_column("service_request", "reminded_at")
