"""Giving and withdrawing consent. The history is never changed: each period is a row."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicekonto.accounts import commands as accounts
from servicekonto.accounts.models import Account
from servicekonto.audit import Action, record
from servicekonto.core.db import db
from servicekonto.data_protection.models import Consent
from servicekonto.data_protection.purposes import WORDINGS, Purpose
from servicekonto.data_protection.queries import has_consent


def give(account: Account, purpose: Purpose, *, by: Account, at: datetime) -> None:
    """Giving it again changes nothing."""
    if has_consent(account, purpose):
        return
    try:
        with db.session.begin_nested():
            db.session.add(
                Consent(
                    account_id=account.id,
                    purpose=purpose,
                    text_version=WORDINGS[purpose].version,
                    given_at=at,
                )
            )
    except IntegrityError:  # two clicks at the same moment
        return
    record(Action.CONSENT_GIVEN, account.id, authority_id=None, by=by, at=at, purpose=purpose)


def withdraw(account: Account, purpose: Purpose, *, by: Account, at: datetime) -> None:
    """And what follows from it, at once. Withdrawing it again changes nothing."""
    withdrawn = db.session.execute(
        sa.update(Consent)
        .where(Consent.account_id == account.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .returning(Consent.id)
    ).all()
    if not withdrawn:
        return
    record(Action.CONSENT_WITHDRAWN, account.id, authority_id=None, by=by, at=at, purpose=purpose)
    _AFTERWARDS[purpose](account, by, at)


def _forget_personal_data(account: Account, by: Account, at: datetime) -> None:
    accounts.forget_personal_data(account, by=by, at=at)


_AFTERWARDS: dict[Purpose, Callable[[Account, Account, datetime], None]] = {
    Purpose.PERMANENT_STORAGE: _forget_personal_data,
}
