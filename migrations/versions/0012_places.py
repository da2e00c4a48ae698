"""Places of services of which there is only so much, and who has one or waits for one"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
REQUEST_IS_VISIBLE = "exists (select 1 from service_request r where r.id = service_request_id)"

# Whoever gives or frees a place sees the ids and numbers of this one pool, and nothing of the requests.
POOL = "pool_id = nullif(current_setting('servicekonto.pool_id', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "place_pool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_place_pool_capacity_is_a_number")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_place_pool_offer_id_offer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_pool")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_place_pool_offer_id")),
    )
    op.create_table(
        "place_allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("service_request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("allocated_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("freed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' or confirmed_at is not null",
            name=op.f("ck_place_allocation_confirmed_at_some_time"),
        ),
        sa.CheckConstraint(
            "(state = 'freed') = (freed_at is not null)", name=op.f("ck_place_allocation_freed_at_some_time")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_place_allocation_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["place_pool.id"],
            name=op.f("fk_place_allocation_pool_id_place_pool"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_request_id"],
            ["service_request.id"],
            name=op.f("fk_place_allocation_service_request_id_service_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_allocation")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_place_allocation_pool_id_number")),
        sa.UniqueConstraint("service_request_id", name=op.f("uq_place_allocation_service_request_id")),
    )
    op.create_index(op.f("ix_place_allocation_account_id"), "place_allocation", ["account_id"])
    op.create_index(
        op.f("ix_place_allocation_pool_id_state_number"), "place_allocation", ["pool_id", "state", "number"]
    )
    if op.get_bind().dialect.name == "postgresql":
        rule = f"{EVERYTHING} or {POOL} or {REQUEST_IS_VISIBLE}"
        op.execute("alter table place_allocation enable row level security")
        op.execute("alter table place_allocation force row level security")
        op.execute(
            f"create policy place_allocation_scope on place_allocation using ({rule}) with check ({rule})"
        )


def downgrade() -> None:
    op.drop_table("place_allocation")
    op.drop_table("place_pool")
