"""Codes on paper for the day on which everything else is lost: ten of 120 random bits, each once.

They give back access, never a level.
"""

import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto import audit
from servicekonto.accounts import events, factors
from servicekonto.accounts.factor_models import FactorKind, RecoveryCode, RecoveryCodes
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.events import publish
from servicekonto.core.ids import ALPHABET, unmistakable
from servicekonto.core.sealing import blind_index

NUMBER = 10
LENGTH = 24


def make(account: Account, name: str, *, level: AssuranceLevel, at: datetime) -> RecoveryCodes:
    """A new sheet. It counts, and an older one goes, when the owner has typed one of its codes."""
    factors.assert_may_add(account, RecoveryCodes, level=level)
    for unused in factors.factors_of(account, FactorKind.RECOVERY_CODES):
        if isinstance(unused, RecoveryCodes) and unused.confirmed_at is None:
            db.session.delete(unused)
    sheet = RecoveryCodes(account=account, account_id=account.id, created_at=at, confirmed_at=None)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(NUMBER)]
    sheet.name, sheet.clear = name, codes
    sheet.codes = [RecoveryCode(code_index=_index(code), used_at=None) for code in codes]
    factors.added(sheet, account, at=at)
    return sheet


def shown(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def confirm(sheet: RecoveryCodes, account: Account, code: str, *, at: datetime) -> bool:
    """Typing one shows that the sheet was kept. That code stays good; the clear text is forgotten."""
    if unmistakable(code) not in (sheet.clear or ()):
        return False
    for older in factors.factors_of(account, FactorKind.RECOVERY_CODES):
        if older.id != sheet.id:
            db.session.delete(older)
    sheet.clear = None
    factors.confirm(sheet, account, at=at)
    return True


def redeem(account: Account, code: str, *, at: datetime) -> bool:
    """Uses it up, even of two requests at the same moment only one."""
    db.session.execute(_usable(account).order_by(RecoveryCodes.id).with_for_update())  # before its codes
    used = db.session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.code_index == _index(unmistakable(code)),
            RecoveryCode.used_at.is_(None),
            RecoveryCode.recovery_codes_id.in_(_usable(account)),
        )
        .values(used_at=at)
        .returning(RecoveryCode.recovery_codes_id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        return False
    sheet = db.session.get_one(RecoveryCodes, used)
    factors.worked(sheet, at=at)
    audit.record(
        Action.RECOVERY_CODE_USED, account.id, authority_id=None, by=account, at=at, account_id=account.id
    )
    publish(
        events.RecoveryCodeUsed(subject_id=account.id, actor_id=account.id, occurred_at=at, left=left(sheet))
    )
    return True


def left(sheet: RecoveryCodes) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.recovery_codes_id == sheet.id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _usable(account: Account) -> sa.Select[UUID]:
    return sa.select(RecoveryCodes.id).where(
        RecoveryCodes.account_id == account.id,
        RecoveryCodes.confirmed_at.is_not(None),
        RecoveryCodes.locked_at.is_(None),
    )


def _index(code: str) -> bytes:
    return blind_index("recovery_code", code)
