"""A signed text counts once: whoever overheard it on the way cannot send it again."""

import hashlib
import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from servicekonto.core.db import db
from servicekonto.core.ids import new_id
from servicekonto.oidc.jti_models import SeenJti


def use(kind: str, signer: str, jti: str, *, until: datetime) -> bool:
    """False for one that was there before. One statement; of two at the same moment one wins.

    ``until``: from then on the text is refused because it is too old.
    """
    # As JSON: nothing runs into its neighbour, and any character can be encoded.
    digest = hashlib.sha256(json.dumps([kind, signer, jti]).encode("ascii")).digest()
    is_postgresql = db.session.connection().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    statement = insert(SeenJti).values(id=new_id(), jti_hash=digest, expires_at=until)
    added = db.session.execute(
        statement.on_conflict_do_nothing(index_elements=["jti_hash"]).returning(SeenJti.id)
    )
    return added.first() is not None


def purge(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(SeenJti).where(SeenJti.expires_at < at), execution_options={"synchronize_session": False}
    )
