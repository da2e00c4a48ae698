"""Authorities, places, competence and staff"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(length=5), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("opening_hours", sa.String(), nullable=True),
        sa.CheckConstraint(
            "valid_to is null or valid_from is null or valid_from < valid_to",
            name=op.f("ck_authority_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["authority.id"], name=op.f("fk_authority_parent_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("key", name=op.f("uq_authority_key")),
    )
    op.create_index(op.f("ix_authority_parent_id"), "authority", ["parent_id"], unique=False)
    op.create_table(
        "reference_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_import")),
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=False),
        sa.Column("ars", sa.String(length=12), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("official_name", sa.String(), nullable=False),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("district_key", sa.String(length=5), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("district_authority_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_ags", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "successor_ags is null or valid_to is not null", name=op.f("ck_municipality_successor_after_end")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_from is null or valid_from < valid_to",
            name=op.f("ck_municipality_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_municipality_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(
            ["district_authority_id"],
            ["authority.id"],
            name=op.f("fk_municipality_district_authority_id_authority"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality")),
        sa.UniqueConstraint("ags", name=op.f("uq_municipality_ags")),
    )
    op.create_index(op.f("ix_municipality_authority_id"), "municipality", ["authority_id"], unique=False)
    op.create_index(
        op.f("ix_municipality_district_authority_id"), "municipality", ["district_authority_id"], unique=False
    )
    op.create_index(op.f("ix_municipality_search_key"), "municipality", ["search_key"], unique=False)
    op.create_index(op.f("ix_municipality_sort_key"), "municipality", ["sort_key"], unique=False)
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("display_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_member_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_staff_member_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("account_id", name=op.f("uq_staff_member_account_id")),
    )
    op.create_index(op.f("ix_staff_member_authority_id"), "staff_member", ["authority_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_unit_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("authority_id", "key", name=op.f("uq_unit_authority_id_key")),
    )
    op.create_table(
        "competence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("certainty", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_competence_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_competence_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence")),
        sa.UniqueConstraint("municipality_id", "task", name=op.f("uq_competence_municipality_id_task")),
    )
    op.create_index(op.f("ix_competence_authority_id"), "competence", ["authority_id"], unique=False)
    op.create_table(
        "former_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_former_place_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_place")),
        sa.UniqueConstraint("name", "municipality_id", name=op.f("uq_former_place_name_municipality_id")),
    )
    op.create_index(
        op.f("ix_former_place_municipality_id"), "former_place", ["municipality_id"], unique=False
    )
    op.create_table(
        "postcode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("confidence", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_postcode_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postcode")),
        sa.UniqueConstraint("postcode", "municipality_id", name=op.f("uq_postcode_postcode_municipality_id")),
    )
    op.create_index(op.f("ix_postcode_municipality_id"), "postcode", ["municipality_id"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_member.id"], name=op.f("fk_staff_role_staff_member_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("staff_member_id", "role", name=op.f("uq_staff_role_staff_member_id_role")),
    )
    op.create_table(
        "staff_unit",
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_member.id"], name=op.f("fk_staff_unit_staff_member_id_staff_member")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_staff_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("staff_member_id", "unit_id", name=op.f("pk_staff_unit")),
    )
    op.create_index(op.f("ix_staff_unit_unit_id"), "staff_unit", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("staff_unit")
    op.drop_table("staff_role")
    op.drop_table("postcode")
    op.drop_table("former_place")
    op.drop_table("competence")
    op.drop_table("unit")
    op.drop_table("staff_member")
    op.drop_table("municipality")
    op.drop_table("reference_import")
    op.drop_table("authority")
