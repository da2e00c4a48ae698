"""Consents to websites know days and no moments; since when a website is connected"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oidc_consent", sa.Column("connected_at", sa.DateTime(), nullable=True))
    given_at, withdrawn_at, made_anew = _day("given_at"), _day("withdrawn_at"), _random_id()
    op.execute(
        f"update oidc_consent set id = {made_anew}, connected_at = {given_at}, given_at = {given_at}, "  # noqa: S608
        f"withdrawn_at = {withdrawn_at}"
    )
    op.execute(
        f"update oidc_grant set created_at = {_day('created_at')} "  # noqa: S608
        "where authenticated_at is null and session_id is null"
    )
    with op.batch_alter_table("oidc_consent") as consent:
        consent.alter_column("connected_at", existing_type=sa.DateTime(), nullable=False)


def downgrade() -> None:
    """What is forgotten stays forgotten."""
    op.drop_column("oidc_consent", "connected_at")


def _day(column: str) -> str:
    if _is_postgresql():
        return f"date_trunc('day', {column})"
    return f"strftime('%Y-%m-%d 00:00:00.000000', {column})"


def _random_id() -> str:
    """In the place of one that tells when it was made; no other row refers to these."""
    return "gen_random_uuid()" if _is_postgresql() else "lower(hex(randomblob(16)))"


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
