"""Refresh tokens, and what websites may want done with tokens

Grants are forgotten: none has told yet under which name the website knows the account. Nobody loses more than
an access token of five minutes. The registry is changed column by column: making the table anew, as SQLite
would need for a constraint, would take along what hangs on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FLAGS = ("offline_access", "introspects_all")
ALGORITHMS = (
    "userinfo_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
)


def upgrade() -> None:
    op.add_column("oidc_client", sa.Column("jwks", sa.JSON(none_as_null=True), nullable=True))
    for name in FLAGS:
        op.add_column("oidc_client", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ALGORITHMS:
        op.add_column("oidc_client", sa.Column(name, sa.String(length=40), nullable=True))
    op.execute("delete from oidc_grant")
    with op.batch_alter_table("oidc_grant") as grant:
        grant.add_column(sa.Column("sub", sa.String(length=43), nullable=False))
        grant.alter_column("authenticated_at", nullable=True, existing_type=sa.DateTime())
    op.add_column("oidc_access_token", sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True))
    _create_refresh_tokens()


def _create_refresh_tokens() -> None:
    op.create_table(
        "oidc_refresh_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("family_hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["oidc_grant.id"],
            name=op.f("fk_oidc_refresh_token_grant_id_oidc_grant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_refresh_token")),
        sa.UniqueConstraint("family_hash", name=op.f("uq_oidc_refresh_token_family_hash")),
        sa.UniqueConstraint("grant_id", name=op.f("uq_oidc_refresh_token_grant_id")),
    )
    op.create_index(op.f("ix_oidc_refresh_token_expires_at"), "oidc_refresh_token", ["expires_at"])


def downgrade() -> None:
    op.execute("delete from oidc_grant")
    op.drop_table("oidc_refresh_token")
    op.drop_column("oidc_access_token", "scopes")
    with op.batch_alter_table("oidc_grant") as grant:
        grant.alter_column("authenticated_at", nullable=False, existing_type=sa.DateTime())
        grant.drop_column("sub")
    for name in (*ALGORITHMS, *FLAGS, "jwks"):
        op.drop_column("oidc_client", name)
