"""The keys that ID tokens are signed with

Everybody may read them: the public parts are published, the private ones sealed. On PostgreSQL only the
worker and the command line write them, so that no request by HTTP can plant a key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
MAY_SIGN = "(state in ('next', 'active'))"


def upgrade() -> None:
    op.create_table(
        "oidc_signing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("private_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("activated_at", sa.DateTime(), nullable=True),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("delete_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            f"{MAY_SIGN} = (private_key_sealed is not null) and {MAY_SIGN} = (wrapped_key is not null)"
            f" and {MAY_SIGN} = (delete_at is null)",
            name=op.f("ck_oidc_signing_key_private_while_it_may_sign"),
        ),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at is not null)",
            name=op.f("ck_oidc_signing_key_revoked_has_a_time"),
        ),
        sa.CheckConstraint(
            "state not in ('active', 'retired') or activated_at is not null",
            name=op.f("ck_oidc_signing_key_signed_since_a_time"),
        ),
        sa.CheckConstraint(
            "state <> 'retired' or retired_at is not null",
            name=op.f("ck_oidc_signing_key_retired_has_a_time"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_oidc_signing_key_kid")),
    )
    for state in ("next", "active"):
        condition = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_oidc_signing_key_{state}",
            "oidc_signing_key",
            ["family"],
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    if op.get_bind().dialect.name == "postgresql":
        _only_the_system_writes()


def _only_the_system_writes() -> None:
    op.execute("alter table oidc_signing_key enable row level security")
    op.execute("alter table oidc_signing_key force row level security")
    op.execute("create policy oidc_signing_key_read on oidc_signing_key for select using (true)")
    op.execute(
        "create policy oidc_signing_key_write on oidc_signing_key"
        f" using ({EVERYTHING}) with check ({EVERYTHING})"
    )


def downgrade() -> None:
    op.drop_table("oidc_signing_key")
