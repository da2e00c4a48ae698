"""Proofs of documents that were handed out

On PostgreSQL everybody may read them, whoever works for somebody may add to them, nobody may change them, and
only commands on the machine may remove them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
SOMEBODY = (
    "nullif(current_setting('servicekonto.account_id', true), '') is not null"
    " or nullif(current_setting('servicekonto.authority_id', true), '') is not null"
)

POLICIES = {
    "read": "for select using (true)",
    "add": f"for insert with check ({EVERYTHING} or {SOMEBODY})",
    "remove": f"for delete using ({EVERYTHING})",
}


def upgrade() -> None:
    op.create_table(
        "document_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("sha512", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("dated", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_document_proof_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_proof")),
        sa.UniqueConstraint("code_index", name=op.f("uq_document_proof_code_index")),
    )
    op.create_index(op.f("ix_document_proof_sha512"), "document_proof", ["sha512"], unique=False)
    op.add_column("request_document", sa.Column("proof_code_sealed", sa.LargeBinary(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table document_proof enable row level security")
        op.execute("alter table document_proof force row level security")
        for name, rule in POLICIES.items():
            op.execute(f"create policy document_proof_{name} on document_proof {rule}")


def downgrade() -> None:
    op.drop_column("request_document", "proof_code_sealed")
    op.drop_table("document_proof")
