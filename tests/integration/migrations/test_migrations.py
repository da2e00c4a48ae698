"""Every migration, up and down, on both databases, and in the end what the models say."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from config import PROJECT_ROOT
from servicekonto.core.db import Base, db
from servicekonto.core.ids import new_id
from servicekonto.core.settings import settings
from servicekonto.operations.health import expected_head
from servicekonto.web.application import Servicekonto
from tests.conftest import application
from tests.support.databases import DatabaseUrls, sqlite_urls

REVISIONS = sorted(path.stem for path in (PROJECT_ROOT / "migrations" / "versions").glob("*.py"))
NUMBERS = [name[:4] for name in REVISIONS]

Schema = dict[str, Any]


@pytest.fixture
def empty(database_kind: str, tmp_path: Path) -> Iterator[Servicekonto]:
    """An application whose database has no tables yet."""
    app = application(_empty_database(database_kind, tmp_path))
    with app.app_context():
        yield app
        db.engine.dispose()


def _empty_database(kind: str, folder: Path) -> DatabaseUrls:
    if kind == "sqlite":
        return sqlite_urls(folder)
    from tests.support.postgres import new_database  # noqa: PLC0415 - starts the server

    return new_database()


def owner() -> sa.Engine:
    return sa.create_engine(settings().migration_database_url, poolclass=sa.NullPool)


def schema() -> Schema:
    """Tables with columns, constraints and indexes, and the policies of PostgreSQL; without the version."""
    engine = owner()
    inspector = sa.inspect(engine)
    found: Schema = {}
    for read in (
        inspector.get_multi_columns,
        inspector.get_multi_foreign_keys,
        inspector.get_multi_unique_constraints,
        inspector.get_multi_check_constraints,
        inspector.get_multi_indexes,
    ):
        for (_schema, table), things in read().items():
            if table != "alembic_version":
                found.setdefault(table, {})[read.__name__] = sorted(map(_in_words, things))
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            found["policies"] = [tuple(row) for row in connection.execute(_POLICIES)]
    return found


def _in_words(thing: Any) -> str:
    options = {name: str(value) for name, value in thing.get("dialect_options", {}).items()}
    return str({**thing, "type": str(thing.get("type")), "dialect_options": options})


_POLICIES = sa.text("select tablename, policyname, qual, with_check from pg_policies order by 1, 2")


def test_the_files_are_numbered_without_a_gap() -> None:
    assert [int(number) for number in NUMBERS] == list(range(1, len(REVISIONS) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+", name) for name in REVISIONS)


def test_each_follows_the_one_before_and_the_last_is_what_the_application_expects() -> None:
    texts = [(PROJECT_ROOT / "migrations" / "versions" / f"{name}.py").read_text() for name in REVISIONS]

    for number, before, text in zip(NUMBERS, [None, *NUMBERS], texts, strict=False):
        assert f'revision = "{number}"' in text
        assert (f'down_revision = "{before}"' if before else "down_revision = None") in text
    assert expected_head() == NUMBERS[-1]


def test_no_migration_imports_our_code() -> None:
    for name in REVISIONS:
        text = (PROJECT_ROOT / "migrations" / "versions" / f"{name}.py").read_text()
        assert "servicekonto" not in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE), name


def test_from_empty_the_migrations_make_what_the_models_say(empty: Servicekonto) -> None:
    upgrade()

    with owner().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _is_another_type})
        assert compare_metadata(context, Base.metadata) == []


def _is_another_type(
    _context: object, _column: object, _metadata: object, found: Any, wanted: Any
) -> bool | None:
    """Our own types by what they are in the database."""
    wanted = wanted.impl if isinstance(wanted, sa.TypeDecorator) else wanted
    if isinstance(wanted, sa.Enum):
        return not (isinstance(found, sa.String) and found.length == wanted.length)
    return None


def test_up_down_and_up_again_is_the_same_schema(empty: Servicekonto) -> None:
    upgrade()
    first = schema()

    downgrade(revision="base")
    assert {table for table in schema() if table != "policies"} == set()
    upgrade()

    assert schema() == first


def test_each_step_back_undoes_exactly_what_the_step_did(empty: Servicekonto) -> None:
    before: dict[str, Schema] = {}
    for number in NUMBERS:
        before[number] = schema()
        upgrade(revision=number)

    for number in reversed(NUMBERS):
        downgrade(revision="-1")
        assert schema() == before[number], f"{number} down"


def test_migrating_again_changes_nothing(empty: Servicekonto) -> None:
    upgrade()
    first = schema()

    upgrade()

    assert schema() == first


@pytest.mark.only("postgresql")
def test_every_table_of_a_request_is_behind_the_wall(empty: Servicekonto) -> None:
    upgrade()
    referring = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == "service_request" for key in table.foreign_keys)
    }

    with owner().connect() as connection:
        forced = set(
            connection.scalars(
                sa.text("select relname from pg_class where relrowsecurity and relforcerowsecurity")
            )
        )

    assert referring | {"service_request"} <= forced


def test_a_sealed_audit_entry_is_open_again_when_its_place_in_the_chain_is_gone(empty: Servicekonto) -> None:
    upgrade(revision="0014")
    with owner().begin() as connection:
        connection.execute(_AS_WORKER) if connection.dialect.name == "postgresql" else None
        connection.execute(
            _SEALED_ENTRY, {"id": new_id().hex, "at": "2026-11-29 09:00:00.000000", "hash": b"x"}
        )

    downgrade(revision="0013")
    upgrade()

    with owner().begin() as connection:
        connection.execute(_AS_WORKER) if connection.dialect.name == "postgresql" else None
        seals = connection.execute(sa.text("select sealed_at, number, hash from audit_entry")).all()
    assert [tuple(seal) for seal in seals] == [(None, None, None)]


_AS_WORKER = sa.text("select set_config('servicekonto.everything', 'on', true)")
_SEALED_ENTRY = sa.text(
    "insert into audit_entry (id, at, action, object_kind, object_id, payload, sealed_at, number, key_id,"
    " prev_hash, payload_hash, hash) values (:id, :at, 'offer.changed', 'offer', :id, '{}', :at, 1, 'k',"
    " :hash, :hash, :hash)"
)


def test_consents_that_were_there_keep_their_day_and_lose_their_moment(empty: Servicekonto) -> None:
    upgrade(revision="0023")
    moments = {"given_at": at("2026-11-20 13:37:42.123456"), "withdrawn_at": at("2026-11-22 09:00:01")}
    with owner().begin() as connection:
        connection.execute(_AS_WORKER) if connection.dialect.name == "postgresql" else None
        account, client = (_some_row(connection, table, **facts) for table, facts in _OWNERS.items())
        given = _some_row(connection, "oidc_consent", account_id=account, client_id=client, **moments)

    upgrade()

    with owner().begin() as connection:
        table = sa.Table("oidc_consent", sa.MetaData(), autoload_with=connection)
        row = connection.execute(sa.select(table)).one()
    assert row.id != given
    assert row.connected_at == row.given_at == at("2026-11-20")
    assert (row.withdrawn_at, row.last_used_at) == (at("2026-11-22"), None)


_OWNERS: dict[str, dict[str, Any]] = {
    "account": {"kind": "citizen"},
    "oidc_client": {"kind": "public", "token_endpoint_auth_method": "none", "require_pkce": True},
}


def at(text: str) -> datetime:
    """As columns hold it: UTC, and nothing that says so."""
    return datetime.fromisoformat(text)


def _some_row(connection: sa.Connection, name: str, **values: Any) -> Any:
    """With something in every column that must have it. Its id, as it is stored."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    made = dict(values)
    for column in table.columns:
        is_needed = not column.nullable and column.server_default is None
        if is_needed and column.name not in made:
            made[column.name] = _something(column)
    connection.execute(sa.insert(table), made)
    return made["id"]


def _something(column: sa.Column[Any]) -> Any:
    if column.name == "id":
        return new_id().hex if isinstance(column.type, sa.CHAR) else new_id()
    if isinstance(column.type, sa.Boolean | sa.Integer):
        return 0 if isinstance(column.type, sa.Integer) else False
    if isinstance(column.type, sa.LargeBinary):
        return column.name.encode()
    if isinstance(column.type, sa.DateTime):
        return at("2026-11-20")
    return [] if isinstance(column.type, sa.JSON) else ""
