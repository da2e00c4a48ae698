"""From a request to sign in somewhere else to codes, tokens and consents"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    "oidc_interaction",
    "oidc_grant",
    "oidc_authorization_code",
    "oidc_access_token",
    "oidc_consent",
)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def upgrade() -> None:
    _create_requests()
    _create_grants()


def _create_requests() -> None:
    op.create_table(
        "oidc_interaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_hash", sa.LargeBinary(), nullable=True),
        sa.Column("parameters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oidc_client.id"],
            name=op.f("fk_oidc_interaction_client_id_oidc_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_interaction")),
    )
    op.create_index(op.f("ix_oidc_interaction_expires_at"), "oidc_interaction", ["expires_at"])
    op.create_table(
        "oidc_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_oidc_consent_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oidc_client.id"],
            name=op.f("fk_oidc_consent_client_id_oidc_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_consent")),
    )
    op.create_index(op.f("ix_oidc_consent_account_id_client_id"), "oidc_consent", ["account_id", "client_id"])


def _create_grants() -> None:
    op.create_table(
        "oidc_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_oidc_grant_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oidc_client.id"],
            name=op.f("fk_oidc_grant_client_id_oidc_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_grant")),
    )
    op.create_index(op.f("ix_oidc_grant_account_id"), "oidc_grant", ["account_id"])
    op.create_index(op.f("ix_oidc_grant_created_at"), "oidc_grant", ["created_at"])
    op.create_table(
        "oidc_authorization_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("code_challenge", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["oidc_grant.id"],
            name=op.f("fk_oidc_authorization_code_grant_id_oidc_grant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_authorization_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oidc_authorization_code_code_hash")),
    )
    op.create_index(op.f("ix_oidc_authorization_code_expires_at"), "oidc_authorization_code", ["expires_at"])
    op.create_index(op.f("ix_oidc_authorization_code_grant_id"), "oidc_authorization_code", ["grant_id"])
    op.create_table(
        "oidc_access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["oidc_grant.id"],
            name=op.f("fk_oidc_access_token_grant_id_oidc_grant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oidc_access_token_token_hash")),
    )
    op.create_index(op.f("ix_oidc_access_token_expires_at"), "oidc_access_token", ["expires_at"])
    op.create_index(op.f("ix_oidc_access_token_grant_id"), "oidc_access_token", ["grant_id"])
