"""Row-level security on PostgreSQL: the second wall behind the queries

A transaction says for whom it works (``servicekonto.core.scope``); without that no row is visible. Forced,
so that it binds the owner of the tables too. SQLite has nothing like it.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('servicekonto.everything', true) = 'on'"
OWN = "account_id = nullif(current_setting('servicekonto.account_id', true), '')::uuid"
AUTHORITY = "authority_id = nullif(current_setting('servicekonto.authority_id', true), '')::uuid"

# Subqueries of a policy obey the policies of the tables they read: what belongs to a request is as
# visible as the request.
REQUEST_IS_VISIBLE = "exists (select 1 from service_request r where r.id = service_request_id)"

POLICIES = {
    "service_request": f"{EVERYTHING} or {OWN} or (status <> 'draft' and {AUTHORITY})",
    "request_event": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "service_request_name": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "decision": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "request_document": f"{EVERYTHING} or {REQUEST_IS_VISIBLE}",
    "message": f"{EVERYTHING} or {OWN} or {AUTHORITY}",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, rule in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_scope on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in POLICIES:
        op.execute(f"drop policy {table}_scope on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
