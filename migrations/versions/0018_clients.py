"""Websites that sign their visitors in with us, their secrets, and what they call an account

The registry is nobody's secret: the sign-in page reads it for anybody. Names of accounts are behind the wall.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
OWN = "account_id = nullif(current_setting('servicekonto.account_id', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "oidc_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("purpose_en", sa.String(length=300), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("home_page", sa.String(length=2000), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("token_endpoint_auth_method", sa.String(length=40), nullable=False),
        sa.Column("redirect_uris", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("post_logout_redirect_uris", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sector_identifier", sa.String(length=253), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("require_pkce", sa.Boolean(), nullable=False),
        sa.Column("min_level", sa.String(length=40), nullable=False),
        sa.Column("id_token_alg", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'public') = (token_endpoint_auth_method = 'none')",
            name=op.f("ck_oidc_client_secret_where_it_can_be_kept"),
        ),
        sa.CheckConstraint(
            "kind <> 'public' or require_pkce", name=op.f("ck_oidc_client_pkce_without_secret")
        ),
        sa.CheckConstraint("min_level <> 'basic'", name=op.f("ck_oidc_client_level_of_a_sign_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oidc_client_client_id")),
    )
    op.create_table(
        "oidc_client_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_row_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_characters", sa.String(length=4), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_row_id"],
            ["oidc_client.id"],
            name=op.f("fk_oidc_client_secret_client_row_id_oidc_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_client_secret")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_oidc_client_secret_secret_hash")),
    )
    op.create_index(op.f("ix_oidc_client_secret_client_row_id"), "oidc_client_secret", ["client_row_id"])
    op.create_table(
        "pairwise_subject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sector", sa.String(length=253), nullable=False),
        sa.Column("sub", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_pairwise_subject_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairwise_subject")),
        sa.UniqueConstraint("account_id", "sector", name=op.f("uq_pairwise_subject_account_id_sector")),
        sa.UniqueConstraint("sub", name=op.f("uq_pairwise_subject_sub")),
    )
    if op.get_bind().dialect.name == "postgresql":
        rule = f"{EVERYTHING} or {OWN}"
        op.execute("alter table pairwise_subject enable row level security")
        op.execute("alter table pairwise_subject force row level security")
        op.execute(
            f"create policy pairwise_subject_scope on pairwise_subject using ({rule}) with check ({rule})"
        )


def downgrade() -> None:
    for table in ("pairwise_subject", "oidc_client_secret", "oidc_client"):
        op.drop_table(table)
