"""Messages about a request, questions, notes of clerks, text templates; the open ones wait for answers too"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
AUTHORITY = "authority_id = nullif(current_setting('servicekonto.authority_id', true), '')::uuid"
REQUEST_IS_VISIBLE = "exists (select 1 from service_request r where r.id = service_request_id)"

# Notes and templates have no clause for accounts: no citizen's transaction can read them, whatever it asks.
POLICIES = {
    "request_message": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "information_request": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "internal_note": f"{EVERYTHING} or {AUTHORITY}",
    "text_template": f"{EVERYTHING} or {AUTHORITY}",
}

OPEN_BEFORE = "status in ('received', 'in_review', 'decision_proposed', 'decided')"
OPEN = "status in ('received', 'in_review', 'information_requested', 'decision_proposed', 'decided')"


def upgrade() -> None:
    op.add_column("service_request", sa.Column("first_received_at", sa.DateTime(), nullable=True))
    op.add_column(
        "service_request", sa.Column("unread_count", sa.Integer(), server_default="0", nullable=False)
    )
    _index_of_open_requests(OPEN)
    op.create_table(
        "request_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_request_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        *_keys("request_message", {"authority_id": "authority", "author_id": "account"}),
    )
    op.create_index(
        op.f("ix_request_message_service_request_id_sent_at"),
        "request_message",
        ["service_request_id", "sent_at"],
    )
    op.create_table(
        "internal_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_request_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        *_keys("internal_note", {"authority_id": "authority", "author_id": "account"}),
    )
    op.create_index(
        op.f("ix_internal_note_service_request_id_written_at"),
        "internal_note",
        ["service_request_id", "written_at"],
    )
    op.create_table(
        "information_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_request_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("input_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("after_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        *_keys("information_request", {"authority_id": "authority", "asked_by_id": "account"}),
    )
    op.create_index(
        op.f("ix_information_request_service_request_id_asked_at"),
        "information_request",
        ["service_request_id", "asked_at"],
    )
    op.create_index(
        "uq_information_request_waiting",
        "information_request",
        ["service_request_id"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "text_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        *_keys("text_template", {"authority_id": "authority", "changed_by_id": "account"}, of_request=False),
        sa.UniqueConstraint("authority_id", "title", name=op.f("uq_text_template_authority_id_title")),
    )
    _protect()


def downgrade() -> None:
    for table in reversed(POLICIES):
        op.drop_table(table)
    _index_of_open_requests(OPEN_BEFORE)
    op.drop_column("service_request", "unread_count")
    op.drop_column("service_request", "first_received_at")


def _keys(table: str, columns: dict[str, str], *, of_request: bool = True) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
    if of_request:
        name = op.f(f"fk_{table}_service_request_id_service_request")
        found.append(
            sa.ForeignKeyConstraint(
                ["service_request_id"], ["service_request.id"], name=name, ondelete="CASCADE"
            )
        )
    for column, target in columns.items():
        name = op.f(f"fk_{table}_{column}_{target}")
        found.append(sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name))
    return found


def _index_of_open_requests(rule: str) -> None:
    op.drop_index("ix_service_request_open", "service_request")
    op.create_index(
        "ix_service_request_open",
        "service_request",
        ["authority_id", "unit_id", "received_at", "id"],
        sqlite_where=sa.text(rule),
        postgresql_where=sa.text(rule),
    )


def _protect() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, rule in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_scope on {table} using ({rule}) with check ({rule})")
