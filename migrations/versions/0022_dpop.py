"""Tokens bound to a key (DPoP), and the names of signed texts that were taken once"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "oidc_client",
        sa.Column("dpop_bound_access_tokens", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("oidc_authorization_code", sa.Column("dpop_jkt", sa.String(length=43), nullable=True))
    op.add_column("oidc_access_token", sa.Column("jkt", sa.String(length=43), nullable=True))
    op.add_column("oidc_refresh_token", sa.Column("jkt", sa.String(length=43), nullable=True))
    op.create_table(
        "oidc_jti_seen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_jti_seen")),
        sa.UniqueConstraint("jti_hash", name=op.f("uq_oidc_jti_seen_jti_hash")),
    )
    op.create_index(op.f("ix_oidc_jti_seen_expires_at"), "oidc_jti_seen", ["expires_at"])


def downgrade() -> None:
    op.drop_table("oidc_jti_seen")
    op.drop_column("oidc_refresh_token", "jkt")
    op.drop_column("oidc_access_token", "jkt")
    op.drop_column("oidc_authorization_code", "dpop_jkt")
    op.drop_column("oidc_client", "dpop_bound_access_tokens")
