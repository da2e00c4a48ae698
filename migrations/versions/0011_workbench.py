"""Saved views of the inbox, reports of acts on several requests; open requests are counted in their index"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
AUTHORITY = "authority_id = nullif(current_setting('servicekonto.authority_id', true), '')::uuid"
OPEN = "status in ('received', 'in_review', 'information_requested', 'decision_proposed', 'decided')"
KEY = ["authority_id", "unit_id", "received_at", "id"]
COUNTED = ["status", "service_key", "assignee_id"]


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        *_keys("saved_view"),
        sa.UniqueConstraint("staff_member_id", "name", name=op.f("uq_saved_view_staff_member_id_name")),
    )
    op.create_table(
        "bulk_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act", sa.Enum("assign", "close", name="bulkact", native_enum=False, length=40), nullable=False
        ),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        *_keys("bulk_report"),
    )
    op.create_index(op.f("ix_bulk_report_created_at"), "bulk_report", ["created_at"])
    _index_of_open_requests([*KEY, *COUNTED])
    if op.get_bind().dialect.name == "postgresql":
        for table in ("saved_view", "bulk_report"):
            rule = f"{EVERYTHING} or {AUTHORITY}"
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(f"create policy {table}_scope on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    _index_of_open_requests(KEY)
    op.drop_table("bulk_report")
    op.drop_table("saved_view")


def _keys(table: str) -> list[sa.Constraint]:
    targets = {"staff_member_id": "staff_member", "authority_id": "authority"}
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in targets.items()
        ),
    ]


def _index_of_open_requests(columns: list[str]) -> None:
    op.drop_index("ix_service_request_open", "service_request")
    op.create_index(
        "ix_service_request_open",
        "service_request",
        columns,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
