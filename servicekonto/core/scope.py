"""Row-level security, the second wall on PostgreSQL: for whom does this transaction read and write?

The policies (see ``migrations``) compare ``servicekonto.*`` settings of the transaction with the rows.
Without a scope nothing that belongs to a request is visible. SQLite knows no policies; there the
queries alone separate authorities.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa


@dataclass(frozen=True, kw_only=True)
class Scope:
    """``everything`` is for the worker and for commands on the machine, never for a request by HTTP.

    ``pool_id``: who has a place or waits for one in this pool, as ids and numbers; nothing of their requests.
    """

    everything: bool = False
    account_id: UUID | None = None
    authority_id: UUID | None = None
    pool_id: UUID | None = None


NOBODY = Scope()
SYSTEM = Scope(everything=True)

_scope: ContextVar[Scope] = ContextVar("scope", default=NOBODY)

_SET = sa.text(
    "select set_config('servicekonto.everything', :everything, true),"
    " set_config('servicekonto.account_id', :account_id, true),"
    " set_config('servicekonto.authority_id', :authority_id, true),"
    " set_config('servicekonto.pool_id', :pool_id, true)"
)
_SET_READ_ONLY = sa.text(_SET.text + ", set_config('transaction_read_only', 'on', true)")


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Everything inside runs for this scope."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def current_scope() -> Scope:
    return _scope.get()


def narrow_to(scope: Scope) -> None:
    """For the rest of the surrounding ``scoped`` block; an open transaction needs ``apply_scope`` too."""
    _scope.set(scope)


def become(account_id: UUID, connection: sa.Connection) -> None:
    """Nobody becomes the account that was just made, for the rest of the block. Every other scope stays."""
    if _scope.get() == NOBODY:
        narrow_to(Scope(account_id=account_id))
        if connection.dialect.name == "postgresql":
            apply_scope(connection)


@contextmanager
def as_account(account_id: UUID) -> Iterator[None]:
    """As ``become``, before a transaction begins and until the end of the block."""
    with scoped(Scope(account_id=account_id) if _scope.get() == NOBODY else _scope.get()):
        yield


def as_statements(scope: Scope) -> str:
    """For the first exchange of a transaction, which begins as nobody's. Ids, never what somebody sent."""
    values = {
        "everything": "on" if scope.everything else None,
        "account_id": scope.account_id,
        "authority_id": scope.authority_id,
        "pool_id": scope.pool_id,
    }
    return ";".join(f"SET LOCAL servicekonto.{name}='{value}'" for name, value in values.items() if value)


def apply_scope(connection: sa.Connection, *, read_only: bool = False) -> None:
    """Tell PostgreSQL, until the end of the transaction."""
    scope = _scope.get()
    connection.execute(
        _SET_READ_ONLY if read_only else _SET,
        {
            "everything": "on" if scope.everything else "off",
            "account_id": str(scope.account_id or ""),
            "authority_id": str(scope.authority_id or ""),
            "pool_id": str(scope.pool_id or ""),
        },
    )
