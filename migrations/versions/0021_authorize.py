"""Pushed requests, hints, single claims; what a website requires of a request"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    """Column by column: a batch makes a table anew on SQLite, which would take along what hangs on it."""
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "oidc_client": [
            _flag("require_pushed_authorization_requests"),
            sa.Column("default_max_age", sa.Integer(), nullable=True),
        ],
        "oidc_interaction": [
            sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
            _flag("is_pushed"),
            sa.Column("hinted_sub", sa.String(length=43), nullable=True),
            sa.Column("login_hint_sealed", sa.LargeBinary(), nullable=True),
            _flag("has_chosen"),
        ],
        "oidc_grant": [sa.Column("claims", sa.JSON(none_as_null=True), nullable=True)],
        "oidc_consent": [
            _list("asked_claims"),
            _list("claims"),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        ],
    }


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default="[]")
