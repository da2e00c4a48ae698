"""A short text in place of a logo of a website"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are there already are known by their names alone."""
    op.add_column(
        "oidc_client", sa.Column("logo_text", sa.String(length=40), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("oidc_client", "logo_text")
