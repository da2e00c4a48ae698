"""Signing out of websites: what they are told, where, and what became of it"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at is null")


def upgrade() -> None:
    op.add_column(
        "oidc_client",
        sa.Column("backchannel_logout_uri", sa.String(length=2000), server_default="", nullable=False),
    )
    op.add_column(
        "oidc_client",
        sa.Column(
            "backchannel_logout_session_required", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
    )
    op.add_column("oidc_grant", sa.Column("sid", sa.String(length=43), nullable=True))
    op.create_index(op.f("ix_oidc_grant_session_id"), "oidc_grant", ["session_id"])
    op.create_index(
        "ix_login_session_open",
        "login_session",
        ["authenticated_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "oidc_logout_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_row_id", sa.Uuid(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_row_id"],
            ["oidc_client.id"],
            name=op.f("fk_oidc_logout_delivery_client_row_id_oidc_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_logout_delivery")),
        sa.UniqueConstraint("client_row_id", name=op.f("uq_oidc_logout_delivery_client_row_id")),
    )


def downgrade() -> None:
    op.drop_table("oidc_logout_delivery")
    op.drop_index("ix_login_session_open", "login_session")
    op.drop_index(op.f("ix_oidc_grant_session_id"), "oidc_grant")
    op.drop_column("oidc_grant", "sid")
    op.drop_column("oidc_client", "backchannel_logout_session_required")
    op.drop_column("oidc_client", "backchannel_logout_uri")
